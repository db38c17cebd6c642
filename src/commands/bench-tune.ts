import { type Command, InvalidArgumentError } from 'commander';
import { KeptScores } from '../bench/kept-scores.js';
import { benchTune, type TuneBench } from '../bench/tune.js';
import type { WhatIfCheck } from '../bench/what-if.js';
import { type CascadeFlags, CONFIG, cascadeNamed, cascadeOf, percent } from './bench-common.js';
import { ROWS } from './bench-tune-rows.js';
import { SCORES } from './tune-hearing.js';
import { wholeNumber } from './whole-number.js';

interface Flags extends CascadeFlags {
  readonly data: string;
  readonly of: readonly string[];
  readonly sensorCascade: string;
  readonly every?: number;
  readonly splits: number;
  readonly scores?: string;
  readonly whatIfEvery: number;
  readonly json: boolean;
}

interface Result extends TuneBench {
  readonly row: string;
  readonly whatIf: readonly WhatIfCheck[];
}

/** `catnap bench tune`: what tuning is worth where it was not done, and whether what it promises holds. */
export function registerBenchTune(bench: Command): void {
  bench
    .command('tune')
    .description(
      'tuned thresholds against a grid and those in force, what is promised, and what-if against the truth',
    )
    .requiredOption(
      '--data <dir>',
      'folder with wake.csv (file, keyword, group), orders.csv, sensors/skab, ...',
    )
    .option('--of <rows>', `of ${Object.keys(ROWS).join(', ')}`, rowsOf, Object.keys(ROWS))
    .addOption(CONFIG)
    .addOption(cascadeNamed('voice'))
    .option('--sensor-cascade <name>', 'sensor cascade of it', 'sensor')
    .option('--every <n>', 'every n-th recording of each list; otherwise what a row takes', wholeNumber(1))
    .option('--splits <n>', 'ways to halve the groups', wholeNumber(1), 20)
    .addOption(SCORES)
    .option(
      '--what-if-every <n>',
      'of the recordings every n-th, to run again for what-if',
      wholeNumber(1),
      10,
    )
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: Flags) => {
      const options = {
        ...flags,
        voice: () => cascadeOf(flags, 'voice'),
        sensor: () => cascadeOf({ ...flags, cascade: flags.sensorCascade }, 'sensor'),
        scores: new KeptScores(flags.scores ?? null),
      };
      const results: Result[] = [];
      for (const [name, rowOf] of Object.entries(ROWS)) {
        if (!flags.of.includes(name)) continue;
        const { tunable, whatIf } = await rowOf(options);
        results.push({ row: name, ...benchTune(tunable, flags.splits), whatIf });
      }
      process.stdout.write(flags.json ? `${JSON.stringify({ rows: results })}\n` : render(results));
    });
}

function rowsOf(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => Object.hasOwn(ROWS, name))) return names;
  throw new InvalidArgumentError(`expected some of ${Object.keys(ROWS).join(', ')}, with commas between`);
}

function render(results: readonly Result[]): string {
  const header = [
    'row',
    'hypervolume: tuned',
    'grid of as many',
    'in force',
    'splits with less than grid, in force',
    'as many wrong as told for as much more',
    'at most the rate told at 95%',
  ];
  const cells = results.map(({ row, hypervolume, less, splits, promised, covered, below }) => [
    row,
    hypervolume.tuned.toFixed(4),
    hypervolume.grid.toFixed(4),
    hypervolume.inForce.toFixed(4),
    `${less.grid}, ${less.inForce} of ${splits}`,
    shareOf(covered, promised),
    shareOf(below, promised),
  ]);
  const table = [header, header.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
  return `${[...table, '', ...results.flatMap(renderRow)].join('\n')}\n`;
}

function shareOf(count: number, of: number): string {
  return of === 0 ? 'nothing promised' : `${count} of ${of} (${percent(count / of)})`;
}

function renderRow({ row, what, measures, groups, tried, whatIf }: Result): readonly string[] {
  return [
    `${row}: ${what}; ${groups} groups; about ${tried} thresholds tried; hypervolume: ${measures}`,
    ...whatIf.map(
      ({ changes, said, perhaps, found, before }) =>
        `  what-if ${JSON.stringify(changes)}: of ${before} said ${said}${perhaps === 0 ? '' : ` and perhaps ${perhaps} more`} left, found ${found}`,
    ),
  ];
}
