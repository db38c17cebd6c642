import type { Command } from 'commander';
import { benchRouter, type RouterBench, type RoutingFigures } from '../bench/router.js';
import { readQuestions } from '../bench/router-data.js';
import type { Interval } from '../core/intervals.js';
import { percent, progressOver } from './bench-common.js';
import { positiveNumber } from './positive-number.js';
import { wholeNumber } from './whole-number.js';

interface RouterFlags {
  readonly data: string;
  readonly folds: number;
  readonly priceRatio: number;
  readonly json: boolean;
}

/** `catnap bench router`: how well the learned router tells which questions need the strong model. */
export function registerBenchRouter(bench: Command): void {
  bench
    .command('router')
    .description('the learned router on subjects it was not trained on')
    .requiredOption('--data <dir>', 'folder with a CSV file a subject: prompt,weak_correct,strong_correct')
    .option('--folds <n>', 'parts that the subjects are dealt into', wholeNumber(2), 10)
    .option(
      '--price-ratio <n>',
      'what the weak model costs of what the strong one does',
      positiveNumber,
      0.05,
    )
    .option('--json', 'print the figures as JSON', false)
    .action((flags: RouterFlags) => {
      const questions = readQuestions(flags.data);
      const progress = progressOver(flags.folds, 'parts');
      try {
        const result = benchRouter(questions, flags, progress.step);
        process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
      } finally {
        progress.stop();
      }
    });
}

function render(result: RouterBench): string {
  const lines = [
    `${result.questions} questions of ${result.subjects} subjects, each ranked by a router that saw none of its subject`,
    row('learned', result, result.apgrInterval),
    row('length', result.length, result.lengthInterval),
    row('random', result.random, null),
    `  unlike what was learnt from: ${result.unlike}`,
    ...result.cascade.map(costRow),
  ];
  return `${lines.join('\n')}\n`;
}

function row(name: string, { apgr, cpt50, cpt80 }: RoutingFigures, interval: Interval | null): string {
  const share = (value: number | null) => (value === null ? '-' : percent(value));
  const spread = interval === null ? '' : ` (95%: ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;
  return `  ${name}: APGR ${apgr.toFixed(3)}${spread}, ${share(cpt50)} sent for half of the gap, ${share(cpt80)} for 80%`;
}

function costRow({ aimed, sent, cost, right, strongRight }: RouterBench['cascade'][number]): string {
  const aim = `  aimed at ${percent(aimed)} of the strong model's right answers`;
  return `${aim}: ${percent(sent)} sent, ${percent(cost)} of its cost, ${percent(right)} right (it alone ${percent(strongRight)})`;
}
