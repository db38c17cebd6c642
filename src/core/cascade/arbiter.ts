import type { Timer } from '../clock.js';

/** A verified word, as a house of several sources weighs it. */
export interface HeardWord {
  readonly detection: string;
  readonly source: string;
  readonly label: string;
  /** Calibrated, of the stage that verified it. */
  readonly confidence: number;
  /** Mean square of its samples, full scale 1; breaks ties. */
  readonly power: number;
  /** How long ago its first sample was heard. */
  readonly agoMs: number;
}

/** What a cascade knows of the other sources of the house. */
export interface Company {
  /** A word was verified here. */
  heard(word: HeardWord): void;
  /** Whether this source is the one to act on a detection; asked once, before anything is done. */
  isMine(detection: string): Promise<boolean>;
}

/** The same word reaches two sources this close together; their clocks and periods differ more than sound takes. */
export const SAME_WORD_MS = 2000;
/** How long a surer source is waited for that has not got so far yet; it may hang. */
const PATIENCE_MS = 3000;
/** Orders remembered; the oldest go first. */
const ORDERS_MAX = 64;

/** One order and who heard it. */
interface Order {
  readonly label: string;
  readonly atMs: number;
  /** When it was first told of here, monotonic. */
  readonly firstMs: number;
  /** Who has told of it, be it that nothing came of it. */
  readonly sources: Set<string>;
  /** Who may act on it still. */
  readonly words: Map<string, HeardWord>;
  /** Who waits for a surer one, by detection. */
  readonly waiting: Map<string, (isMine: boolean) => void>;
  /** Who acts on it. */
  owner: string | null;
}

/**
 * Sees to it that an order is done once, however many sources heard it: the surest that asks has it. Who is alone, or
 * the surest, has it at once; the others wait until the surer one has asked, gave up, or has had its time.
 * Pure but for its timer.
 */
export class Arbiter {
  readonly #timer: Timer;
  readonly #nowMs: () => number;
  readonly #patienceMs: number | null;
  #orders: readonly Order[] = [];

  /** @param patienceMs how long a surer one is waited for; null: until whoever waits insists. */
  constructor(timer: Timer, nowMs: () => number, patienceMs: number | null = PATIENCE_MS) {
    this.#timer = timer;
    this.#nowMs = nowMs;
    this.#patienceMs = patienceMs;
  }

  /** A source verified a word. */
  heard(word: HeardWord): void {
    const firstMs = this.#nowMs();
    const { label, source } = word;
    const atMs = firstMs - word.agoMs;
    const known = this.#orders.find((order) => isSame(order, word, atMs));
    if (known !== undefined) {
      known.words.set(word.detection, word);
      known.sources.add(source);
      return;
    }
    const words = new Map([[word.detection, word]]);
    const sources = new Set([source]);
    const order: Order = { label, atMs, firstMs, sources, words, waiting: new Map(), owner: null };
    this.#orders = [...this.#orders.slice(1 - ORDERS_MAX), order];
  }

  /** What was told of the order that a detection is of; null: nothing yet. */
  toldOf(detection: string): Pick<Order, 'firstMs' | 'sources'> | null {
    return this.#orders.find(({ words }) => words.has(detection)) ?? null;
  }

  /** Whether its source may act on a detection. */
  isMine(detection: string): Promise<boolean> {
    const order = this.#orders.find(({ words }) => words.has(detection));
    if (order === undefined || order.owner === detection) return Promise.resolve(true);
    if (order.owner !== null) return Promise.resolve(false);
    return new Promise((resolve) => {
      order.waiting.set(detection, resolve);
      this.#decide(order);
      const patienceMs = this.#patienceMs;
      if (order.owner === null && patienceMs !== null)
        this.#timer(patienceMs, () => this.#give(order, detection));
    });
  }

  /** Who asked waits for nobody any more. */
  insist(detection: string): void {
    const order = this.#orders.find(({ words }) => words.has(detection));
    if (order !== undefined) this.#give(order, detection);
  }

  /** Nothing will come of a detection. */
  ended(detection: string): void {
    const order = this.#orders.find(({ words }) => words.has(detection));
    if (order === undefined) return;
    order.words.delete(detection);
    this.#decide(order);
  }

  /** A source is gone, and whatever it was about to do. */
  lost(source: string): void {
    for (const order of this.#orders) {
      for (const [detection, word] of order.words) if (word.source === source) this.ended(detection);
    }
  }

  /** The surest has it once it asks. */
  #decide(order: Order): void {
    const [surest] = [...order.words.values()].sort(bySureness);
    if (surest !== undefined && order.waiting.has(surest.detection)) this.#give(order, surest.detection);
  }

  #give(order: Order, detection: string): void {
    if (order.owner !== null || !order.waiting.has(detection)) return;
    order.owner = detection;
    for (const [each, answer] of order.waiting) answer(each === detection);
    order.waiting.clear();
  }
}

/** One source hears two orders, however close they are. */
function isSame(order: Order, word: HeardWord, atMs: number): boolean {
  if (order.label !== word.label || Math.abs(order.atMs - atMs) > SAME_WORD_MS) return false;
  return [...order.words.values()].every(({ source }) => source !== word.source);
}

function bySureness(a: HeardWord, b: HeardWord): number {
  return stepOf(b) - stepOf(a) || b.power - a.power;
}

/** Calibration tells no two confidences apart that differ by less than a hundredth. */
function stepOf({ confidence }: HeardWord): number {
  return Math.round(confidence * 100);
}
