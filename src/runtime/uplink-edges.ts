import type { UplinkDeps } from '../uplink/uplink.js';
import { createGuardrail } from './guardrails.js';
import { createJudge } from './judges.js';
import { loadAskRouter } from './learnt-asks.js';
import { systemClock, systemMachineClock, systemTimer } from './process/system-clock.js';
import { createProvider } from './providers.js';

/**
 * What an uplink needs of this machine and of Catnap's tables: time, and the kinds of providers and guardrails.
 * @param folder what relative paths of the configuration are relative to.
 */
export function uplinkEdges(
  folder: string,
): Pick<
  UplinkDeps,
  'clock' | 'timer' | 'machineClock' | 'createProvider' | 'createGuardrail' | 'createJudge' | 'loadAskRouter'
> {
  return {
    clock: systemClock,
    timer: systemTimer,
    machineClock: systemMachineClock(),
    createProvider: (config, edges) => createProvider(config, { ...edges, folder }),
    createJudge: (config) => createJudge(config, { folder }),
    loadAskRouter: (path) => loadAskRouter(folder, path),
    createGuardrail: (config, edges) => createGuardrail(config, { ...edges, folder }),
  };
}
