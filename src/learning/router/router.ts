import { mean, variance } from '../../core/moments.js';
import { quantile } from '../../core/quantile.js';
import { ridge, type SparseRows } from './ridge.js';
import { SHAPE_NAMES, type TextFeatures } from './text-features.js';

/** A question that both models answered. */
export interface RouterExample extends TextFeatures {
  readonly weakCorrect: boolean;
  readonly strongCorrect: boolean;
  /** Subject, speaker or home it comes from: what a router must not learn by heart. */
  readonly group: string;
}

/** What a router has learnt; nothing of any text, so that it can be kept as JSON. */
export interface RouterWeights {
  /** What the figures of the shape are called. */
  readonly names: readonly string[];
  readonly intercept: number;
  /** By figure of the shape: mean and deviation where it was learnt, and weight. */
  readonly shape: readonly (readonly [mean: number, deviation: number, weight: number])[];
  /** Number of a word, how rare it is (inverse document frequency), and weight. */
  readonly words: readonly (readonly [word: number, rarity: number, weight: number])[];
  /** How far a shape lay from the middle at most in all but one of a hundred of the examples. */
  readonly farthest: number;
}

/** What a router says of a text. */
export interface Route {
  /** How much the strong model is needed: higher is more. Ranks texts; no probability. */
  readonly need: number;
  /** It resembles nothing that was learnt from: the rules should decide. */
  readonly unlike: boolean;
  /** The figures that counted most, for or against, strongest first. */
  readonly because: readonly { readonly what: string; readonly by: number }[];
}

/** How strongly weights are held small. Chosen by cross-validation by subject on the given routing questions. */
const PENALTY = 20;
/** Weight of a shape beside the words, whose vector has length 1. */
const SHAPE_SCALE = 0.1;
/** Deviations beyond which a figure counts no more. */
const MOST_DEVIATIONS = 3;
/** A word is learnt that a quarter of the groups have, so that none stands for a subject. */
const WORD_GROUPS = 0.25;
/** In how many questions a word must stand. */
const WORD_QUESTIONS = 8;
/**
 * How much it tells against asking the strong model that it will be wrong as well. Less than 1, since both models
 * fail on the same questions by chance, too: what is told of the strong one alone is the weaker evidence.
 */
const STRONG_WRONG = 0.3;
const FAR = 0.99;
const REASONS = 3;

/**
 * Learns when the strong model is worth asking. Deterministic.
 * @param names what the figures of the examples' shapes are called
 */
export function trainRouter(examples: readonly RouterExample[], names = SHAPE_NAMES): RouterWeights {
  const scales = names.map((_, at) => scaleOf(examples.map(({ shape }) => shape[at] ?? 0)));
  const rarity = raritiesOf(examples);
  const columns = new Map([...rarity.keys()].map((word, at) => [word, at + names.length]));
  const rows = rowsOf(examples, scales, rarity, columns);
  const targets = examples.map(
    ({ weakCorrect, strongCorrect }) => (weakCorrect ? 0 : 1) - STRONG_WRONG * (strongCorrect ? 0 : 1),
  );
  const { weights, intercept } = ridge(rows, targets, PENALTY);
  const distances = examples.map((example) => distanceOf(example, scales));
  return {
    names,
    intercept,
    shape: scales.map(([mean, deviation], at) => [mean, deviation, weights[at] ?? 0]),
    words: [...rarity].map(([word, rare]) => [word, rare, weights[columns.get(word) ?? 0] ?? 0]),
    farthest: distances.length === 0 ? 0 : quantile(distances, FAR),
  };
}

/** What was learnt, ready to be asked. */
export class LearnedRouter {
  readonly #weights: RouterWeights;
  readonly #words: ReadonlyMap<number, readonly [rarity: number, weight: number]>;

  constructor(weights: RouterWeights) {
    this.#weights = weights;
    this.#words = new Map(weights.words.map(([word, rarity, weight]) => [word, [rarity, weight]]));
  }

  route(features: TextFeatures): Route {
    const { names, intercept, shape, farthest } = this.#weights;
    const parts = shape.map(([mean, deviation, weight], at) => ({
      what: names[at] ?? '',
      by: weight * SHAPE_SCALE * deviationsOf(features.shape[at] ?? 0, mean, deviation),
    }));
    const known = features.words.map((word) => this.#words.get(word)).filter((entry) => entry !== undefined);
    const length = Math.hypot(...known.map(([rarity]) => rarity)) || 1;
    const words = known.reduce((total, [rarity, weight]) => total + (rarity / length) * weight, 0);
    const all = [...parts, { what: 'its words', by: words }];
    return {
      need: all.reduce((total, { by }) => total + by, intercept),
      unlike: known.length === 0 || distanceOf(features, shape) > farthest,
      because: all.sort((a, b) => Math.abs(b.by) - Math.abs(a.by)).slice(0, REASONS),
    };
  }
}

function scaleOf(values: readonly number[]): [mean: number, deviation: number] {
  return [mean(values), Math.sqrt(variance(values))];
}

function deviationsOf(value: number, mean: number, deviation: number): number {
  const away = deviation > 0 ? (value - mean) / deviation : 0;
  return Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, away));
}

/** Root mean square of what a shape is away from the middle, in deviations. */
function distanceOf({ shape }: TextFeatures, scales: readonly (readonly number[])[]): number {
  const squares = scales.map(([mean = 0, deviation = 0], at) =>
    deviation > 0 ? (((shape[at] ?? 0) - mean) / deviation) ** 2 : 0,
  );
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (squares.length || 1));
}

/** How rare the words are that are learnt, by smoothed inverse document frequency (Spärck Jones, 1972). */
function raritiesOf(examples: readonly RouterExample[]): ReadonlyMap<number, number> {
  const seen = new Map<number, { questions: number; readonly groups: Set<string> }>();
  for (const { words, group } of examples) {
    for (const word of words) {
      const entry = seen.get(word) ?? { questions: 0, groups: new Set<string>() };
      entry.questions += 1;
      entry.groups.add(group);
      seen.set(word, entry);
    }
  }
  const groups = new Set(examples.map(({ group }) => group)).size;
  const learnt = [...seen].filter(
    ([, entry]) => entry.questions >= WORD_QUESTIONS && entry.groups.size >= WORD_GROUPS * groups,
  );
  const rare = (questions: number) => Math.log((1 + examples.length) / (1 + questions)) + 1;
  return new Map(learnt.sort(([a], [b]) => a - b).map(([word, { questions }]) => [word, rare(questions)]));
}

function rowsOf(
  examples: readonly RouterExample[],
  scales: readonly (readonly [mean: number, deviation: number])[],
  rarity: ReadonlyMap<number, number>,
  columnOf: ReadonlyMap<number, number>,
): SparseRows {
  const starts = [0];
  const columns: number[] = [];
  const values: number[] = [];
  for (const { shape, words } of examples) {
    scales.forEach(([mean, deviation], at) => {
      columns.push(at);
      values.push(SHAPE_SCALE * deviationsOf(shape[at] ?? 0, mean, deviation));
    });
    const known = words.filter((word) => columnOf.has(word));
    const length = Math.hypot(...known.map((word) => rarity.get(word) ?? 0)) || 1;
    for (const word of known) {
      columns.push(columnOf.get(word) ?? 0);
      values.push((rarity.get(word) ?? 0) / length);
    }
    starts.push(columns.length);
  }
  return {
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    values: Float64Array.from(values),
    width: scales.length + rarity.size,
  };
}
