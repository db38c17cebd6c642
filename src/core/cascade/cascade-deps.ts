import type { Clock, Timer } from '../clock.js';
import type { CascadeEvent } from '../events/events.js';
import type { Meter } from '../metering/meter.js';
import type { Telemetry } from '../metering/telemetry.js';
import type { SignalTraits } from '../signal/frame.js';
import type { Company } from './arbiter.js';
import type { ClipKeeping, Escalation, SpeechStreams } from './escalation.js';
import type { CascadeProfile } from './profile.js';
import type { Settle } from './settle.js';
import type { Recogniser, Stage } from './stage.js';

/** What follows a detection: how long it is heard, by what it is understood, and what becomes of it. */
export interface Sequel {
  readonly profile: Pick<CascadeProfile, 'followup' | 'policy' | 'clip' | 'priority'>;
  /** Turns an utterance into words; null: none is understood here. */
  readonly recogniser: Recogniser | null;
  readonly settle: Settle;
}

/** What a cascade is made of. Everything that touches the world comes in here. */
export interface CascadeDeps {
  readonly source: string;
  /** Identifies this run of the process in event blocks and idempotency keys. */
  readonly run: string;
  /** Always on; given every hop the gate lets through. */
  readonly tiny: Stage;
  /** Asleep until woken; null: tiny is believed alone. */
  readonly heavy: Stage | null;
  /** Turns an utterance into words; null: none is understood here. */
  readonly recogniser: Recogniser | null;
  /** Tells speech from other sounds, for the end of an utterance; null, or while it abstains: by level. */
  readonly endpointer: Stage | null;
  /** Told of every hop that the gate lets through, whether somebody speaks; left out where the level alone opens it. */
  readonly speech?: Stage | null;
  readonly settle: Settle;
  /** By label: what follows those that lead elsewhere; what follows others, or all without it, is the cascade's own. */
  readonly sequels?: ReadonlyMap<string, Sequel>;
  readonly uplink: {
    prepare(): void;
    offer(escalation: Escalation): void;
    /** Left out where speech is not to leave before it is over. */
    readonly speechStreams?: SpeechStreams;
  };
  /** Prefix of the ids of events and detections: the source, with `~2` and so on after a restart of its worker. */
  readonly ids: string;
  /** Names of the other sources that verified something close to a monotonic time. */
  readonly otherSources: (atMs: number) => readonly string[];
  /** True while the cloud cannot be asked. */
  readonly cloudAway: () => boolean;
  /** Who else may hear the same order; null: nobody. */
  readonly company: Company | null;
  /** Where clips of what was heard go, once that is decided; left out where none are kept. */
  readonly clips?: ClipKeeping;
  readonly emit: (event: CascadeEvent) => void;
  /** Takes readings for the page and the metrics; null where there are none. */
  readonly telemetry: ((reading: Telemetry) => void) | null;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly timer: Timer;
}

/** How a cascade behaves, the same for every signal or as its rate asks for. */
export type ProfileOf = CascadeProfile | ((signal: SignalTraits) => CascadeProfile);

/** What listens for something and verifies it. */
export type Listening = Pick<CascadeDeps, 'tiny' | 'heavy'>;
