import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { WordOutlook } from '../../../core/word-outlook.js';
import type { OwnWordFacts } from '../../protocol.js';
import { tellOf } from '../model/commands.js';
import type { Refused } from '../model/refusals.js';
import { house, sources } from '../model/store.js';
import { Menu } from './menu.js';
import { Refusal } from './refusal.js';
import { Takes, type Thought } from './takes.js';
import { Trial, TryButton } from './try-word.js';

/** The word that was asked about last, and what is known of it or why nothing is. */
interface Look {
  readonly thought: Thought;
  readonly found: WordOutlook | Refused;
  /** Why it is not listened for, where that was asked; null: it was not, or is. */
  readonly refused: Refused | null;
}

const outlook = signal<Look | null>(null);

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
      {outlook.value?.thought.source === source ? <Looked look={outlook.value} /> : null}
    </details>
  );
}

function Listened({ source, word }: { readonly source: string; readonly word: OwnWordFacts }) {
  const { label, say, hasTakes, accept } = word;
  return (
    <li data-word={label}>
      <b dir="auto">{say ?? label.replaceAll('_', ' ')}</b>{' '}
      <span class="muted small">
        believed from {accept.toFixed(2)}
        {hasTakes ? ', with takes' : ''}
      </span>{' '}
      <Remove source={source} word={word} />
    </li>
  );
}

interface RemoveProps {
  readonly source: string;
  readonly word: OwnWordFacts;
}

/** In two steps where more goes with it: recordings, or what else the configuration says of it. */
function Remove({ source, word }: RemoveProps) {
  const [refused, refuse] = useState<Refused | null>(null);
  const remove = async (anyway: boolean) => {
    const reply = await tellOf({ kind: 'remove-word', source, label: word.label, anyway });
    refuse(reply.type === 'refused' ? reply : null);
  };
  return (
    <>
      <RemoveButton word={word} remove={() => void remove(false)} />
      <Refusal of={refused} />
      {refused?.code !== 'WORD_IN_USE' ? null : (
        <button type="button" class="plain" onClick={() => void remove(true)}>
          Remove it and that with it
        </button>
      )}
    </>
  );
}

function RemoveButton({
  word: { label, hasTakes },
  remove,
}: {
  readonly word: OwnWordFacts;
  readonly remove: () => void;
}) {
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
        dir="auto"
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
  const reply = await tellOf({ kind: 'report-word', ...thought });
  const found = reply.type === 'refused' ? reply : reply.word;
  outlook.value = found === undefined ? null : { thought, found, refused: null };
}

async function listenFor(look: Look, anyway: boolean): Promise<void> {
  const reply = await tellOf({ kind: 'add-word', ...look.thought, anyway });
  outlook.value = reply.type === 'done' ? null : { ...look, refused: reply };
}

function Looked({ look }: { readonly look: Look }) {
  const { thought, found, refused } = look;
  const { say, ipa } = thought;
  const word = 'verdict' in found ? found : null;
  const isUnsayable = 'code' in found && found.code === 'WORD_UNSAYABLE';
  return (
    <div class="outlook" data-outlook={word?.name ?? say}>
      {'verdict' in found ? null : <Refusal of={found} />}
      {isUnsayable ? <Ways thought={thought} ways={ipa} basis="in IPA" /> : null}
      {word === null ? null : <Outlook look={look} word={word} />}
      <Refusal of={refused} />
      {word === null && !isUnsayable ? null : (
        <Takes key={`takes of ${say}`} thought={thought} isUnread={isUnsayable && ipa.length === 0} />
      )}
    </div>
  );
}

function Outlook({ look, word }: { readonly look: Look; readonly word: WordOutlook }) {
  const { thought } = look;
  const { expected, because, longer, near, verdict, name } = word;
  const isListened = house.value.words[thought.source]?.includes(name) === true;
  return (
    <>
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
        <p>“{thought.say}” is listened for.</p>
      ) : (
        <button type="button" class="plain" onClick={() => void listenFor(look, verdict === 'refuse')}>
          {verdict === 'refuse' ? 'Listen for it anyway' : 'Listen for it'}
        </button>
      )}
    </>
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
