import type { MessagePort } from 'node:worker_threads';
import type { HeardWord } from '../../core/cascade/arbiter.js';
import type { Clip, Escalation, SpeechStart } from '../../core/cascade/escalation.js';
import type { ErrorCode } from '../../core/errors.js';
import type { CascadeEvent } from '../../core/events/events.js';
import type { PowerModel } from '../../core/metering/meter.js';
import type { Telemetry } from '../../core/metering/telemetry.js';
import type { Passage } from '../../egress/way-out.js';
import type { HeavyThreadEdge } from '../heavy/heavy-host.js';

/** What the main thread gives whoever serves a source when that starts. */
export interface WorkerStart {
  /** Serialisable description of the source and its cascade; the worker's factory understands it. */
  readonly spec: unknown;
  /** Identifies the run of the process in events and idempotency keys. */
  readonly run: string;
  /** What ids of events and detections begin with: the source, and from its second start on which one it is. */
  readonly ids: string;
  /**
   * When the worker before this one was last heard of, on the monotonic clock of the process; null at the
   * first start.
   */
  readonly heardAtMs: number | null;
  /** Where the heavy process is asked; null: there is none. */
  readonly heavy: MessagePort | null;
}

/** What the main thread has a worker thread serve from now on, and where that is told and asked. */
export type WorkerSeat =
  | { readonly kind: 'source'; readonly start: WorkerStart; readonly port: MessagePort }
  /** The heavy process, of all sources. */
  | { readonly kind: 'heavy'; readonly edge: HeavyThreadEdge | null; readonly port: MessagePort };

/** What a source's cascade puts out. */
export type WorkerOutput =
  | { readonly kind: 'event'; readonly event: CascadeEvent }
  | { readonly kind: 'telemetry'; readonly reading: Telemetry }
  | { readonly kind: 'escalation'; readonly escalation: Escalation }
  /** What was heard of a detection, to be kept. */
  | { readonly kind: 'clip'; readonly key: string; readonly clip: Clip }
  /** Something left the device from the worker. */
  | { readonly kind: 'left'; readonly passage: Passage }
  /** An escalation may follow soon. */
  | { readonly kind: 'prepare' }
  /** Speech that may stream while it is being said. */
  | { readonly kind: 'speech'; readonly start: SpeechStart }
  | { readonly kind: 'speech-samples'; readonly key: string; readonly pcm: Int16Array }
  | { readonly kind: 'speech-abandoned'; readonly key: string }
  /** A word was verified that other sources may have heard, too. */
  | { readonly kind: 'word'; readonly word: HeardWord }
  /** May a detection be acted on here? Answered by `claimed`. */
  | { readonly kind: 'claim'; readonly detection: string };

/** What a source's worker tells the main thread, in batches. */
export type WorkerReport =
  | WorkerOutput
  /** The line to the heavy process ended, and another is wanted; answered by `heavy`. */
  | { readonly kind: 'heavy-lost' }
  /** The worker's thread is alive. */
  | { readonly kind: 'beat' }
  /** Order `id` was done, or why it was not. */
  | { readonly kind: 'answered'; readonly id: number; readonly refusal: string | null }
  /** The pipeline stands: models are loaded, the source is opened. */
  | { readonly kind: 'running' }
  /** The recording is over, or the worker did what `stop` asked. */
  | { readonly kind: 'ended' }
  /** Nothing a restart would mend. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  /** It failed by itself; the thread goes on. */
  | { readonly kind: 'crashed'; readonly message: string };

/** What the main thread tells a source's worker. */
export type WorkerOrder =
  | { readonly kind: 'stop' }
  /** Memory is short: give back what can be loaded again. */
  | { readonly kind: 'shed' }
  /** Text for the source's board; answered under the same id. */
  | { readonly kind: 'command'; readonly id: number; readonly text: string }
  /** Where the heavy process is asked from now on. */
  | { readonly kind: 'heavy'; readonly port: MessagePort }
  /** Words to listen for from now on, as a plan that the worker's factory understands; answered under the same id. */
  | { readonly kind: 'exchange'; readonly id: number; readonly plan: unknown }
  /** What CPU time costs from now on. */
  | { readonly kind: 'power'; readonly power: PowerModel }
  /** Another source verified something just now. */
  | { readonly kind: 'verified-elsewhere'; readonly source: string }
  /** Whether a detection is this source's to act on. */
  | { readonly kind: 'claimed'; readonly detection: string; readonly isMine: boolean }
  /** The cloud went away, or is back. */
  | { readonly kind: 'cloud'; readonly isAway: boolean }
  /** The source is not to be listened to, or again. */
  | { readonly kind: 'mute'; readonly isOn: boolean };
