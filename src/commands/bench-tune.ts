import type { Command } from 'commander';
import { readDataset } from '../bench/dataset.js';
import { benchTune, type TuneBench } from '../bench/tune.js';
import { checkWhatIf, type WhatIfCheck } from '../bench/what-if.js';
import { voicePlan } from '../runtime/plan.js';
import {
  type CascadeFlags,
  CONFIG,
  cascadeNamed,
  cascadeOf,
  EVERY,
  everyNth,
  percent,
  progressOver,
} from './bench-common.js';
import { positiveNumber } from './positive-number.js';
import { type HearingFlags, heardNow, SCORES, wordsInForce } from './tune-hearing.js';
import { wholeNumber } from './whole-number.js';

interface Flags extends CascadeFlags, HearingFlags {
  readonly data: string;
  readonly falseAlarmsPerDay: number;
  readonly splits: number;
  readonly whatIfEvery: number;
  readonly mostFalsePerHour: number;
  readonly json: boolean;
}

interface Result extends TuneBench {
  readonly whatIf: readonly WhatIfCheck[];
}

/** `catnap bench tune`: what tuning is worth where it was not done, and whether what it promises holds. */
export function registerBenchTune(bench: Command): void {
  bench
    .command('tune')
    .description(
      'tuned thresholds against a grid and those in force, what is promised, and what-if against the truth',
    )
    .requiredOption('--data <dir>', 'folder with wake.csv (file, keyword, group), noise.csv, ...')
    .addOption(CONFIG)
    .addOption(cascadeNamed('voice'))
    .option('--false-alarms-per-day <n>', 'what is wished', positiveNumber, 24)
    .option('--most-false-per-hour <n>', 'beyond which the hypervolume counts nothing', positiveNumber, 10)
    .option('--splits <n>', 'ways to halve the groups', wholeNumber(1), 20)
    .option('--notices <n>', 'thresholds of tiny that are tried, around the one in force', wholeNumber(1), 2)
    .addOption(EVERY)
    .addOption(SCORES)
    .option('--what-if-every <n>', 'of these every n-th, to hear it all again for what-if', wholeNumber(1), 5)
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: Flags) => {
      const config = cascadeOf(flags, 'voice');
      const { words } = await voicePlan(config);
      const inForce = await wordsInForce(config, words);
      const heard = await heardNow(flags.data, config, inForce, flags);
      const wish = {
        falseAcceptsPerHour: flags.falseAlarmsPerDay / 24,
        believedPerHour: null,
        weights: null,
      };
      const recordings = everyNth(readDataset(flags.data), flags.every * flags.whatIfEvery);
      const progress = progressOver(recordings.length * 3);
      const result: Result = {
        ...benchTune({ words, heard, inForce, wish, ...flags }),
        whatIf: await checkWhatIf({ recordings, config, onRecording: progress.step }),
      };
      progress.stop();
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
    });
}

function render(result: Result): string {
  const { splits, words, hours, hypervolume, mostFalsePerHour, promised, covered, below, whatIf } = result;
  const lines = [
    `${words} words, ${hours.toFixed(2)} h, ${splits} ways to halve the groups; figures are of the half not chosen on`,
    `hypervolume (missed, false accepts up to ${mostFalsePerHour}/h): tuned ${hypervolume.tuned.toFixed(4)},` +
      ` grid ${hypervolume.grid.toFixed(4)}, in force ${hypervolume.defaults.toFixed(4)}`,
    `of ${promised} promises as many false accepts as told for so many hours more: ${percent(covered / promised)};` +
      ` at most as many an hour as told at 95%: ${percent(below / promised)}`,
    ...whatIf.map(
      ({ changes, said, perhaps, found }) =>
        `what-if ${JSON.stringify(changes)}: said ${said} believed${perhaps === 0 ? '' : ` and perhaps ${perhaps} more`}, found ${found}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
