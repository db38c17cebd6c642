import { useState } from 'preact/hooks';
import { tellOf } from '../model/commands.js';
import { canRecord, recordTake } from '../model/recorder.js';
import { refusalText } from '../model/refusals.js';
import { house } from '../model/store.js';

/** A word that is thought of, and how it is said where that was edited. */
export interface Thought {
  readonly source: string;
  readonly say: string;
  readonly ipa: readonly string[];
}

interface TakesOf {
  readonly thought: Thought;
  /** Nobody knows to say it as it is spelt, so that only its takes can. */
  readonly isUnread?: boolean;
}

/** Recordings of a word by the browser's microphone; they stay on the device. */
export function Takes(of: TakesOf) {
  const { thought } = of;
  if (canRecord()) return <Recorder {...of} />;
  return (
    <p class="muted small">
      Takes of it would help. A browser gives its microphone only to a page from localhost or over https:
      here, <code>catnap words record "{thought.say}"</code> on the device records them.
    </p>
  );
}

function Recorder({ thought, isUnread = false }: TakesOf) {
  const { source, say } = thought;
  const [count, setCount] = useState(0);
  const [told, tell] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [isSpelt, setSpelt] = useState(!isUnread);
  const busily = async (work: () => Promise<void>) => {
    setBusy(true);
    await work().catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)));
    setBusy(false);
  };
  const record = async () => {
    tell('Say it now, once.');
    const pcm = await recordTake();
    tell('Listening to it…');
    const reply = await tellOf({ kind: 'take', source, say, isFirst: count === 0, pcm });
    tell(reply.type === 'done' ? reply.detail : refusalText(reply));
    if (reply.type === 'done') setCount(reply.takes ?? 0);
  };
  const keep = async () => {
    tell('Judging them…');
    const reply = await tellOf({ kind: 'keep-takes', ...thought, isSpelt });
    tell(reply.type === 'done' ? reply.detail : refusalText(reply));
    if (reply.type === 'done') setCount(0);
  };
  const { fewest, most } = house.value.takes;
  const isFull = count === most;
  return (
    <div class="takes">
      <p class="small">
        Takes help: record it {fewest} to {most} times. They stay on the device.
      </p>
      <p class="what-if-buttons">
        <Do what={`Record take ${count + 1}`} isOff={isBusy || isFull} work={() => busily(record)} />
        <Do
          what={`Listen for it by ${count} takes`}
          isOff={isBusy || count < fewest}
          work={() => busily(keep)}
        />
      </p>
      <label class="small">
        <input
          type="checkbox"
          checked={!isSpelt}
          disabled={isUnread}
          onChange={({ currentTarget }) => setSpelt(!currentTarget.checked)}
        />
        by the takes alone: it is not said as it is spelt
      </label>
      <output class="small">{told}</output>
    </div>
  );
}

function Do({
  what,
  isOff,
  work,
}: {
  readonly what: string;
  readonly isOff: boolean;
  readonly work: () => Promise<void>;
}) {
  return (
    <button type="button" class="plain" disabled={isOff} onClick={() => void work()}>
      {what}
    </button>
  );
}
