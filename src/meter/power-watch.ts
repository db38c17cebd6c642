import { readFile } from 'node:fs/promises';
import type { Time } from '../core/clock.js';
import type { PowerModel } from '../core/metering/meter.js';
import { every } from '../core/waiting.js';
import { boardProfile } from './board-profiles.js';
import type { MeterConfig } from './config.js';
import { findPowerReader, type PowerReader, type PowerReaderOptions } from './energy.js';

/** CPU time counts in ticks of 1/100 s on every Linux Node runs on (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_A_SECOND = 100;
/**
 * Below this many busy cores the board counts as idle; the share of noise in its draw is too high to price
 * CPU time.
 */
const IDLE_CORES = 0.05;
/** Weight of a new reading in the running figures. */
const NEWEST_WEIGHT = 0.2;
const EVERY_MS = 5_000;

export interface PowerWatchOptions extends PowerReaderOptions, Time {
  readonly procRoot?: string;
  readonly everyMs?: number;
  /** Told the price of CPU time whenever it was measured anew. */
  readonly onPower: (power: PowerModel) => void;
}

/** A running measurement. */
export interface PowerWatch {
  /** Null where there is no sensor and energy stays modelled. */
  readonly reader: PowerReader | null;
  stop(): void;
}

/**
 * Looks for a power sensor and, where there is one, keeps pricing CPU time by it: what the board draws above idle,
 * shared by the cores that were busy meanwhile. Other programs pay their own share.
 */
export async function watchPower(config: MeterConfig, options: PowerWatchOptions): Promise<PowerWatch> {
  const reader = await findPowerReader(config.reader, options);
  if (reader === null) return { reader, stop() {} };
  const procRoot = options.procRoot ?? '/proc';
  const estimator = createPowerEstimator(boardProfile(config, procRoot));
  let before = await readBusySeconds(procRoot);
  let lastMs = options.clock.monotonicMs();
  const measure = async (): Promise<void> => {
    const [watts, busy] = await Promise.all([reader.readWatts(), readBusySeconds(procRoot)]);
    const nowMs = options.clock.monotonicMs();
    if (watts !== null && busy !== null && before !== null) {
      options.onPower(estimator.add(watts, ((busy - before) * 1000) / Math.max(1, nowMs - lastMs)));
    }
    before = busy;
    lastMs = nowMs;
  };
  const stop = every(options.timer, options.everyMs ?? EVERY_MS, () => void measure());
  return { reader, stop };
}

/** Splits a board's draw into idle and per busy core, starting from its published figures. */
export interface PowerEstimator {
  /** Takes the mean watts of an interval and the mean number of busy cores in it. */
  add(watts: number, busyCores: number): PowerModel;
}

/** Makes an estimator. An idle interval moves the idle figure, a busy one the figure per core. */
export function createPowerEstimator(seed: {
  readonly idleWatts: number;
  readonly coreWatts: number;
}): PowerEstimator {
  let { idleWatts, coreWatts } = seed;
  let idleMeasured = false;
  return {
    add(watts, busyCores) {
      if (busyCores < IDLE_CORES) {
        idleWatts = idleMeasured ? mix(idleWatts, watts) : watts;
        idleMeasured = true;
      } else {
        // A board that draws less than its published idle figure tells a better one.
        idleWatts = Math.min(idleWatts, watts);
        coreWatts = mix(coreWatts, (watts - idleWatts) / busyCores);
      }
      return { idleWatts, coreWatts, basis: 'measured' };
    },
  };
}

function mix(before: number, newest: number): number {
  return before * (1 - NEWEST_WEIGHT) + newest * NEWEST_WEIGHT;
}

/**
 * Seconds all cores together were busy since boot: user, nice, system, irq, softirq and steal of proc(5)'s
 * `cpu` line.
 */
async function readBusySeconds(procRoot: string): Promise<number | null> {
  const text = await readFile(`${procRoot}/stat`, 'utf8').catch(() => null);
  const fields = text?.split('\n', 1)[0]?.trim().split(/\s+/).slice(1).map(Number);
  if (fields === undefined || fields.length < 8 || fields.some(Number.isNaN)) return null;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return (user + nice + system + irq + softirq + steal) / TICKS_A_SECOND;
}
