import type { PhoneInventory, Phones } from './phones.js';

/** What the network says of a stretch: log-probabilities, `steps` rows of one value a label. */
export interface Posteriors {
  readonly steps: number;
  readonly labels: number;
  readonly logProbs: Float32Array;
}

/** Where a word fits best. */
export interface Match {
  /** Mean over its phones of how far they are behind the best path through the same steps; 0 at best. */
  readonly score: number;
  /** Steps `[start, end)` it takes up. */
  readonly start: number;
  readonly end: number;
}

/** What a phone is given of the probability of those it is taken for. Chosen on people's recordings of six words. */
const ALIKE_SHARE = 0.12;
/** Cost of leaving a phone out: people swallow one. */
export const SKIP_COST = 3;
/**
 * The same of the last phone where people of any accent are heard: the end of a word is what many languages do not let
 * a consonant stand at. Chosen on 432 recordings of nine words 10 dB above noise and 1.2 h of talk for 41 words.
 */
const END_SKIP_COST = 2;
const NEVER = -1e9;
/** A word takes no longer. */
const MOST_STEPS = 90;
/**
 * Silence within a word costs nothing for so long, then so much a step: else a sound like the word's first, heard long
 * ago, would wait for the rest and stand in the way of the word itself.
 */
const PAUSE_STEPS = 15;
const PAUSE_COST = 0.2;
/** Keeps logarithms finite. */
const LEAST = 1e-8;

/**
 * How a word may be said that is searched: as it is written, give or take what the network takes for one another; or as
 * people of any accent say what is written so.
 */
export type Speech = 'written' | 'accented';

/**
 * How well each phone fits each step of what was loaded: log-probability, its likes' share in it, less that of the best
 * label there.
 */
export class Emissions {
  /** Cost of leaving the last phone out. */
  readonly endCost: number;
  readonly #alike: readonly (readonly number[])[];
  /** Filled for the phones asked for. */
  #emission = new Float64Array(0);
  #known = new Uint8Array(0);
  /** Probability of labels at each step; filled for the phones asked for and those that they are taken for. */
  #probability = new Float64Array(0);
  #made = new Uint8Array(0);
  #best = new Float64Array(0);
  #posteriors: Posteriors = { steps: 0, labels: 0, logProbs: new Float32Array(0) };

  constructor(
    private readonly inventory: PhoneInventory,
    speech: Speech,
  ) {
    const isAccented = speech === 'accented';
    this.endCost = isAccented ? END_SKIP_COST : SKIP_COST;
    this.#alike = inventory.labels.map((_, phone) =>
      isAccented ? inventory.accented(phone) : inventory.alike(phone),
    );
  }

  get steps(): number {
    return this.#posteriors.steps;
  }

  /** Takes posteriors that stand until the next. */
  load(posteriors: Posteriors): void {
    const { steps, labels, logProbs } = posteriors;
    this.#posteriors = posteriors;
    if (this.#emission.length < steps * labels) {
      this.#emission = new Float64Array(steps * labels);
      this.#best = new Float64Array(steps);
      this.#known = new Uint8Array(labels);
      this.#probability = new Float64Array(steps * labels);
      this.#made = new Uint8Array(labels);
    }
    this.#known.fill(0);
    this.#made.fill(0);
    for (let step = 0; step < steps; step++) {
      let best = NEVER;
      for (let label = 0; label < labels; label++)
        best = Math.max(best, logProbs[step * labels + label] as number);
      this.#best[step] = best;
    }
  }

  /** Makes what {@link of} is asked for these phones. */
  prepare(phones: Phones): void {
    for (const phone of phones) if (this.#known[phone] !== 1) this.#prepare(phone);
  }

  of(step: number, phone: number): number {
    return this.#emission[step * this.#posteriors.labels + phone] as number;
  }

  /**
   * How surely a sound is heard in one of the steps `[from, to)` that is neither this phone nor one it is taken for: 0
   * to 1.
   */
  otherThan(phone: number, from: number, to: number): number {
    const { steps, labels, logProbs } = this.#posteriors;
    const { blank, wordBreak } = this.inventory;
    const known = new Set([blank, wordBreak, phone, ...(this.#alike[phone] ?? [])]);
    let surest = 0;
    for (let step = Math.max(0, from); step < Math.min(to, steps); step++) {
      let other = 0;
      for (let label = 0; label < labels; label++)
        if (!known.has(label)) other += Math.exp(logProbs[step * labels + label] as number);
      surest = Math.max(surest, other);
    }
    return surest;
  }

  /** Silence between phones: the blank, or the mark between words. */
  silence(step: number): number {
    const { labels, logProbs } = this.#posteriors;
    const { blank, wordBreak } = this.inventory;
    const quiet = logProbs[step * labels + blank] as number;
    const pause = wordBreak === null ? NEVER : (logProbs[step * labels + wordBreak] as number);
    return Math.max(quiet, pause) - (this.#best[step] as number);
  }

  #prepare(phone: number): void {
    const { steps, labels } = this.#posteriors;
    this.#known[phone] = 1;
    const alike = this.#alike[phone] ?? [];
    for (const label of [phone, ...alike]) if (this.#made[label] !== 1) this.#make(label);
    for (let step = 0; step < steps; step++) {
      const row = step * labels;
      let neighbours = 0;
      for (const other of alike) neighbours += this.#probability[row + other] as number;
      const probability = (this.#probability[row + phone] as number) + ALIKE_SHARE * neighbours;
      this.#emission[row + phone] = Math.log(probability + LEAST) - (this.#best[step] as number);
    }
  }

  #make(label: number): void {
    const { steps, labels, logProbs } = this.#posteriors;
    this.#made[label] = 1;
    for (let at = label; at < steps * labels; at += labels)
      this.#probability[at] = Math.exp(logProbs[at] as number);
  }
}

/**
 * Searches posteriors for a pronunciation: a Viterbi path through its phones, in the order of connectionist temporal
 * classification (Graves et al., 2006), that may begin and end anywhere, against the path of the best label at every
 * step (keyword and filler: Rohlicek et al., 1989). Nothing is trained for a word.
 */
export class WordSearch {
  readonly #emissions: Emissions;

  constructor(inventory: PhoneInventory, speech: Speech = 'written') {
    this.#emissions = new Emissions(inventory, speech);
  }

  /** Takes the posteriors that the next words are searched in; they must stand until then. */
  load(posteriors: Posteriors): void {
    this.#emissions.load(posteriors);
  }

  /** Of what was loaded. */
  get emissions(): Emissions {
    return this.#emissions;
  }

  /** Where the word fits best in what was loaded. */
  find(phones: Phones): Match {
    const path = new WordPath(phones);
    this.#emissions.prepare(phones);
    let found = NOWHERE;
    for (let step = 0; step < this.#emissions.steps; step++)
      found = path.advance(this.#emissions, step, step, found);
    return found;
  }
}

/** No match at all. */
export const NOWHERE: Match = { score: NEVER, start: 0, end: 0 };

/** The better of two matches, the first where they are as good. */
export function better(first: Match, second: Match): Match {
  return second.score > first.score ? second : first;
}

/** The best ways through one word so far: to each phone, and to the silence after it. */
export class WordPath {
  readonly #phone: Float64Array;
  readonly #phoneFrom: Int32Array;
  readonly #silence: Float64Array;
  readonly #silenceFrom: Int32Array;
  /** Steps of silence that the path to each silence has gone through there. */
  readonly #paused: Int32Array;

  constructor(readonly phones: Phones) {
    const { length } = phones;
    this.#phone = new Float64Array(length).fill(NEVER);
    this.#phoneFrom = new Int32Array(length);
    this.#silence = new Float64Array(length).fill(NEVER);
    this.#silenceFrom = new Int32Array(length);
    this.#paused = new Int32Array(length);
  }

  /** Goes on from where another path of the same word is. */
  copy(other: WordPath): void {
    this.#phone.set(other.#phone);
    this.#phoneFrom.set(other.#phoneFrom);
    this.#silence.set(other.#silence);
    this.#silenceFrom.set(other.#silenceFrom);
    this.#paused.set(other.#paused);
  }

  /** Forgets what it heard. */
  reset(): void {
    this.#phone.fill(NEVER);
    this.#silence.fill(NEVER);
  }

  /** Hears a step, which counts as the one `at`; how the word fits if it ends with it, where that is better. */
  advance(emissions: Emissions, step: number, at: number, best: Match): Match {
    const quiet = emissions.silence(step);
    // From the last one, for each looks at what those before it were a step ago.
    for (let i = this.phones.length - 1; i >= 0; i--) {
      const before = this.#phone[i] as number;
      const beforeFrom = this.#phoneFrom[i] as number;
      this.#enter(i, at);
      this.#phone[i] = (this.#phone[i] as number) + emissions.of(step, this.phones[i] as number);
      this.#pause(i, before, beforeFrom, quiet);
    }
    return this.#ended(at + 1, emissions.endCost, best);
  }

  #ended(end: number, endCost: number, best: Match): Match {
    const last = this.phones.length - 1;
    const whole = this.#better(last, 0, end, best);
    return last < 1 ? whole : this.#better(last - 1, endCost, end, whole);
  }

  #better(i: number, cost: number, end: number, best: Match): Match {
    const score = ((this.#phone[i] as number) - cost) / this.phones.length;
    const start = this.#phoneFrom[i] as number;
    return score > best.score && end - start <= MOST_STEPS ? { score, start, end } : best;
  }

  /** The silence after a phone: it lasts, or begins behind the phone, which was as good as `before`. */
  #pause(i: number, before: number, beforeFrom: number, quiet: number): void {
    const paused = this.#paused[i] as number;
    const stays = (this.#silence[i] as number) - (paused < PAUSE_STEPS ? 0 : PAUSE_COST);
    if (stays >= before) {
      this.#silence[i] = stays + quiet;
      this.#paused[i] = paused + 1;
    } else {
      this.#silence[i] = before + quiet;
      this.#silenceFrom[i] = beforeFrom;
      this.#paused[i] = 1;
    }
  }

  /**
   * The best way into a phone: from itself, the silence or the phone before it, past one that was left out, or anew.
   */
  #enter(i: number, at: number): void {
    if (i === 0) this.#offer(i, 0, at);
    if (i === 1) this.#offer(i, -SKIP_COST, at);
    if (i > 0) {
      this.#offer(i, this.#silence[i - 1] as number, this.#silenceFrom[i - 1] as number);
      if (this.phones[i - 1] !== this.phones[i])
        this.#offer(i, this.#phone[i - 1] as number, this.#phoneFrom[i - 1] as number);
    }
    if (i > 1) {
      this.#offer(i, (this.#silence[i - 2] as number) - SKIP_COST, this.#silenceFrom[i - 2] as number);
      this.#offer(i, (this.#phone[i - 2] as number) - SKIP_COST, this.#phoneFrom[i - 2] as number);
    }
  }

  #offer(i: number, score: number, from: number): void {
    if (score <= (this.#phone[i] as number)) return;
    this.#phone[i] = score;
    this.#phoneFrom[i] = from;
  }
}
