import { signal } from '@preact/signals';
import { ask } from '../model/commands.js';
import type { DetectionView } from '../model/detection.js';
import { sources } from '../model/store.js';
import { LineForm } from './line-form.js';

/** What is being typed about which detection. */
interface Writing {
  readonly key: string;
  readonly about: 'was' | 'name' | 'rename';
}

const writing = signal<Writing | null>(null);

/** What heavy calls a fault that nobody has named. */
const UNNAMED = 'anomaly';

/** Says whether a detection was right or wrong, and names its fault. */
export function Judgement({ detection }: { readonly detection: DetectionView }) {
  const { key, labelled } = detection;
  const about = writing.value?.key === key ? writing.value.about : null;
  return (
    <div class="judgement">
      {labelled === null ? (
        <span class="muted small">
          {detection.outcome === 'near-miss' ? `Was it ${detection.label}?` : 'Was it right?'}
        </span>
      ) : (
        <span class="small" title={`Said by ${labelled.by}`}>
          {labelled.verdict === 'right' ? 'Right' : 'Wrong'}
          {labelled.was === null ? '' : `: ${labelled.was}`}
        </span>
      )}
      <button
        type="button"
        class="plain"
        aria-pressed={labelled?.verdict === 'right'}
        onClick={() => void ask({ kind: 'label', detection: key, verdict: 'right', was: null })}
      >
        Right
      </button>
      <button
        type="button"
        class="plain"
        aria-pressed={labelled?.verdict === 'wrong'}
        onClick={() => {
          void ask({ kind: 'label', detection: key, verdict: 'wrong', was: null });
          writing.value = { key, about: 'was' };
        }}
      >
        Wrong
      </button>
      {isFault(detection) ? <FaultButtons detection={detection} /> : null}
      {about === null ? null : <Line detection={detection} about={about} />}
    </div>
  );
}

/** Whether it is a sensor's, and was confirmed. */
function isFault({ source, startMs }: DetectionView): boolean {
  return startMs !== null && sources.value.get(source)?.description?.kind === 'sensor';
}

function FaultButtons({ detection: { key, label, source } }: { readonly detection: DetectionView }) {
  if (label === UNNAMED) {
    return (
      <button
        type="button"
        class="plain"
        onClick={() => {
          writing.value = { key, about: 'name' };
        }}
      >
        Name this fault
      </button>
    );
  }
  return (
    <>
      <button
        type="button"
        class="plain"
        onClick={() => {
          writing.value = { key, about: 'rename' };
        }}
      >
        Rename
      </button>
      <button
        type="button"
        class="plain"
        title="It is an unknown fault when it comes again"
        onClick={() => void ask({ kind: 'forget-fault', source, name: label })}
      >
        Forget
      </button>
    </>
  );
}

const ASKED = {
  was: { name: 'What was it?', hint: 'television, nothing at all, …' },
  name: { name: 'Name of this fault', hint: 'closed valve' },
  rename: { name: 'New name of this fault', hint: 'closed valve' },
} as const;

/** One line to type in; nothing typed is nothing asked. */
function Line({ detection, about }: { readonly detection: DetectionView; readonly about: Writing['about'] }) {
  const { name, hint } = ASKED[about];
  return (
    <LineForm
      name={name}
      hint={hint}
      onText={(text) => {
        writing.value = null;
        if (text !== '') void ask(commandOf(detection, about, text));
      }}
    />
  );
}

function commandOf({ key, source, label }: DetectionView, about: Writing['about'], text: string) {
  switch (about) {
    case 'was':
      return { kind: 'label', detection: key, verdict: 'wrong', was: text } as const;
    case 'name':
      return { kind: 'name-fault', detection: key, name: text } as const;
    case 'rename':
      return { kind: 'rename-fault', source, from: label, to: text } as const;
  }
}
