import type { listen as Listen } from './runtime/listen.js';
import type { createUplink as CreateUplink } from './uplink/uplink.js';

export * from './core/cascade/cascade.js';
export * from './core/cascade/escalation.js';
export * from './core/cascade/policy.js';
export * from './core/cascade/profile.js';
export * from './core/cascade/settle.js';
export * from './core/cascade/stage.js';
export * from './core/clock.js';
export * from './core/errors.js';
export * from './core/events/canonical.js';
export * from './core/events/event-schema.js';
export * from './core/events/events.js';
export * from './core/events/trail-schema.js';
export * from './core/metering/meter.js';
export * from './core/metering/telemetry.js';
export * from './core/signal/frame.js';
export type { OwnRecogniser, OwnStage, OwnStagePlace } from './own/own-stage.js';
export type { CascadeInput } from './runtime/config.js';
export type { ListenOptions, OwnStages } from './runtime/listen.js';
export { inRealTime } from './runtime/replay.js';
export { Microphone } from './sources/microphone/microphone.js';
export { FileSource } from './sources/recording/file.js';
export { SerialSource } from './sources/serial/serial.js';
export { RawPcmSource } from './sources/stdin/stdin.js';
export { SupervisedSource } from './sources/supervisor.js';
export { CsvSource } from './sources/table/csv.js';
export type { UplinkDeps } from './uplink/uplink.js';

/**
 * Runs a source through its cascade on the calling thread, heavy stages included, until the source ends or
 * `signal` aborts. Schemas, stages and engines are loaded when it is called.
 * @throws CatnapError `CONFIG_INVALID` for a cascade or intents that are none; what the source or the models throw.
 */
export const listen: typeof Listen = async (options) => (await import('./runtime/listen.js')).listen(options);

/**
 * Makes the uplink of a configuration and sends on what an earlier run left in the outbox. LevelDB, providers
 * and sockets are loaded when it is called.
 * @throws CatnapError `CONFIG_INVALID` for what the schema could not see, `STATE_INVALID` when another process
 * has the state folder.
 */
export const createUplink: typeof CreateUplink = async (config, deps) =>
  (await import('./uplink/uplink.js')).createUplink(config, deps);
