import type { listen as Listen } from './runtime/listen.js';
import type { runCatnap } from './runtime/main.js';
import type { replay as Replay } from './runtime/replay.js';

export type { ActionEdges, ActionPlace, ActionRequest, Plan } from './actions/action-kind.js';
export type { OwnAction } from './actions/module.js';
export type { CascadePlace } from './core/cascade/assembly.js';
export type { Clip, Escalation, SpeechStart } from './core/cascade/escalation.js';
export type { Settle, Settlement } from './core/cascade/settle.js';
export type {
  Abstention,
  Contribution,
  Decision,
  Judgement,
  Recogniser,
  Recognition,
  Stage,
  Window,
} from './core/cascade/stage.js';
export { type Clock, neverTimer, type Time, type Timer } from './core/clock.js';
export { CatnapError, ERRORS, type ErrorCode, type ErrorEntry, EXIT, exitCodeOf } from './core/errors.js';
export { canonicalLine } from './core/events/canonical.js';
export type {
  CascadeEvent,
  CascadeEventType,
  Cost,
  EnergyBasis,
  EventOf,
  Reason,
  Sink,
  TrailEntry,
} from './core/events/events.js';
export { type Meter, nullMeter, type PowerModel, type StageMeter } from './core/metering/meter.js';
export type { StageCounters, StageDescription, Telemetry, Totals } from './core/metering/telemetry.js';
export type {
  ChannelFormat,
  Frame,
  Gap,
  GapReason,
  Patience,
  SignalFormat,
  SignalTraits,
  Source,
  SourceItem,
} from './core/signal/frame.js';
export type { Thresholds } from './core/thresholds.js';
export type { OwnSink } from './events/module-kind.js';
export type { SinkEdges, SinkPlace } from './events/sink-kind.js';
export type { OwnRecogniser, OwnStage, OwnStagePlace } from './own/own-stage.js';
export type { CascadeInput, Config, IntentsInput } from './runtime/config.js';
export type { ListenOptions, OwnStages } from './runtime/listen.js';
export type { MainOptions } from './runtime/main.js';
export { systemClock, systemTime, systemTimer } from './runtime/process/system-clock.js';
export { inRealTime, type ReplayOptions } from './runtime/replay.js';
export { Microphone, type MicrophoneOptions } from './sources/microphone/microphone.js';
export type { OwnSource, OwnSourcePlace } from './sources/module/kind.js';
export { type FileOptions, FileSource } from './sources/recording/file.js';
export { type IntentMatch, IntentMatcher } from './voice/intents/matcher.js';

/**
 * Runs a source through its cascade on the calling thread, heavy stages included, until the source ends or
 * `signal` aborts. Schemas, stages and engines are loaded when it is called.
 * @throws CatnapError `CONFIG_INVALID` for a cascade or intents that are none; what the source or the models throw.
 */
export const listen: typeof Listen = async (options) => (await import('./runtime/listen.js')).listen(options);

/**
 * Runs a whole configuration, as `catnap run` does: a worker thread a source, the heavy process, uplink, actions and
 * dashboard; until its recordings are over, a source fails for good, or a signal asks the process to end.
 * @returns the exit code; what kept it from starting is thrown.
 */
export const run: typeof runCatnap = async (options) =>
  (await import('./runtime/main.js')).runCatnap(options);

/**
 * Reads and checks a configuration file, for {@link run}.
 * @throws CatnapError `CONFIG_INVALID` with all issues, each with line and path; `CONFIG_UNREADABLE`.
 */
export async function loadConfig(
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<import('./runtime/config.js').Config> {
  return (await import('./config/load.js')).loadConfig(file, env);
}

/**
 * Runs a recording through a cascade as fast as it goes: the same events, byte for byte, every time.
 * @throws CatnapError what the source or the models throw.
 */
export const replay: typeof Replay = async (options) => (await import('./runtime/replay.js')).replay(options);
