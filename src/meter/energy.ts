import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Clock } from '../core/clock.js';
import type { MeterConfig } from './config.js';

/** A sensor that tells what the whole board (or package) draws. */
export interface PowerReader {
  readonly name: Exclude<MeterConfig['reader'], 'auto' | 'none'>;
  /** What it covers, for people. */
  readonly covers: string;
  /** Mean watts since the last call, or now where the sensor tells only that; null when it cannot be read. */
  readWatts(): Promise<number | null>;
}

export interface PowerReaderOptions {
  readonly sysRoot?: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Runs `vcgencmd pmic_read_adc` and returns its output. */
  readonly readPmic?: () => Promise<string>;
}

type Probe = (options: Required<PowerReaderOptions>) => Promise<PowerReader | null>;

const PMIC_TIMEOUT_MS = 2_000;

/** Finds the power sensor a configuration asks for; null when there is none, so energy is modelled. */
export async function findPowerReader(
  wanted: MeterConfig['reader'],
  options: PowerReaderOptions,
): Promise<PowerReader | null> {
  const complete = {
    sysRoot: options.sysRoot ?? '/sys',
    clock: options.clock,
    readPmic: options.readPmic ?? runPmic,
  };
  switch (wanted) {
    case 'none':
      return null;
    case 'auto':
      for (const probe of [probeIna2xx, probePmic, probeRapl]) {
        const reader = await probe(complete);
        if (reader !== null) return reader;
      }
      return null;
    case 'ina2xx':
      return probeIna2xx(complete);
    case 'pmic':
      return probePmic(complete);
    case 'rapl':
      return probeRapl(complete);
  }
}

/**
 * INA219/INA226 through the kernel's ina2xx driver (Documentation/hwmon/ina2xx.rst): `power1_input` in uW, else
 * `in1_input` mV x `curr1_input` mA.
 */
const probeIna2xx: Probe = async ({ sysRoot }) => {
  const hwmon = `${sysRoot}/class/hwmon`;
  for (const entry of (await readdir(hwmon).catch(() => [])).sort()) {
    const name = await readText(`${hwmon}/${entry}/name`);
    if (name === null || !/^ina2(09|19|20|26|30|31)$/.test(name)) continue;
    const readWatts = async (): Promise<number | null> => {
      const powerUw = await readNumber(`${hwmon}/${entry}/power1_input`);
      if (powerUw !== null) return powerUw / 1e6;
      const voltageMv = await readNumber(`${hwmon}/${entry}/in1_input`);
      const currentMa = await readNumber(`${hwmon}/${entry}/curr1_input`);
      return voltageMv === null || currentMa === null ? null : (voltageMv * currentMa) / 1e6;
    };
    if ((await readWatts()) !== null) {
      return { name: 'ina2xx', covers: `what flows through the ${name.toUpperCase()} shunt`, readWatts };
    }
  }
  return null;
};

/** Raspberry Pi 5's PMIC: sum of V x A over its rails. Misses what hangs on 5 V directly: USB, HATs, NVMe. */
const probePmic: Probe = async ({ readPmic }) => {
  const readWatts = async (): Promise<number | null> => {
    const output = await readPmic().catch(() => null);
    return output === null ? null : sumPmicRails(output);
  };
  if ((await readWatts()) === null) return null;
  return { name: 'pmic', covers: 'the rails of the power chip, without USB, HATs and NVMe', readWatts };
};

/** x86: `energy_uj` of package 0, a counter that wraps at `max_energy_range_uj` (Documentation/power/powercap). */
const probeRapl: Probe = async ({ sysRoot, clock }) => {
  const zone = `${sysRoot}/class/powercap/intel-rapl:0`;
  const rangeUj = await readNumber(`${zone}/max_energy_range_uj`);
  let lastUj = await readNumber(`${zone}/energy_uj`);
  if (lastUj === null || rangeUj === null) return null;
  let lastMs = clock.monotonicMs();
  return {
    name: 'rapl',
    covers: 'the processor package',
    async readWatts() {
      const energyUj = await readNumber(`${zone}/energy_uj`);
      const atMs = clock.monotonicMs();
      if (energyUj === null || lastUj === null || atMs <= lastMs) return null;
      const spentUj = energyUj >= lastUj ? energyUj - lastUj : energyUj + rangeUj - lastUj;
      const watts = spentUj / 1000 / (atMs - lastMs);
      lastUj = energyUj;
      lastMs = atMs;
      return watts;
    },
  };
};

/** Watts from lines such as `VDD_CORE_A current(7)=0.84A` and `VDD_CORE_V volt(15)=0.87V`; null without a pair. */
export function sumPmicRails(output: string): number | null {
  const rails = new Map<string, { volts?: number; amperes?: number }>();
  for (const [, rail, quantity, value] of output.matchAll(
    /^\s*(\w+)_[AV]\s+(current|volt)\(\d+\)=(-?[\d.]+)[AV]/gm,
  )) {
    if (rail === undefined) continue;
    const entry = rails.get(rail) ?? {};
    if (quantity === 'current') entry.amperes = Number(value);
    else entry.volts = Number(value);
    rails.set(rail, entry);
  }
  let watts: number | null = null;
  for (const { volts, amperes } of rails.values()) {
    if (volts !== undefined && amperes !== undefined) watts = (watts ?? 0) + volts * amperes;
  }
  return watts;
}

async function runPmic(): Promise<string> {
  const { stdout } = await promisify(execFile)('vcgencmd', ['pmic_read_adc'], { timeout: PMIC_TIMEOUT_MS });
  return stdout;
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

async function readNumber(path: string): Promise<number | null> {
  const text = await readText(path);
  const value = text === null || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
