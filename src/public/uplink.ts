/** `catnap/uplink`: the way to a cloud by itself, and what a provider of one's own is made of. */
import type { UplinkConfig } from '../uplink/config.js';
import type { CountedUplink } from '../uplink/counted-uplink.js';
import type { UplinkDeps } from '../uplink/uplink.js';

export type { Escalation, Uplink } from '../core/cascade/escalation.js';
export type { UplinkConfig } from '../uplink/config.js';
export type { CountedUplink, UplinkStats } from '../uplink/counted-uplink.js';
export type { OwnGuardrail } from '../uplink/guardrails/module.js';
export type { OwnProvider, OwnProviderPlace } from '../uplink/providers/module.js';
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

/** What of its surroundings Catnap itself can give an uplink: this machine's time, and the kinds there are. */
export type OwnUplinkDeps = Pick<
  UplinkDeps,
  'clock' | 'timer' | 'machineClock' | 'createProvider' | 'createGuardrail' | 'createJudge' | 'loadAskRouter'
>;

/** What an uplink is given. */
export type UplinkOptions = Omit<UplinkDeps, keyof OwnUplinkDeps> &
  Partial<OwnUplinkDeps> & {
    /** What relative paths of the configuration are relative to; the working directory when left out. */
    readonly folder?: string;
  };

/**
 * Makes the uplink of a configuration (`(await loadConfig(file)).uplink`) and sends on what an earlier run left in the
 * outbox. LevelDB, providers and sockets are loaded when it is called.
 * @throws CatnapError `CONFIG_INVALID` for what the schema could not see, `STATE_INVALID` when another process
 * has the state folder.
 */
export async function createUplink(config: UplinkConfig, options: UplinkOptions): Promise<CountedUplink> {
  const { folder = process.cwd(), ...deps } = options;
  const { uplinkEdges } = await import('../runtime/uplink-edges.js');
  return (await import('../uplink/uplink.js')).createUplink(config, { ...uplinkEdges(folder), ...deps });
}
