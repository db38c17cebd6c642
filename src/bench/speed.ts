import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CatnapError } from '../core/errors.js';
import { seededRandom } from './audio.js';
import type { MemoryFigures } from './memory.js';
import type { Overhead } from './overhead.js';
import type { ReplayOrder } from './replay-child.js';
import type { Scenario, ScenarioName, ScenarioResult } from './speed-scenarios.js';
import { quantile } from './statistics.js';

/** What `catnap bench speed` is asked. */
export interface SpeedBenchOptions {
  /** Real time that each scenario lasts. */
  readonly seconds: number;
  /** Hours replayed for the memory figures. */
  readonly hours: number;
  /** Speech with wake words and utterances. */
  readonly recording: string;
  readonly onScenario: () => void;
}

interface Spread {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** What it answers. CPU shares are of one core, in real time. */
export interface SpeedBench {
  readonly machine: string;
  readonly node: string;
  /** What each scenario makes the runtime do. */
  readonly measured: Readonly<Record<ScenarioName, string>>;
  readonly scenarios: Readonly<Record<ScenarioName, Omit<ScenarioResult, `${string}LatenciesMs`>>>;
  /** From the last needed sample being there to the event, while the main thread is blocked. */
  readonly noticeLatencyMs: Spread;
  readonly verifyLatencyMs: Spread;
  readonly overhead: Overhead;
  readonly memory: MemoryFigures;
}

export const SCENARIOS: readonly ScenarioName[] = ['silence', 'speech', 'everything', 'blocked'];
const BLOCK_MS = 150;
const MEASURED: SpeedBench['measured'] = {
  silence: 'a quiet microphone, everything as shipped: the gate alone works',
  speech: 'the recording over and over, no gate: tiny hears every hop, nothing after it runs',
  everything: 'the recording over and over, everything as shipped',
  blocked: `as everything, the main thread busy ${BLOCK_MS} ms twice a second`,
};
const SILENCE_SECONDS = 60;

const script = (name: string) => fileURLToPath(new URL(`../../dist/bench/${name}.js`, import.meta.url));

/**
 * Measures what listening costs, each scenario in a process of its own.
 * @throws CatnapError `INTERNAL` when a scenario's process fails.
 */
export async function benchSpeed(options: SpeedBenchOptions): Promise<SpeedBench> {
  const folder = mkdtempSync(join(tmpdir(), 'catnap-bench-'));
  try {
    const silence = join(folder, 'silence.wav');
    writeFileSync(silence, quietWav());
    const results = new Map<ScenarioName, ScenarioResult>();
    for (const name of SCENARIOS) {
      const scenario: Scenario = {
        name,
        seconds: options.seconds,
        recording: name === 'silence' ? silence : options.recording,
        blockMs: name === 'blocked' ? BLOCK_MS : 0,
      };
      results.set(name, (await inProcess('speed-child', scenario)) as ScenarioResult);
      options.onScenario();
    }
    const { recording, hours } = options;
    const replayed = (order: ReplayOrder) => inProcess('replay-child', order);
    const overhead = (await replayed({ kind: 'overhead', recording })) as Overhead;
    options.onScenario();
    const memory = (await replayed({ kind: 'memory', recording, hours })) as MemoryFigures;
    options.onScenario();
    const blocked = results.get('blocked');
    return {
      machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${process.platform}-${process.arch}`,
      node: process.version,
      measured: MEASURED,
      scenarios: Object.fromEntries(
        [...results].map(([name, result]) => [name, withoutLatencies(result)]),
      ) as SpeedBench['scenarios'],
      noticeLatencyMs: spread(blocked?.noticeLatenciesMs ?? []),
      verifyLatencyMs: spread(blocked?.verifyLatenciesMs ?? []),
      overhead,
      memory,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withoutLatencies(result: ScenarioResult): Omit<ScenarioResult, `${string}LatenciesMs`> {
  const { name, seconds, cpuShare, heavyCpuShare, rssMb, events } = result;
  return { name, seconds, cpuShare, heavyCpuShare, rssMb, events };
}

function spread(values: readonly number[]): Spread {
  return {
    count: values.length,
    p50: quantile(values, 0.5),
    p99: quantile(values, 0.99),
    max: quantile(values, 1),
  };
}

/** Asks a script of the build, in a process of its own, one question. */
function inProcess(name: string, question: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = fork(script(name), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let answered = false;
    child.once('message', (answer) => {
      answered = true;
      resolve(answer);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (!answered)
        reject(new CatnapError('INTERNAL', `${name}: expected an answer, found exit code ${code}`));
    });
    child.send(question);
  });
}

/** A minute of a quiet microphone: noise at -80 dBFS, 16-bit mono at 16 kHz. */
function quietWav(): Buffer {
  const samples = SILENCE_SECONDS * 16_000;
  const random = seededRandom('silence');
  const wav = Buffer.alloc(44 + 2 * samples);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + 2 * samples, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(16_000, 24);
  wav.writeUInt32LE(32_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++) wav.writeInt16LE(Math.round((random() - 0.5) * 10), 44 + 2 * i);
  return wav;
}
