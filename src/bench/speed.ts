import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CatnapError } from '../core/errors.js';
import { LAUNCH_ENV, LAUNCH_FLAGS } from '../runtime/process/launch-flags.js';
import type { MemoryFigures } from './memory.js';
import type { Overhead } from './overhead.js';
import type { OverheadOrder } from './overhead-child.js';
import type { RuntimeOrder } from './runtime-child.js';
import {
  OWN_WORDS_NAMES,
  type Scenario,
  type ScenarioName,
  type ScenarioResult,
  SOURCES_NAMES,
} from './speed-scenarios.js';
import { quietSamples, repeatedWord, wavOf } from './speed-signals.js';
import { quantileOrNull } from './statistics.js';

/** What can be measured, in the order in which it is. */
export const PARTS = [
  'silence',
  'speech',
  'everything',
  'blocked',
  'words',
  ...SOURCES_NAMES,
  'overhead',
  'memory',
] as const;
export type SpeedPart = (typeof PARTS)[number];

/** What `catnap bench speed` is asked. */
export interface SpeedBenchOptions {
  readonly parts: readonly SpeedPart[];
  /** Real time that each scenario lasts. */
  readonly seconds: number;
  /** Hours replayed for the memory figures. */
  readonly hours: number;
  /** Speech with wake words and utterances. */
  readonly recording: string;
  readonly onPart: () => void;
}

/** Percentiles of latencies. */
export interface Spread {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** What a scenario cost. CPU shares are of one core, in real time. */
export interface ScenarioFigures extends Omit<ScenarioResult, `${string}LatenciesMs`> {
  /** What the program was made to do. */
  readonly measured: string;
  /** From the last needed sample being there to the event. */
  readonly noticeLatencyMs: Spread;
  readonly verifyLatencyMs: Spread;
  /** From the word's end to `verified`, where the recording tells. */
  readonly wordLatencyMs: Spread;
}

/** What it answers: figures of the parts that were asked for. */
export interface SpeedBench {
  readonly machine: string;
  readonly node: string;
  readonly flags: readonly string[];
  readonly scenarios: Partial<Record<ScenarioName, ScenarioFigures>>;
  readonly overhead: Overhead | null;
  readonly memory: MemoryFigures | null;
}

const BLOCK_MS = 150;
const MEASURED: Readonly<Record<ScenarioName, string>> = {
  silence: 'a quiet microphone, everything as shipped: the gate alone works',
  speech:
    'the recording over and over, no gate: tiny hears every hop, what it notices is verified and that is all',
  everything: 'the recording over and over, everything as shipped',
  'words-0': 'the six trained words, no gate, beside the next two',
  'words-1': 'the same and one word of your own',
  'words-10': 'the same and ten',
  'sources-1': 'everything as shipped for one source, and its memory awake',
  'sources-2': 'the same for two that hear the same',
  'sources-4': 'the same for four that hear the same',
  'sources-8': 'the same for eight that hear the same',
  blocked: `a wake word every few seconds, verified; the main thread busy ${BLOCK_MS} ms twice a second`,
};

const script = (name: string) => fileURLToPath(new URL(`../../dist/bench/${name}.js`, import.meta.url));

/**
 * Measures what listening costs, each part in a process of its own that is the whole program, one after the other.
 * @throws CatnapError `INTERNAL` when such a process fails.
 */
export async function benchSpeed(options: SpeedBenchOptions): Promise<SpeedBench> {
  const folder = mkdtempSync(join(tmpdir(), 'catnap-bench-'));
  try {
    const scenarios: Partial<Record<ScenarioName, ScenarioFigures>> = {};
    let overhead: Overhead | null = null;
    let memory: MemoryFigures | null = null;
    const { recording, hours } = options;
    for (const part of PARTS) {
      if (!options.parts.includes(part)) continue;
      const stateDir = join(folder, part);
      switch (part) {
        case 'overhead':
          overhead = await ask<OverheadOrder, Overhead>('overhead-child', { recording });
          break;
        case 'memory':
          memory = await ask<RuntimeOrder, MemoryFigures>('runtime-child', {
            kind: 'memory',
            stateDir,
            recording,
            hours,
          });
          break;
        case 'words':
          // At once, so that each shares the machine with the same others.
          await Promise.all(
            OWN_WORDS_NAMES.map(async (name) => {
              scenarios[name] = await measured(name, options, folder);
            }),
          );
          break;
        default:
          scenarios[part] = await measured(part, options, folder);
      }
      options.onPart();
    }
    const [cpu] = cpus();
    return {
      machine: `${cpu?.model ?? 'unknown'}, ${cpus().length} cores, ${process.platform}-${process.arch}`,
      node: process.version,
      flags: LAUNCH_FLAGS,
      scenarios,
      overhead,
      memory,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(
  name: ScenarioName,
  options: SpeedBenchOptions,
  folder: string,
): Promise<ScenarioFigures> {
  const scenario = await scenarioOf(name, options, folder);
  const order: RuntimeOrder = { kind: 'scenario', stateDir: join(folder, name), scenario };
  return figuresOf(await ask<RuntimeOrder, ScenarioResult>('runtime-child', order));
}

async function scenarioOf(
  name: ScenarioName,
  { seconds, recording }: SpeedBenchOptions,
  folder: string,
): Promise<Scenario> {
  const scenario = { name, seconds, recording, words: null, blockMs: 0 };
  const path = join(folder, `${name}.wav`);
  switch (name) {
    case 'silence':
      writeFileSync(path, wavOf(quietSamples()));
      return { ...scenario, recording: path };
    case 'blocked': {
      const { samples, words } = await repeatedWord();
      writeFileSync(path, wavOf(samples));
      return { ...scenario, recording: path, words, blockMs: BLOCK_MS };
    }
    default:
      return scenario;
  }
}

function figuresOf(result: ScenarioResult): ScenarioFigures {
  const { noticeLatenciesMs, verifyLatenciesMs, wordLatenciesMs, ...figures } = result;
  return {
    ...figures,
    measured: MEASURED[figures.name],
    noticeLatencyMs: spread(noticeLatenciesMs),
    verifyLatencyMs: spread(verifyLatenciesMs),
    wordLatencyMs: spread(wordLatenciesMs),
  };
}

function spread(values: readonly number[]): Spread {
  return {
    count: values.length,
    p50: quantileOrNull(values, 0.5),
    p99: quantileOrNull(values, 0.99),
    max: quantileOrNull(values, 1),
  };
}

/** Asks a script of the build, in a process of its own, one question. */
function ask<Question extends object, Answer>(name: string, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = fork(script(name), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [...LAUNCH_FLAGS],
      env: { ...process.env, ...LAUNCH_ENV },
    });
    let answered = false;
    child.once('message', (answer) => {
      answered = true;
      resolve(answer as Answer);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (!answered)
        reject(new CatnapError('INTERNAL', `${name}: expected an answer, found exit code ${code}`));
    });
    child.send(question);
  });
}
