import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { WordOutlook } from '../../../core/word-outlook.js';
import type { OwnWordFacts } from '../../protocol.js';
import { ask, replyTo } from '../model/commands.js';
import { house, sources } from '../model/store.js';
import { Menu } from './menu.js';
import { Takes, type Thought } from './takes.js';
import { Trial, TryButton } from './try-word.js';

/** What is known of the word that was asked about last; of one that nobody knows to say, no word. */
const outlook = signal<{ readonly thought: Thought; readonly word: WordOutlook | null } | null>(null);

/** Words of the owner's: those that are listened for, and a place to try what another would be. */
export function OwnWords() {
  const voices = Object.entries(house.value.ownWords);
  const [picked, pick] = useState<string | null>(null);
  const source = picked ?? voices[0]?.[0];
  if (source === undefined) return null;
  const words = house.value.ownWords[source] ?? [];
  const view = sources.value.get(source);
  return (
    <details class="card say own-words">
      <summary>
        <h2>Words of your own</h2>
      </summary>
      {voices.length < 2 ? null : (
        <label class="small">
          In{' '}
          <select value={source} onChange={({ currentTarget }) => pick(currentTarget.value)}>
            {voices.map(([name]) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {words.length === 0 ? (
        <p class="muted">None so far: any word or phrase will do, nothing is trained.</p>
      ) : null}
      <ul>
        {words.map((word) => (
          <Listened key={word.label} source={source} word={word} />
        ))}
      </ul>
      {words.length === 0 ? null : <TryButton source={source} place="words" />}
      {view === undefined ? null : <Trial view={view} place="words" />}
      <Ask source={source} />
      {outlook.value?.thought.source === source ? <Looked {...outlook.value} /> : null}
    </details>
  );
}

function Listened({ source, word }: { readonly source: string; readonly word: OwnWordFacts }) {
  const { label, say, hasTakes, accept } = word;
  return (
    <li data-word={label}>
      <b>{say ?? label.replaceAll('_', ' ')}</b>{' '}
      <span class="muted small">
        believed from {accept.toFixed(2)}
        {hasTakes ? ', with takes' : ''}
      </span>{' '}
      <Remove source={source} word={word} />
    </li>
  );
}

/** In two steps where recordings are deleted with it. */
function Remove({
  source,
  word: { label, hasTakes },
}: {
  readonly source: string;
  readonly word: OwnWordFacts;
}) {
  const remove = () => void ask({ kind: 'remove-word', source, label });
  if (hasTakes)
    return (
      <Menu name="Remove" label={`Remove ${label}`}>
        {() => (
          <button type="button" onClick={remove}>
            Remove it and the takes that were recorded of it
          </button>
        )}
      </Menu>
    );
  return (
    <button type="button" class="plain" aria-label={`Remove ${label}`} onClick={remove}>
      Remove
    </button>
  );
}

function Ask({ source }: { readonly source: string }) {
  const [isAsked, wait] = useState(false);
  return (
    <form
      class="line-form"
      onSubmit={async (event) => {
        event.preventDefault();
        const say = String(new FormData(event.currentTarget).get('say') ?? '').trim();
        if (say === '') return;
        wait(true);
        await lookAt({ source, say, ipa: [] });
        wait(false);
      }}
    >
      <input
        name="say"
        aria-label="Another word"
        placeholder="hey pumpkin"
        maxLength={60}
        autocomplete="off"
      />
      <button type="submit" class="plain" disabled={isAsked}>
        {isAsked ? '…' : 'What to expect'}
      </button>
    </form>
  );
}

async function lookAt(thought: Thought): Promise<void> {
  const word = (await replyTo({ kind: 'report-word', ...thought }))?.word;
  outlook.value = { thought, word: word ?? null };
}

function Looked({ thought, word }: { readonly thought: Thought; readonly word: WordOutlook | null }) {
  return word === null ? <Unread thought={thought} /> : <Outlook thought={thought} word={word} />;
}

/** A word of other letters, or of IPA that is none, is said in IPA or recorded. */
function Unread({ thought }: { readonly thought: Thought }) {
  const { say, ipa } = thought;
  return (
    <div class="outlook" data-outlook={say}>
      <Ways thought={thought} ways={ipa} basis="in IPA" />
      <Takes key={say} thought={{ ...thought, ipa: [] }} isUnread />
    </div>
  );
}

function Outlook({ thought, word }: { readonly thought: Thought; readonly word: WordOutlook }) {
  const { say } = thought;
  const { expected, because, longer, near, verdict, name } = word;
  const isListened = house.value.words[thought.source]?.includes(name) === true;
  const add = async () => {
    if (await ask({ kind: 'add-word', ...thought, anyway: verdict === 'refuse' })) outlook.value = null;
  };
  return (
    <div class="outlook" data-outlook={name}>
      <Ways thought={thought} ways={word.ways.map(({ ipa }) => ipa)} basis={bases(word)} />
      <p>
        Expect {Math.round(100 * expected.missedShare)} of 100 missed and {expected.falseAcceptsPerHour} false
        accepts an hour of talk <span class="muted small">({expected.basis})</span>
      </p>
      <ul class="small">
        {because.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        <Sounds like={near.everyday} what="everyday speech, which may wake it" />
        <Sounds like={near.own} what="what is listened for, and may be taken for it" />
      </ul>
      {longer.length === 0 ? null : (
        <p class="small">
          Better:{' '}
          {longer.map((phrase) => (
            <button
              type="button"
              class="plain"
              key={phrase}
              onClick={() => void lookAt({ ...thought, say: phrase, ipa: [] })}
            >
              {phrase}
            </button>
          ))}
        </p>
      )}
      {isListened ? (
        <p>“{say}” is listened for.</p>
      ) : (
        <button type="button" class="plain" onClick={() => void add()}>
          {verdict === 'refuse' ? 'Listen for it anyway' : 'Listen for it'}
        </button>
      )}
      <Takes key={say} thought={thought} />
    </div>
  );
}

/** How it is said, one way a line, to be corrected. */
function Ways({
  thought,
  ways,
  basis,
}: {
  readonly thought: Thought;
  readonly ways: readonly string[];
  readonly basis: string;
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const text = String(new FormData(event.currentTarget).get('ipa') ?? '');
        const ipa = text.split('\n').map((line) => line.trim());
        void lookAt({ ...thought, ipa: ipa.filter((line) => line !== '') });
      }}
    >
      <label>
        “{thought.say}” is said <span class="muted small">({basis})</span>
        <textarea
          key={ways.join()}
          name="ipa"
          rows={Math.min(8, Math.max(1, ways.length))}
          spellcheck={false}
          defaultValue={ways.join('\n')}
        />
      </label>
      <button type="submit" class="plain">
        Said so
      </button>
    </form>
  );
}

function bases({ ways }: WordOutlook): string {
  return [...new Set(ways.map(({ basis }) => basis))].join(', ');
}

function Sounds({
  like,
  what,
}: {
  readonly like: readonly { readonly text: string }[];
  readonly what: string;
}) {
  if (like.length === 0) return null;
  return (
    <li>
      sounds like {like.map(({ text }) => `“${text}”`).join(', ')} of {what}
    </li>
  );
}
