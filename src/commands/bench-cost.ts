import type { Command } from 'commander';
import { benchCost, type CostBench, type CostRow } from '../bench/cost.js';
import type { Prices } from '../bench/cost-cloud.js';
import { partsOfHour } from '../bench/cost-hour.js';
import { readDataset } from '../bench/dataset.js';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { boardProfile } from '../meter/board-profiles.js';
import { meterConfigSchema } from '../meter/config.js';
import { uplinkSchema, voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { type Part, partOf, percent, progressOver, SPLIT } from './bench-common.js';
import { wholeNumber } from './whole-number.js';

interface Flags {
  readonly data: string;
  readonly config?: string;
  readonly split?: Part;
  readonly minutes: number;
  readonly seed: number;
  readonly json: boolean;
}

/**
 * OpenAI's list prices of `gpt-realtime` (August 2025; US dollars a million tokens, a token a tenth of a
 * second of audio) and the transfer energy of Wi-Fi without association (0.007 J/KB: Balasubramanian et al.,
 * "Energy consumption in mobile phones", IMC 2009, table 2), where no configuration says otherwise.
 */
const LIST_PRICES = {
  kind: 'openai-realtime',
  price: { perMillionInputTokens: 4, perMillionAudioTokens: 32, perMillionOutputTokens: 16 },
  inputTokensPerAudioSecond: 10,
  energy: { joulesPerMiB: 7.2 },
} as const;

/** `catnap bench cost`: the same hour of recordings answered in three ways. */
export function registerBenchCost(bench: Command): void {
  bench
    .command('cost')
    .description(
      'always-cloud, always-heavy and the cascade on the same hour: calls, bytes, money, joules, answers',
    )
    .requiredOption('--data <dir>', 'folder with orders.csv, wake.csv, noise.csv and speech of others')
    .option('--config <file>', 'configuration whose first provider has the prices, and whose meter the board')
    .addOption(SPLIT)
    .option('--minutes <n>', 'length of the signal', wholeNumber(1), 60)
    .option('--seed <n>', 'which recordings, in which order', wholeNumber(1), 1)
    .option('--json', 'print the figures as JSON', false)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const seconds = flags.minutes * 60;
  const config = flags.config === undefined ? null : loadConfig(flags.config, process.env, needsNothing);
  const { words } = await voicePlan(voiceSchema.parse({ kind: 'voice' }));
  const parts = partsOfHour(partOf(readDataset(flags.data), flags.split), words);
  const progress = progressOver(seconds, 'seconds of signal');
  const result = await benchCost({
    parts,
    seconds,
    seed: flags.seed,
    prices: pricesOf(config?.uplink.providers ?? null),
    board: boardProfile(config?.meter ?? meterConfigSchema.parse({ board: 'pi-4' })),
    onHeard: progress.step,
  }).finally(progress.stop);
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
}

function pricesOf(providers: readonly Prices[] | null): Prices {
  const [first] = providers ?? uplinkSchema.parse({ providers: [LIST_PRICES] }).providers;
  if (first !== undefined) return only(first);
  throw new CatnapError('USAGE', '--config: expected at least one of uplink.providers, found none');
}

function only({ price, energy, inputTokensPerAudioSecond }: Prices): Prices {
  return { price, energy, inputTokensPerAudioSecond };
}

const COLUMNS: readonly (readonly [title: string, cell: (row: CostRow) => string])[] = [
  ['', ({ strategy }) => strategy],
  ['leaves', ({ leaves }) => leaves],
  ['calls', ({ calls }) => String(calls)],
  ['kB up', ({ bytesUp }) => (bytesUp / 1000).toFixed(0)],
  ['kB down', ({ bytesDown }) => (bytesDown / 1000).toFixed(0)],
  ['tokens', ({ tokens }) => String(tokens)],
  ['money', ({ money }) => money.toFixed(4)],
  ['J cpu', ({ joules }) => joules.cpu.toFixed(1)],
  ['J radio', ({ joules }) => joules.radio.toFixed(1)],
  ['here', ({ settled, settledWrongly }) => `${settled} (${settledWrongly} wrong)`],
  ['asked', ({ asked }) => String(asked)],
  ['unheard', ({ unheard }) => String(unheard)],
  ['right', ({ correct }) => `${correct.right} ${percent(correct.share)}`],
  ['95%', ({ correct }) => `${percent(correct.interval.low)}-${percent(correct.interval.high)}`],
  [
    'right, literally',
    ({ correctLiterally }) => (correctLiterally === null ? '-' : String(correctLiterally.right)),
  ],
  ['unaddressed', ({ unaddressed }) => String(unaddressed)],
];

function render(result: CostBench): string {
  const { signalSeconds, orders, stretches, idleJoules, basis } = result;
  const table = [
    COLUMNS.map(([title]) => title),
    ...result.rows.map((row) => COLUMNS.map(([, cell]) => cell(row))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const made = Object.entries(stretches).map(([kind, count]) => `${count} ${kind}`);
  return [
    `${(signalSeconds / 60).toFixed(1)} minutes: ${made.join(', ')}; ${orders} orders after a wake word`,
    ...table.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    `idle board, in every row besides: ${idleJoules.toFixed(0)} J`,
    `energy ${basis.energy}`,
    `tokens ${basis.tokens}`,
    `answers ${basis.correctness}`,
    '',
  ].join('\n');
}
