import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { partsOfHour } from '../bench/cost-hour.js';
import { readDataset } from '../bench/dataset.js';
import { hearOrders, type OrderQuestion, readHeardOrders } from '../bench/order-questions.js';
import { benchOrderRouter, type OrderRoute, type OrderRouterBench } from '../bench/order-router.js';
import { benchRouter, type RouterBench, type RoutingFigures } from '../bench/router.js';
import { readQuestions } from '../bench/router-data.js';
import type { Interval } from '../core/intervals.js';
import { voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { collect, decibels, percent, progressOver } from './bench-common.js';
import { checkOutput, writeOutput } from './output-file.js';
import { positiveNumber } from './positive-number.js';
import { wholeNumber } from './whole-number.js';

interface RouterFlags {
  readonly data: string;
  readonly folds: number;
  readonly priceRatio: number;
  readonly orders: boolean;
  readonly heard?: string;
  readonly snr: readonly string[];
  readonly wrongTurns: number;
  readonly json: boolean;
}

/** What the scripted providers of spoken orders take and cost. */
const CHEAP = { thinkMs: 300, perCall: 0.001 } as const;
const DEAR = { thinkMs: 900, perCall: 0.02 } as const;

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
    .option('--orders', 'on spoken orders instead (orders.csv, wake.csv), through cascade and uplink', false)
    .option('--heard <file>', 'keeps what was heard of the orders, and takes it from there')
    .option(
      '--snr <dB>',
      'of orders: hear them also in noise of such a distance; may be given again',
      collect,
      [],
    )
    .option('--wrong-turns <share>', 'of orders: as of `catnap tune --router`', positiveNumber, 0.3)
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: RouterFlags) => {
      if (flags.orders) return benchOrders(flags);
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

async function benchOrders(flags: RouterFlags): Promise<void> {
  checkOutput(flags.heard);
  const questions = await heardOrders(flags);
  const progress = progressOver(2 * questions.length, 'answers');
  const options = { ...flags, cheap: CHEAP, dear: DEAR, onAnswer: progress.step };
  const result = await benchOrderRouter(questions, options).finally(progress.stop);
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : renderOrders(result));
}

async function heardOrders({ data, heard, snr }: RouterFlags): Promise<readonly OrderQuestion[]> {
  if (heard !== undefined && existsSync(heard)) return readHeardOrders(heard);
  const { words } = await voicePlan(voiceSchema.parse({ kind: 'voice' }));
  const parts = partsOfHour(readDataset(data), words);
  const snrsDb = [null, ...snr.map(decibels)];
  const progress = progressOver(parts.orders.length * snrsDb.length, 'orders');
  const questions = await hearOrders({ parts, snrsDb, onOrder: progress.step }).finally(progress.stop);
  if (heard !== undefined) writeOutput(heard, JSON.stringify(questions), 0o644);
  return questions;
}

function renderOrders(result: OrderRouterBench): string {
  const { orders, endingDear, plain, learnt, begunDear, wrongTurns, wrongInterval: wrong } = result;
  const seconds = (ms: number) => (ms / 1000).toFixed(2);
  const { savedMs, savedInterval: saved, partsWithout, dearMoney } = result;
  const lines = [
    `${orders} orders asked about, of which ${endingDear} end at the dear provider`,
    routeRow('the cheap provider first', plain, orders),
    routeRow('where the router says', learnt, orders),
    `  the dear one alone: money ${dearMoney.toFixed(3)}`,
    `  saved of an order that ends at the dear one: ${seconds(savedMs)} s (95%: ${seconds(saved.low)} to ${seconds(saved.high)})`,
    `  begun at the dear one: ${begunDear}, ${wrongTurns} of them wrongly (95%: ${percent(wrong.low)} to ${percent(wrong.high)}); ` +
      `parts without a router that is sure enough: ${partsWithout}`,
  ];
  return `${lines.join('\n')}\n`;
}

function routeRow(
  name: string,
  { endingDearMs, othersMs, askedCheap, askedDear, money, right }: OrderRoute,
  orders: number,
): string {
  const waits = `${(endingDearMs / 1000).toFixed(2)} s to those, ${(othersMs / 1000).toFixed(2)} s to the others`;
  return `  ${name}: ${waits}; asked ${askedCheap} and ${askedDear}, money ${money.toFixed(3)}, ${right} of ${orders} right`;
}

function render(result: RouterBench): string {
  const lines = [
    `${result.questions} questions of ${result.subjects} subjects, each ranked by a router that saw none of its subject`,
    row('learned', result, result.apgrInterval),
    row('length', result.length, result.lengthInterval),
    row('random', result.random, null),
    `  unlike what was learnt from: ${result.unlike}`,
    ...result.cascade.flatMap(costRows),
  ];
  return `${lines.join('\n')}\n`;
}

function row(name: string, { apgr, cpt50, cpt80 }: RoutingFigures, interval: Interval | null): string {
  const share = (value: number | null) => (value === null ? '-' : percent(value));
  const spread = interval === null ? '' : ` (95%: ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;
  return `  ${name}: APGR ${apgr.toFixed(3)}${spread}, ${share(cpt50)} sent for half of the gap, ${share(cpt80)} for 80%`;
}

function costRows({ bounds, ...row }: RouterBench['cascade'][number]): readonly string[] {
  const { aimed, sent, cost, right, strongRight } = row;
  const { hindsightCost, judgeAccuracy, judgeCost } = bounds;
  const aim = `  aimed at ${percent(aimed)} of the strong model's right answers`;
  return [
    `${aim}: ${percent(sent)} sent, ${percent(cost)} of its cost, ${percent(right)} right (it alone ${percent(strongRight)})`,
    `    in hindsight ${percent(hindsightCost)} of its cost; by a judge who is right about ${percent(judgeAccuracy)} of the weak answers ${percent(judgeCost)}`,
  ];
}
