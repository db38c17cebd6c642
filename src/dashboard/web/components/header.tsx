import { callMe, visitorName } from '../model/commands.js';
import { connection, health, house, overallHealth } from '../model/store.js';
import { theme, toggleTheme } from '../model/theme.js';
import { MuteAll } from './mute.js';
import { OfflineSwitch } from './offline.js';
import { Pill } from './pill.js';

/** Name, connection, health, theme. */
export function Header() {
  return (
    <header class="top">
      <img src="./favicon.svg" alt="" width="30" height="30" />
      <h1>{house.value.device === '' ? 'Catnap' : house.value.device}</h1>
      <span class="spacer" />
      <OfflineSwitch />
      <MuteAll />
      {connection.value === 'live' ? <HealthMenu /> : <ConnectionPill />}
      <button
        type="button"
        class="icon"
        onClick={toggleTheme}
        aria-label={theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
        title={theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
      >
        {theme.value === 'dark' ? <SunIcon /> : <MoonIcon />}
      </button>
    </header>
  );
}

function ConnectionPill() {
  return connection.value === 'lost' ? (
    <Pill tone="bad" text="Connection lost, trying again" />
  ) : (
    <Pill tone="quiet" text="Connecting" />
  );
}

const OVERALL = {
  ok: { tone: 'good', text: 'All well' },
  degraded: { tone: 'alert', text: 'Degraded' },
  down: { tone: 'bad', text: 'Something is down' },
} as const;

const TONES = { ok: 'good', degraded: 'alert', down: 'bad' } as const;

function HealthMenu() {
  const { tone, text } = OVERALL[overallHealth.value];
  const components = [...health.value.values()].toSorted((left, right) =>
    left.component.localeCompare(right.component),
  );
  return (
    <details class="health">
      <summary>
        <Pill tone={tone} text={text} />
      </summary>
      <div class="popover card">
        {components.length === 0 ? <p class="muted">Nothing has complained so far.</p> : null}
        {components.map((event) => (
          <div class="health-row" key={event.component}>
            <span
              class={`dot tone-${event.code === 'OK' && event.state !== 'ok' ? 'quiet' : TONES[event.state]}`}
            />
            <span>{event.component}</span>
            <span class="muted">{event.state === 'ok' ? 'ok' : `${event.state}: ${event.detail}`}</span>
          </div>
        ))}
        <label class="visitor muted small">
          Your name in the journal
          <input
            value={visitorName.value}
            maxLength={40}
            placeholder="nobody in particular"
            onInput={({ currentTarget }) => callMe(currentTarget.value)}
          />
        </label>
      </div>
    </details>
  );
}

function SunIcon() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <circle cx="10" cy="10" r="3.6" fill="currentColor" />
      <path
        d="M10 1.500v2.500M10 16v2.500M1.500 10H4M16 10h2.500M4 4l1.800 1.800M14.200 14.200 16 16M4 16l1.800-1.800M14.200 5.800 16 4"
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linecap="round"
      />
    </svg>
  );
}

function MoonIcon() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <path d="M16.500 12.300A7 7 0 0 1 7.700 3.500a7 7 0 1 0 8.800 8.800z" fill="currentColor" />
    </svg>
  );
}
