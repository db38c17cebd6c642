import { type Interval, wilson } from '../core/intervals.js';
import type { BoardProfile } from '../meter/board-profiles.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { askCloud, type CloudBill, type Prices } from './cost-cloud.js';
import { type HourParts, type Stretch, strungTogether } from './cost-hour.js';
import { isSameOrder, type Order, readLiterally } from './cost-orders.js';
import { type Handled, type Strategy, type StrategyName, startStrategy } from './cost-strategies.js';

/** What `catnap bench cost` is asked. */
export interface CostBenchOptions {
  readonly parts: HourParts;
  readonly seconds: number;
  readonly seed: number;
  readonly prices: Prices;
  readonly board: BoardProfile;
  /** Told how many more seconds of the hour were heard. */
  readonly onHeard: (seconds: number) => void;
}

/** How many of the orders that were said came out right, and which. */
export interface Correctness {
  readonly orders: number;
  /** The intent and every slot, and no other slot. */
  readonly right: number;
  readonly share: number;
  readonly interval: Interval;
}

/** One way of answering, and what it came to. */
export interface CostRow {
  readonly strategy: string;
  /** What an upload carries; `-` where nothing leaves. */
  readonly leaves: 'audio' | 'transcript' | '-';
  readonly calls: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly tokens: number;
  readonly money: number;
  readonly joules: { readonly cpu: number; readonly radio: number };
  readonly cpuSeconds: number;
  /** Orders understood on the device, and of them wrongly. */
  readonly settled: number;
  readonly settledWrongly: number;
  /** Orders that went to the cloud, and those that went nowhere. */
  readonly asked: number;
  readonly unheard: number;
  /** If the far end knows what was said whenever the whole order reached it. */
  readonly correct: Correctness;
  /** If it reads transcripts without any understanding; null where it is given audio. */
  readonly correctLiterally: Correctness | null;
  /** Utterances that were no order to the device and were answered or asked about all the same. */
  readonly unaddressed: number;
}

export interface CostBench {
  readonly signalSeconds: number;
  readonly stretches: Readonly<Record<Stretch['kind'], number>>;
  readonly orders: number;
  readonly seed: number;
  readonly idleJoules: number;
  readonly basis: {
    readonly energy: string;
    readonly prices: Prices;
    readonly tokens: string;
    readonly correctness: string;
  };
  readonly rows: readonly CostRow[];
}

const STRATEGIES: readonly StrategyName[] = ['always-cloud', 'always-heavy', 'cascade'];
/** An utterance is about an order when it holds at least this share of it, and the whole of it from the second on. */
const ABOUT = 0.5;
const WHOLE = 0.95;

type Said = NonNullable<Stretch['order']>;

/**
 * Plays the same recordings to every strategy, then has their questions answered and counts what it came to.
 * @throws CatnapError what loading the models and reading the recordings throws.
 */
export async function benchCost(options: CostBenchOptions): Promise<CostBench> {
  const { parts, seconds, seed, prices, board, onHeard } = options;
  const said: Said[] = [];
  const stretches = { order: 0, chatter: 0, noise: 0, background: 0, quiet: 0 };
  let samples = 0;
  const strategies: Strategy[] = [];
  try {
    for (const name of STRATEGIES) strategies.push(await startStrategy(name));
    for await (const stretch of strungTogether(parts, seconds, seed)) {
      for (const strategy of strategies) await strategy.hear(stretch.samples);
      stretches[stretch.kind]++;
      if (stretch.order !== null) said.push(stretch.order);
      samples += stretch.samples.length;
      onHeard(stretch.samples.length / VOICE_RATE_HZ);
    }
    const signalSeconds = samples / VOICE_RATE_HZ;
    const rows: CostRow[] = [];
    for (const strategy of strategies) rows.push(...(await rowsOf(strategy, said, prices, board)));
    return {
      signalSeconds,
      stretches,
      orders: said.length,
      seed,
      idleJoules: signalSeconds * board.idleWatts,
      basis: basisOf(board, prices),
      rows,
    };
  } finally {
    for (const strategy of strategies) await strategy.close();
  }
}

function basisOf(board: BoardProfile, prices: Prices): CostBench['basis'] {
  return {
    energy:
      `modelled: CPU time of the machine that ran the benchmark x ${board.coreWatts} W a busy core (${board.title}; ` +
      `${board.source}), idle power apart; radio ${prices.energy.joulesPerMiB} J/MiB + ` +
      `${prices.energy.joulesPerCall} J a call; nothing for the cloud's own machines`,
    prices,
    tokens: 'modelled: four bytes of text a token, audio by inputTokensPerAudioSecond',
    correctness:
      'the far end is scripted. "correct": it knows the label of every order whose whole audio, or the transcript ' +
      'of it, reached it (no real cloud does better). "correctLiterally": it takes from a transcript only the ' +
      'values that stand in it word by word (a real cloud does no worse). What was settled on the device is as it was',
  };
}

async function rowsOf(
  strategy: Strategy,
  said: readonly Said[],
  prices: Prices,
  board: BoardProfile,
): Promise<CostRow[]> {
  const { name } = strategy;
  switch (name) {
    case 'always-heavy':
      return [rowOf(strategy, name, '-', said, NO_BILL, board)];
    case 'always-cloud':
      return [rowOf(strategy, name, 'audio', said, await billOf(strategy, true, said, prices), board)];
    case 'cascade':
      return [
        rowOf(strategy, name, 'transcript', said, await billOf(strategy, false, said, prices), board),
        rowOf(
          strategy,
          `${name}, audio let out`,
          'audio',
          said,
          await billOf(strategy, true, said, prices),
          board,
        ),
      ];
  }
}

const NO_BILL: CloudBill = {
  calls: 0,
  bytesUp: 0,
  bytesDown: 0,
  tokens: 0,
  money: 0,
  radioJoules: 0,
  answers: new Map(),
};

function billOf(
  { handled }: Strategy,
  audio: boolean,
  said: readonly Said[],
  prices: Prices,
): Promise<CloudBill> {
  const questions = handled.filter(({ escalation }) => escalation !== null);
  const known = new Map(
    questions.map((one) => [one.escalation?.key ?? '', said.find((order) => coverage(one, order) >= WHOLE)]),
  );
  return askCloud(
    questions.flatMap(({ escalation }) => (escalation === null ? [] : [escalation])),
    { audio, prices, answer: ({ key }) => known.get(key)?.order ?? null },
  );
}

function rowOf(
  { handled, cpuMs }: Strategy,
  strategy: string,
  leaves: CostRow['leaves'],
  said: readonly Said[],
  bill: CloudBill,
  board: BoardProfile,
): CostRow {
  const dealt = said.map((order) => ({ order: order.order, by: bestFor(order, handled) }));
  const settled = dealt.filter(({ by }) => by?.settled != null);
  const asked = dealt.filter(({ by }) => by?.settled == null && by?.escalation != null);
  const answerOf = ({ settled: here, escalation }: Handled) =>
    here ?? (escalation === null ? null : (bill.answers.get(escalation.key) ?? null));
  const literally = ({ settled: here, escalation }: Handled) =>
    here ?? (escalation?.transcript == null ? null : readLiterally(escalation.transcript));
  const right = (read: (by: Handled) => Order | null) =>
    dealt.filter(({ order, by }) => {
      const answer = by === null ? null : read(by);
      return answer !== null && isSameOrder(order, answer);
    }).length;
  const about = new Set(dealt.map(({ by }) => by));
  const { calls, bytesUp, bytesDown, tokens, money, radioJoules } = bill;
  return {
    strategy,
    leaves,
    calls,
    bytesUp,
    bytesDown,
    tokens,
    money,
    joules: { cpu: (cpuMs / 1000) * board.coreWatts, radio: radioJoules },
    cpuSeconds: cpuMs / 1000,
    settled: settled.length,
    settledWrongly: settled.filter(({ order, by }) => by?.settled != null && !isSameOrder(order, by.settled))
      .length,
    asked: asked.length,
    unheard: said.length - settled.length - asked.length,
    correct: correctness(right(answerOf), said.length),
    correctLiterally: leaves === 'transcript' ? correctness(right(literally), said.length) : null,
    unaddressed: handled.filter((one) => !about.has(one) && (one.settled ?? one.escalation) !== null).length,
  };
}

function correctness(right: number, orders: number): Correctness {
  return { orders, right, share: right / Math.max(1, orders), interval: wilson(right, orders) };
}

/** The utterance that holds most of an order; null where none holds enough. */
function bestFor(order: Said, handled: readonly Handled[]): Handled | null {
  const candidates = handled.filter((one) => coverage(one, order) >= ABOUT);
  return candidates.sort((a, b) => coverage(b, order) - coverage(a, order))[0] ?? null;
}

/** Share of an order's words that an utterance holds. */
function coverage(one: Handled, order: Said): number {
  const from = Math.max(one.startSample, order.startSample);
  const to = Math.min(one.endSample, order.endSample);
  return Math.max(0, to - from) / Math.max(1, order.endSample - order.startSample);
}
