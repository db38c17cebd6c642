import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mulberry32 } from '../core/random.js';
import type { Source } from '../core/signal/frame.js';
import { defaultHopRows } from '../core/signal/hops.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import { createSourceMeter } from '../meter/source-meter.js';
import { standardConfig } from '../runtime/config.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { replay } from '../runtime/replay.js';
import type { SensorConfig } from '../sensor/config.js';
import { gauss } from './simulated-wake.js';

const CHANNELS = 8;
/** Correlation of neighbouring rows. */
const PERSISTENCE = 0.9;
const SEED = 54_321;
const DAY_SECONDS = 86_400;
/** So many in a row let go of the code that ran once, too. */
const COLLECTIONS = 8;
/** Readings over the whole time. */
const READINGS = 12;

export interface MemoryReading {
  /** Of the signal. */
  readonly day: number;
  /** Heap and buffers after a collection, beyond what the program holds once the source is closed. */
  readonly bytes: number;
}

export interface SensorMemory {
  readonly rows: number;
  readonly readings: readonly MemoryReading[];
  /** What is kept on disk at the end. */
  readonly stateBytes: number;
}

export interface SensorMemoryOptions {
  readonly rowSeconds: number;
  readonly days: number;
}

/** Measures what a source with its cascade holds while made rows of `days` go through it, as fast as they go. */
export async function benchSensorMemory(
  config: SensorConfig,
  { rowSeconds, days }: SensorMemoryOptions,
): Promise<SensorMemory> {
  const rows = Math.round((days * DAY_SECONDS) / rowSeconds);
  const stateDir = mkdtempSync(join(tmpdir(), 'catnap-bench-'));
  try {
    const taken: MemoryReading[] = [];
    const take = (row: number): void => {
      taken.push({ day: (row * rowSeconds) / DAY_SECONDS, bytes: heldBytes() });
    };
    await run(madeRows(rows, rowSeconds, take), config, stateDir);
    // Code is loaded with the first source of a process: what is held once it is closed is no part of it.
    await setImmediate();
    const without = heldBytes();
    const readings = taken.map(({ day, bytes }) => ({ day, bytes: bytes - without }));
    return { rows, readings, stateBytes: bytesBelow(stateDir) };
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function run(source: Source, cascade: SensorConfig, stateDir: string): Promise<void> {
  const standard = standardConfig();
  await replay({
    source,
    cascade,
    intents: standard.intents,
    stateDir,
    emit: () => {},
    meter: createSourceMeter(source.id, modelledPower(boardProfile(standard.meter)), systemClock),
    run: 'bench',
    signal: new AbortController().signal,
  });
}

/** Correlated noise on a course of day and week, another of each channel; `take` is called as time passes. */
function madeRows(rows: number, rowSeconds: number, take: (row: number) => void): Source {
  const id = 'made';
  const rateHz = 1 / rowSeconds;
  const hopRows = defaultHopRows(rateHz);
  const random = mulberry32(SEED);
  const level = new Float64Array(CHANNELS);
  const data = new Float32Array(hopRows * CHANNELS);
  const channels = Array.from({ length: CHANNELS }, (_, c) => ({ name: `channel ${c + 1}`, unit: '' }));
  const fill = (first: number): void => {
    for (let i = 0; i < data.length; i++) {
      const c = i % CHANNELS;
      const day = ((first + Math.floor(i / CHANNELS)) * rowSeconds) / DAY_SECONDS;
      level[c] = PERSISTENCE * (level[c] as number) + gauss(random);
      const course = 5 * Math.sin(2 * Math.PI * day + c) + 3 * Math.sin((2 * Math.PI * day) / 7 + c);
      data[i] = 20 + c + course + (level[c] as number);
    }
  };
  const every = Math.floor(rows / READINGS / hopRows) * hopRows;
  return {
    id,
    async *frames() {
      yield { kind: 'format', source: id, rateHz, channels };
      for (let sample = 0; sample + hopRows <= rows; sample += hopRows) {
        fill(sample);
        yield { kind: 'frame', source: id, sample, rateHz, channels: CHANNELS, data };
        if (sample > 0 && sample % every === 0) take(sample);
      }
    },
  };
}

/** A collection is asked for by a flag, for Node gives it to no program that was started without. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < COLLECTIONS; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => statSync(join(folder, path)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}
