import { resolve } from 'node:path';
import type { SettingFault } from '../core/kind.js';
import type { WyomingConfig } from '../home/config.js';
import type { Config } from './config.js';
import { planCascade } from './plan.js';
import type { WyomingSpec } from './wyoming-worker.js';

/** The worker that serves the Wyoming protocol, as it is started. */
export interface HostedWyoming {
  readonly id: string;
  readonly spec: WyomingSpec;
  readonly warmMs: number;
}

const LOOPBACK = /^(localhost|127\..*|::1)$/;

/**
 * What serves the Wyoming protocol as the configuration says; null where it does not.
 * @throws CatnapError as {@link planCascade}.
 */
export async function planWyoming(config: Config, version: string): Promise<HostedWyoming | null> {
  const { wyoming } = config.home;
  const named = wyoming === null ? undefined : config.cascades[wyoming.cascade];
  if (wyoming === null || named === undefined || named.kind !== 'voice') return null;
  const place = { source: wyoming.id, stateDir: resolve(config.stateDir) };
  const plan = await planCascade(named, place);
  if (plan.kind !== 'voice') return null;
  const { recogniser } = plan.stages;
  // Others say what follows a word; here nothing is said after it, and nothing asked of a cloud.
  const quiet = {
    ...named,
    utterance: { ...named.utterance, enabled: false },
    policy: { ...named.policy, escalateOn: [] },
  };
  const stages = { ...plan.stages, endpointer: null, recogniser: null };
  const cascade = { kind: 'voice', config: quiet, stages } as const;
  const device = config.uplink.offline ? null : announcedAs(config.name, wyoming);
  const spec = { config: wyoming, version, cascade, recogniser, intents: config.intents, device };
  return { id: wyoming.id, spec, warmMs: named.heavy.warmMs };
}

/** By which name the service is to be found in the house; null: by none. */
function announcedAs(name: string, { announce, host }: WyomingConfig): string | null {
  return announce && !LOOPBACK.test(host) ? name : null;
}

/** What the service names that there is not, or that is named twice. */
export function wyomingFaults({ home: { wyoming }, cascades, sources }: Config): readonly SettingFault[] {
  if (wyoming === null) return [];
  const voices = Object.keys(cascades).filter((name) => cascades[name]?.kind === 'voice');
  const path = (setting: string) => ['home', 'wyoming', setting];
  const faults: SettingFault[] = [];
  if (!voices.includes(wyoming.cascade)) {
    const message = `expected a voice cascade of ${voices.join(', ')}, found "${wyoming.cascade}"`;
    faults.push({ path: path('cascade'), message });
  }
  if (sources.some(({ id }) => id === wyoming.id))
    faults.push({ path: path('id'), message: `expected a name that no source has, found "${wyoming.id}"` });
  return faults;
}
