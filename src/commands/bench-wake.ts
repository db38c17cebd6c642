import type { Command } from 'commander';
import { BEFORES, type Before } from '../bench/before.js';
import { type CaptureFaults, NO_FAULTS } from '../bench/capture-faults.js';
import { readDataset, readNegatives } from '../bench/dataset.js';
import { benchWake, type Condition, type WakeBench } from '../bench/wake.js';
import { heardUnlike, type WakeRun } from '../bench/wake-tally.js';
import { CatnapError } from '../core/errors.js';
import {
  type CascadeFlags,
  CONFIG,
  cascadeNamed,
  cascadeOf,
  collect,
  decibels,
  EVERY,
  everyNth,
  type Part,
  partOf,
  percent,
  progressOver,
  SPLIT,
} from './bench-common.js';

interface WakeFlags extends CascadeFlags {
  readonly data: string;
  readonly negatives: readonly string[];
  readonly conditions: string;
  readonly before: string;
  readonly compare: boolean;
  readonly split?: Part;
  readonly every: number;
  readonly seed: string;
  readonly gainDb: number;
  readonly clipDb: number;
  readonly hum?: number;
  readonly dc: number;
  readonly reverberant: boolean;
  readonly json: boolean;
}

/** `catnap bench wake` */
export function registerBenchWake(bench: Command): void {
  bench
    .command('wake')
    .description('misses, false accepts and latency of wake words, through the whole cascade')
    .requiredOption(
      '--data <dir>',
      'folder with wake.csv, wuw.csv, commands.csv, orders.csv, noise.csv (any of them)',
    )
    .option('--negatives <dir>', 'more recordings without any wake word; may be given again', collect, [])
    .addOption(CONFIG)
    .addOption(cascadeNamed('voice'))
    .option('--conditions <list>', 'clean, snr10 (10 dB over noise of the folder)', 'clean,snr10')
    .option('--before <list>', `what is heard right before a wake word: ${BEFORES.join(', ')}`, 'silence')
    .option('--compare', 'let openWakeWord hear the same signal', false)
    .addOption(SPLIT)
    .addOption(EVERY)
    .option('--gain-db <db>', 'how much louder the microphone is; below 0, quieter', decibels, 0)
    .option('--clip-db <db>', 'raise everything by this and clip it at full scale', decibels, 0)
    .option('--hum <dbfs>', 'mains hum at this level, dB re full scale', decibels)
    .option('--dc <share>', 'a constant added to every sample, as a share of full scale', decibels, 0)
    .option('--reverberant', 'hear it across a room that reverberates', false)
    .option('--seed <text>', 'decides which noise goes where', 'catnap')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: WakeFlags) => {
      const all = [
        ...partOf(readDataset(flags.data), flags.split),
        ...flags.negatives.flatMap(readNegatives),
      ];
      const recordings = everyNth(all, flags.every);
      const progress = progressOver(recordings.length);
      const result = await benchWake({
        recordings,
        config: cascadeOf(flags, 'voice'),
        conditions: conditionsOf(flags.conditions),
        before: beforesOf(flags.before),
        compare: flags.compare,
        seed: flags.seed,
        faults: faultsOf(flags),
        onRecording: progress.step,
      }).finally(progress.stop);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : renderWake(result));
    });
}

/** The very {@link NO_FAULTS} where none is asked for: then no sample changes. */
function faultsOf({ gainDb, clipDb, hum, dc, reverberant }: WakeFlags): CaptureFaults {
  const humDb = hum ?? null;
  const none = gainDb === 0 && clipDb === 0 && humDb === null && dc === 0 && !reverberant;
  return none ? NO_FAULTS : { gainDb, clipDb, humDb, dc, reverberant };
}

function conditionsOf(list: string): readonly Condition[] {
  return list.split(',').map((name) => {
    if (name === 'clean' || name === 'snr10') return name;
    throw new CatnapError('USAGE', `--conditions: expected clean, snr10 or both, found "${name}"`);
  });
}

function beforesOf(list: string): readonly Before[] {
  return list.split(',').map((name) => {
    const before = BEFORES.find((known) => known === name);
    if (before !== undefined) return before;
    throw new CatnapError('USAGE', `--before: expected some of ${BEFORES.join(', ')}, found "${name}"`);
  });
}

function renderWake({ runs, recordings, unreadable, cpuShare }: WakeBench): string {
  const lines = runs.flatMap(renderRun);
  for (const [engine, share] of Object.entries(cpuShare)) {
    lines.push(`${engine}: ${percent(share)} of one core`);
  }
  lines.push(...unlike(runs));
  lines.push(`${recordings} recordings heard, ${unreadable.length} unreadable`);
  return `${lines.join('\n')}\n`;
}

/** How many recordings of a word were heard after one thing and missed after another. */
function unlike(runs: readonly WakeRun[]): string[] {
  const last = runs.filter(({ engine, stages }) => engine === 'catnap' && stages === 'tiny+heavy');
  return ['clean', 'snr10'].flatMap((condition) => {
    const alike = last.filter((run) => run.condition.startsWith(condition));
    const [first] = alike;
    if (first === undefined || alike.length < 2) return [];
    const clips = Object.values(first.keywords).reduce((sum, keyword) => sum + keyword.clips, 0);
    return [`${condition}: ${heardUnlike(alike).length} of ${clips} clips heard in some runs only`];
  });
}

function renderRun(run: WakeRun): string[] {
  const rate = run.falseAcceptsInterval;
  const head = [
    `${run.engine} ${run.stages}, ${run.condition}: missed ${percent(run.missedMean)} on average, ${percent(run.missedWorst)} at worst;`,
    `${run.falseAccepts} false accepts in ${run.hours.toFixed(2)} h`,
    `(${run.falseAcceptsPerHour.toFixed(2)}/h, 95% ${rate.low.toFixed(2)} to ${rate.high.toFixed(2)}),`,
    `${run.heavyWakeupsPerHour.toFixed(1)} heavy wake-ups/h`,
  ].join(' ');
  const words = Object.entries(run.keywords).map(([word, k]) => {
    const { low, high } = k.missedInterval;
    const missed = `missed ${k.missed}/${k.clips} (${percent(low)} to ${percent(high)})`;
    const wrong = `false ${k.falseAccepts} in ${k.hours.toFixed(2)} h`;
    return `  ${word}: ${missed}, ${wrong}, after ${k.latencyMs.p50?.toFixed(0) ?? '-'} ms (p90 ${k.latencyMs.p90?.toFixed(0) ?? '-'})`;
  });
  return [head, ...words];
}
