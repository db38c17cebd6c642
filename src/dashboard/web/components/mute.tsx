import { ask } from '../model/commands.js';
import { timeOfDay } from '../model/format.js';
import { muted, sources } from '../model/store.js';
import { Menu } from './menu.js';
import { Pill } from './pill.js';

const DURATIONS = [
  { name: '5 minutes', forMs: 5 * 60_000 },
  { name: '1 hour', forMs: 3_600_000 },
  { name: 'Until I say', forMs: null },
] as const;

/** Whether a source is muted, and what mutes or unmutes it. */
export function MuteControl({ source }: { readonly source: string }) {
  const mute = muted.value.get(source);
  if (mute !== undefined) {
    return (
      <button type="button" class="plain" onClick={() => void ask({ kind: 'unmute', source })}>
        Listen again
      </button>
    );
  }
  return (
    <Menu name="Mute" label={`Mute ${source}`}>
      {(close) => <Durations source={source} close={close} />}
    </Menu>
  );
}

/** Mutes or unmutes every source. */
export function MuteAll() {
  const ids = [...sources.value.keys()];
  if (ids.length < 2) return null;
  if (ids.every((id) => muted.value.has(id))) {
    return (
      <button type="button" class="plain" onClick={() => void ask({ kind: 'unmute', source: null })}>
        Listen again
      </button>
    );
  }
  return (
    <Menu name="Mute all" label="Mute all sources">
      {(close) => <Durations source={null} close={close} />}
    </Menu>
  );
}

function Durations({ source, close }: { readonly source: string | null; readonly close: () => void }) {
  return (
    <>
      {DURATIONS.map(({ name, forMs }) => (
        <button
          type="button"
          key={name}
          onClick={() => {
            close();
            void ask({ kind: 'mute', source, forMs });
          }}
        >
          {name}
        </button>
      ))}
    </>
  );
}

/** That a source is muted, until when and by whom. */
export function MutedPill({ source }: { readonly source: string }) {
  const mute = muted.value.get(source);
  if (mute === undefined) return null;
  const { until, by } = mute;
  const text = until === null ? 'Muted until you say' : `Muted until ${timeOfDay(until).slice(0, 5)}`;
  return <Pill tone="quiet" text={text} hint={`Nothing of it is listened to or kept. Asked for by ${by}`} />;
}
