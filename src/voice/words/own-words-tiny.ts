import type { StageSpec } from '../../core/cascade/assembly.js';
import { sigmoid } from '../../core/cascade/calibration.js';
import type { Decision, Judgement, Stage, Window } from '../../core/cascade/stage.js';
import { judge, type Thresholds } from '../../core/thresholds.js';
import type { Model } from '../../models/manifest.js';
import { type FollowedWord, type Found, followSounds, followTakes } from './followed-word.js';
import { HeldTakes } from './held-takes.js';
import { isOnlySpoken, type OwnWord } from './own-word.js';
import { type PhoneEars, PhoneNetwork, type PhoneStream, STEP_SAMPLES } from './phone-network.js';
import { Emissions } from './search.js';

/** Listens for words of the owner's, all day; as data. */
export interface OwnWordsTinySpec extends StageSpec {
  readonly kind: 'own-words-tiny';
  readonly model: Model;
  readonly words: readonly OwnWord[];
  readonly thresholds: Thresholds;
}

/** A look so often; later, and the gate may shut behind a word that nobody has looked at. */
const LOOK_SAMPLES = 11_520;
/** While a word that was only ever spoken is noticed: it is judged once it fits no better from look to look. */
const NEAR_LOOK_SAMPLES = 3_840;
/** Sound that the network wants to hear after a step to be sure of it: chosen on words of people. */
const AFTER_SAMPLES = 3_840;
/** Most that is looked at at once. */
const WINDOW_SAMPLES = AFTER_SAMPLES + 2 * LOOK_SAMPLES;
/** How fast it changes with the margin whether a look is right. */
const SLOPE = 4;
/**
 * What the judges want to hear of what follows a word that was only ever spoken, ms: such words are told apart where
 * they differ, which may be in the last sound.
 */
const TAKES_TAIL_MS = 480;

/**
 * Follows every word of the owner's through the sound; between two looks it repeats what it found. Each
 * step of the network is heard once, for all words; the newest steps, which still lack what comes after them, are heard
 * again with the next look.
 */
class OwnWordsTiny implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #heard = new Float32Array(WINDOW_SAMPLES);
  readonly #stream: PhoneStream;
  readonly #emissions: Emissions;
  readonly #followed: readonly FollowedWord[];
  /** Where the sound began. */
  #firstSample = 0;
  /** Samples heard since, and those at the last look. */
  #samples = 0;
  #lookedAt = 0;
  /** Steps that every path has taken for good. */
  #settled = 0;
  #last: Judgement;

  constructor(
    private readonly spec: OwnWordsTinySpec,
    private readonly ears: PhoneEars,
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#stream = ears.stream(spec.words.some(isOnlySpoken));
    this.#emissions = new Emissions(ears.inventory, 'accented');
    const holds = new HeldTakes();
    this.#followed = spec.words.map((word) =>
      isOnlySpoken(word) ? followTakes(word, holds) : followSounds(word, ears.inventory),
    );
    this.#last = this.#nothing();
  }

  decide({ data, startSample }: Window): Decision | Promise<Decision> {
    if (this.#samples === 0) this.#firstSample = startSample;
    const taken = Math.min(data.length, WINDOW_SAMPLES);
    this.#heard.copyWithin(0, taken);
    this.#heard.set(data.subarray(data.length - taken), WINDOW_SAMPLES - taken);
    this.#samples += data.length;
    const waitSamples = this.#last.tailMs === undefined ? LOOK_SAMPLES : NEAR_LOOK_SAMPLES;
    if (this.#samples - this.#lookedAt < waitSamples) return this.#last;
    this.#lookedAt = this.#samples;
    return this.#look();
  }

  reset(): void {
    this.#samples = 0;
    this.#lookedAt = 0;
    this.#settled = 0;
    this.#stream.reset();
    for (const each of this.#followed) each.reset();
    this.#last = this.#nothing();
  }

  async dispose(): Promise<void> {
    await this.ears.dispose();
  }

  async #look(): Promise<Decision> {
    const first = Math.max(this.#settled, Math.ceil((this.#samples - WINDOW_SAMPLES) / STEP_SAMPLES));
    if (first > this.#settled) this.#stream.reset();
    this.#settled = Math.max(first, Math.floor((this.#samples - AFTER_SAMPLES) / STEP_SAMPLES));
    const shown = this.#heard.subarray(WINDOW_SAMPLES - (this.#samples - first * STEP_SAMPLES));
    const { posteriors, inner } = await this.#stream.hear(shown, this.#settled - first);
    this.#emissions.load(posteriors);
    const end = first + posteriors.steps;
    const look = { emissions: this.#emissions, inner, first, settled: this.#settled, end };
    for (const each of this.#followed) each.hear(look);
    const found = this.#followed.map((each) => each.found());
    const [best, ...others] = found.sort((a, b) => b.margin - a.margin);
    this.#last = best === undefined ? this.#nothing() : this.#judgement(best, others);
    return this.#last;
  }

  #judgement({ word, score, start, margin }: Found, others: readonly Found[]): Judgement {
    const { confidence, kind } = this.#judge(margin);
    const fits = others.filter((other) => this.#judge(other.margin).kind !== 'reject');
    const isSpoken = kind !== 'reject' && [word, ...fits.map((other) => other.word)].some(isOnlySpoken);
    // Words that were only ever spoken are judged together: the likeliest of them is believed, not the first.
    const besides = isSpoken ? others.filter((o) => isOnlySpoken(o.word) || fits.includes(o)) : fits;
    return {
      ...(isSpoken ? { tailMs: TAKES_TAIL_MS } : {}),
      besides: new Map(besides.map((other) => [other.word.name, other.score])),
      kind,
      stage: this.name,
      label: word.name,
      score,
      confidence,
      thresholds: this.spec.thresholds,
      contributions: [],
      startSample: this.#firstSample + start * STEP_SAMPLES,
    };
  }

  #judge(margin: number) {
    const confidence = sigmoid(SLOPE * margin);
    return { confidence, kind: judge(confidence, this.spec.thresholds) };
  }

  #nothing(): Judgement {
    const label = this.spec.words[0]?.name ?? '';
    return { kind: 'reject', stage: this.name, label, score: 0, confidence: 0, contributions: [] };
  }
}

/**
 * @param ears without, a network of its own.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createOwnWordsTiny(spec: OwnWordsTinySpec, ears?: PhoneEars): Promise<Stage> {
  return new OwnWordsTiny(spec, ears ?? (await PhoneNetwork.load(spec.model)));
}
