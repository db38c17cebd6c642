/** `catnap/uplink`: the way to a cloud by itself, and what a provider of one's own is made of. */
import type { createUplink as CreateUplink } from '../uplink/uplink.js';

export type { Escalation, Uplink } from '../core/cascade/escalation.js';
export type { UplinkConfig } from '../uplink/config.js';
export type { CountedUplink, UplinkStats } from '../uplink/counted-uplink.js';
export {
  asUplinkError,
  type Observer,
  type Provider,
  type Question,
  type Reply,
  type Session,
  type SpeechStream,
  UplinkError,
  type Usage,
} from '../uplink/providers/provider.js';
export type { Upload } from '../uplink/queue/upload.js';
export type { UplinkDeps } from '../uplink/uplink.js';

/**
 * Makes the uplink of a configuration and sends on what an earlier run left in the outbox. LevelDB, providers
 * and sockets are loaded when it is called.
 * @throws CatnapError `CONFIG_INVALID` for what the schema could not see, `STATE_INVALID` when another process
 * has the state folder.
 */
export const createUplink: typeof CreateUplink = async (config, deps) =>
  (await import('../uplink/uplink.js')).createUplink(config, deps);
