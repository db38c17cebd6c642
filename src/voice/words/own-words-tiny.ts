import type { StageSpec } from '../../core/cascade/assembly.js';
import { sigmoid } from '../../core/cascade/calibration.js';
import type { Decision, Judgement, Stage, Window } from '../../core/cascade/stage.js';
import { judge, type Thresholds, type ThresholdsAsked, thresholdsOf } from '../../core/thresholds.js';
import type { Model } from '../../models/manifest.js';
import { bestMatch, type OwnMatch, type OwnWord } from './own-word.js';
import { PhoneNetwork, STEP_SAMPLES } from './phone-network.js';
import { WordSearch } from './search.js';

/** Listens for words of the owner's, all day; as data. */
export interface OwnWordsTinySpec extends StageSpec {
  readonly kind: 'own-words-tiny';
  readonly model: Model;
  readonly words: readonly OwnWord[];
  readonly thresholds: Thresholds;
  /** Of single words, before those. */
  readonly wordThresholds: ThresholdsAsked['wordThresholds'];
}

/** What is looked at at once: the longest word, and what the network wants to hear on both sides. */
const WINDOW_SAMPLES = 28_800;
/** A look so often: every word lies whole in some window, with sound behind it. */
const LOOK_SAMPLES = 7_680;
/** The score at which a look is as likely right as wrong, and how fast that changes: chosen on words of people. */
const EVEN_SCORE = -1.9;
const SLOPE = 4;

/**
 * Looks for the phones of every word of the owner's in windows that overlap, half a second apart; between two looks it
 * repeats what it found. One run of the network serves all words.
 */
class OwnWordsTiny implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #heard = new Float32Array(WINDOW_SAMPLES);
  readonly #search: WordSearch;
  #fresh = 0;
  #known = 0;
  #last: Judgement;

  constructor(
    private readonly spec: OwnWordsTinySpec,
    private readonly network: PhoneNetwork,
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#search = new WordSearch(network.inventory);
    this.#last = this.#nothing();
  }

  decide({ data, startSample }: Window): Decision | Promise<Decision> {
    const taken = Math.min(data.length, WINDOW_SAMPLES);
    this.#heard.copyWithin(0, taken);
    this.#heard.set(data.subarray(data.length - taken), WINDOW_SAMPLES - taken);
    this.#fresh += taken;
    this.#known = Math.min(WINDOW_SAMPLES, this.#known + taken);
    if (this.#fresh < LOOK_SAMPLES) return this.#last;
    this.#fresh = 0;
    return this.#look(startSample + data.length);
  }

  reset(): void {
    this.#heard.fill(0);
    this.#fresh = 0;
    this.#known = 0;
    this.#last = this.#nothing();
  }

  async dispose(): Promise<void> {
    await this.network.dispose();
  }

  async #look(endSample: number): Promise<Decision> {
    const from = WINDOW_SAMPLES - this.#known;
    this.#search.load(await this.network.hear(this.#heard.subarray(from)));
    const matches = this.spec.words.map((word) => bestMatch(this.#search, word));
    const [best, ...others] = matches.sort((a, b) => b.score - a.score);
    this.#last =
      best === undefined ? this.#nothing() : this.#judgement(best, others, endSample - this.#known);
    return this.#last;
  }

  #judgement({ word, score, start }: OwnMatch, others: readonly OwnMatch[], firstSample: number): Judgement {
    const { confidence, kind, thresholds } = this.#judge(word, score);
    const besides = others.filter((other) => this.#judge(other.word, other.score).kind !== 'reject');
    return {
      besides: new Map(besides.map((other) => [other.word.name, other.score])),
      kind,
      stage: this.name,
      label: word.name,
      score,
      confidence,
      thresholds,
      contributions: [],
      startSample: Math.max(0, firstSample + start * STEP_SAMPLES),
    };
  }

  #judge({ name }: OwnWord, score: number) {
    const confidence = sigmoid(SLOPE * (score - EVEN_SCORE));
    const thresholds = thresholdsOf(name, this.spec, this.spec.thresholds);
    return { confidence, kind: judge(confidence, thresholds), thresholds };
  }

  #nothing(): Judgement {
    const label = this.spec.words[0]?.name ?? '';
    return { kind: 'reject', stage: this.name, label, score: 0, confidence: 0, contributions: [] };
  }
}

/** @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`. */
export async function createOwnWordsTiny(spec: OwnWordsTinySpec): Promise<Stage> {
  return new OwnWordsTiny(spec, await PhoneNetwork.load(spec.model));
}
