import { logit, sigmoid } from '../../core/cascade/calibration.js';
import { mean } from '../../core/moments.js';
import { median } from '../../core/quantile.js';
import { VOICE_RATE_HZ } from '../../sources/mono.js';
import { EVEN_ACCEPT, isOnlySpoken, type OwnWord } from './own-word.js';
import { createOwnWordsHeavy, type OwnWordsHeavySpec } from './own-words-heavy.js';
import { PhoneNetwork } from './phone-network.js';
import { readPhrases } from './phrase-reader.js';
import { readTake, type Take } from './takes.js';

/**
 * How takes set what is asked of their word: of how sure they are of each other, in logits, so large a share, less the
 * margin, for the word will be said worse than it was recorded; between these confidences.
 */
interface Leeway {
  readonly share: number;
  readonly margin: number;
  readonly least: number;
  readonly most: number;
}

/** By the take that the spelling and the others are least sure of. */
const READ: Leeway = { share: 1, margin: 1, least: 0.4, most: 0.6 };
/**
 * Of a word that only its takes judge, by the mean of them: takes that are unlike each other are less like whatever
 * else is said, too. Chosen on sixteen draws of five takes of six words of another language and of eight English ones,
 * leaving out each in turn, and on 0.7 h of talk, in which English ones have half a false accept an hour and word, and
 * others less.
 */
export const UNREAD: Leeway = { share: 0.4, margin: 1.75, least: 0.25, most: 0.9 };
/** A take that is so unsure is of something else. */
const ODD_BELOW = 0.1;
/** Silence around a take: a window holds more than the word. */
const AROUND_SAMPLES = VOICE_RATE_HZ / 4;

/** From which confidence a word is believed by its takes, and how sure each was by the others. */
export interface TakesPoint {
  readonly accept: number;
  /** How many sounds a take of them has, in the middle. */
  readonly sounds: number;
  /** By take: confidence that it is the word as it is spelt, and as the other takes say it. */
  readonly confidences: readonly number[];
}

/**
 * Judges every take as the verifier would, were the word told by its spelling and the other takes alone, and sets what
 * is asked of the word by how sure that was: a little below the worst of them, or of a word that only they judge below
 * the mean.
 * @param word as it is listened for, without its takes; its ways are those of its spelling, none where it has none.
 * @throws CatnapError what loading the models and reading a take throws.
 */
export async function takesPoint(
  takes: readonly Take[],
  word: Pick<OwnWord, 'phrase' | 'ways' | 'near'>,
  { model, budgetMs }: Pick<OwnWordsHeavySpec, 'model' | 'budgetMs'>,
): Promise<TakesPoint> {
  const recordings: Float32Array[] = [];
  for (const { file } of takes) recordings.push(await readTake(file));
  const judges = { ears: await PhoneNetwork.load(model), reader: await readPhrases() };
  const words = takes.map((take, at): OwnWord => {
    const others = takes.filter((other) => other !== take);
    return {
      name: String(at),
      phrase: word.phrase,
      ways: [...word.ways, ...others.map(({ phones }) => phones)],
      takes: others.map(({ compared }) => compared),
      near: word.near,
      accept: EVEN_ACCEPT,
    };
  });
  const spec = { kind: 'own-words-heavy', name: 'takes', model, budgetMs, words } as const;
  const stage = await createOwnWordsHeavy(spec, judges);
  const confidences: number[] = [];
  try {
    for (const [at, recording] of recordings.entries()) {
      const window = { source: 'takes', startSample: 0, rateHz: VOICE_RATE_HZ, channels: 1 };
      const noticed = new Map([[String(at), 0]]);
      const data = inSilence(recording);
      const decision = await stage.decide({ ...window, data, noticed }, new AbortController().signal);
      confidences.push(decision.kind === 'abstain' ? 0 : decision.confidence);
    }
  } finally {
    await stage.dispose();
  }
  const { inventory } = judges.ears;
  return {
    accept: isOnlySpoken(word)
      ? acceptBelow(sigmoid(mean(confidences.map(logit))), UNREAD)
      : acceptBelow(Math.min(...confidences)),
    sounds: Math.round(median(takes.map(({ phones }) => inventory.soundsOf(phones)))),
    confidences,
  };
}

/** A take that the others, and the spelling, hold for another word although most of them are sure of each other. */
export function oddOf(confidences: readonly number[]): number | null {
  const sorted = [...confidences].sort((a, b) => a - b);
  const [worst = 1, median = 0] = [sorted[0], sorted[sorted.length >> 1]];
  return worst < ODD_BELOW && median >= EVEN_ACCEPT ? confidences.indexOf(worst) : null;
}

/** What is asked of a word whose takes are so sure of each other. */
export function acceptBelow(confidence: number, { share, margin, least, most }: Leeway = READ): number {
  const asked = sigmoid(share * logit(confidence) - margin);
  return Number(Math.min(most, Math.max(least, asked)).toFixed(2));
}

function inSilence(samples: Float32Array): Float32Array {
  const whole = new Float32Array(samples.length + 2 * AROUND_SAMPLES);
  whole.set(samples, AROUND_SAMPLES);
  return whole;
}
