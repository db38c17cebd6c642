import type { StageSpec } from '../../core/cascade/assembly.js';
import { logit, sigmoid } from '../../core/cascade/calibration.js';
import type { Contribution, Decision, Judgement, Stage, Window } from '../../core/cascade/stage.js';
import type { Clock } from '../../core/clock.js';
import { mean } from '../../core/moments.js';
import { median } from '../../core/quantile.js';
import { judge } from '../../core/thresholds.js';
import type { Model } from '../../models/manifest.js';
import { VOICE_RATE_HZ } from '../../sources/mono.js';
import { phoneScores } from './alignment.js';
import { HeldTakes } from './held-takes.js';
import { type Compared, comparison, melodyOf } from './likeness.js';
import { bestMatch, EVEN_ACCEPT, isOnlySpoken, type OwnMatch, type OwnWord, shortness } from './own-word.js';
import { type PhoneEars, PhoneNetwork, STEP_SAMPLES } from './phone-network.js';
import { type PhraseReader, readPhrases } from './phrase-reader.js';
import { ReadingTime } from './reading-time.js';
import { type Emissions, SKIP_COST, WordSearch } from './search.js';

/** Judges the window that woke it for a word of the owner's; as data. */
export interface OwnWordsHeavySpec extends StageSpec {
  readonly kind: 'own-words-heavy';
  readonly model: Model;
  readonly words: readonly OwnWord[];
  /** As {@link VoiceStageRequest.exact}. */
  readonly exact?: boolean;
}

/**
 * What the reader's score counts beside a phone's. Chosen on 112 recordings of nine words of people, as they are and
 * 10 dB above noise, and on 0.12 h of talk for 17 words: of 2 false accepts none is left, and of 17 recordings that the
 * judges missed 3.
 */
const READER_SHARE = 1 / 3;
/** The joint score at which a window is as likely a long word as not, and how fast that changes. */
const EVEN_SCORE = -3.75;
const SLOPE = 3;
/** Asked of a short word on top, times its shortness. */
const SHORT_COST = 6;
/**
 * What it counts, beside a phone's score, how like its takes the word is that nobody can read: in its sounds, and by a
 * semitone in its melody, which in some languages is all that words differ by. Chosen on draws of five takes of six
 * words of another language and of eight English ones, and on 1.2 h of talk.
 */
const LIKENESS_SHARE = 40;
const MELODY_SHARE = 1.6;
/**
 * How much it is warped to be so like them counts against its being the word, and nothing between two words that both
 * are believed, for alike words are warped alike. Chosen, as the even score is, on sixteen draws of five takes of
 * fourteen such words, leaving out each in turn, and on 0.7 h of talk.
 */
const WARP_SHARE = 8;
/** The joint score of such a word at which a window is as likely it as not, and how fast that changes. */
const EVEN_SCORE_UNREAD = -29;
const SLOPE_UNREAD = 0.5;
/** Sound before and after the word that the reader is shown. */
const AROUND_SAMPLES = { before: 3_200, after: 3_200 };
/**
 * What it is shown where the verdict is close. A recogniser that is cut short writes likely words, and one that hears
 * what goes on around writes what is said: of a part of another word it reads less, of a word in noise more. Chosen
 * with {@link CLOSE} and the even score on 432 recordings of nine words 10 dB above noise and on 1.1 h of talk.
 */
const FURTHER_SAMPLES = [
  { before: 4_800, after: 6_400 },
  { before: 8_000, after: 8_000 },
];
/**
 * Where the joint score is this near to what is asked of the word, both judges are asked again: the phones heard half a
 * step later, and the mean counts, for the same word scores otherwise by where the steps fall; the reader with more
 * around the word, and the mean of these answers counts in place of the first.
 */
const CLOSE = 1.5;
/** Hearing the phones once more takes no longer than a read. */
const READS_WHERE_CLOSE = 1 + FURTHER_SAMPLES.length;
const HALF_STEP_SAMPLES = STEP_SAMPLES / 2;
/**
 * What the reader says when it is shown more counts for more: so much on top for each point by which it reads better
 * than this, and as much less where it reads worse. Chosen, with the mean of both answers, on 432 recordings of nine
 * words 10 dB above noise and 4.1 h of talk: 33 false accepts in place of 42, as many missed.
 */
const FURTHER_SHARE = 1 / 6;
const EVEN_READING = -6.6;
/**
 * A part of another word: its last sound lacks, or its first, and within so many steps of there another one is heard.
 * So much of what that sound lacks, one that is left out at most, is then held against it. Chosen on 190 recordings of
 * nine words, as they are and 10 dB above noise, 171 places of 18 phrases in orders, and 1.2 h of talk for 23 words.
 */
const GOES_ON_SHARE = 0.6;
const GOES_BEFORE_SHARE = 1 / 4;
const AROUND_STEPS = 10;
/**
 * Everyday words that are near to a word are what it is falsely heard in, mostly while somebody talks on. Held against
 * it where another sound is heard right before it, times the logarithm of how many there are. Chosen on 0.6 h of talk
 * for 15 and 23 words, whose 12 false accepts were all of words that six or more are near to, and on 432 recordings of
 * nine words, half of them 10 dB above noise: 5 false accepts fewer, 2 recordings more missed.
 */
const NEAR_COST = 1 / 4;
/**
 * A reader that holds the whole phrase for likely speaks against its being a part of something else: from this score
 * up to 0 ever less is held against it. Chosen on 432 recordings of nine words, half of them 10 dB above noise, and on
 * 0.8 h of talk and 0.4 h in noise for 23 words: of 38 missed 7 fewer, and no false accept more.
 */
const UNREAD_SCORE = -6;
/** Words that are read in one window: each costs the reader's time. */
const MOST_READ = 3;
/** The network names a phone as it begins; the last one sounds on for about so long (medians of 93 to 114 ms). */
const LAST_PHONE_SAMPLES = 1_600;
/** No reader reads better than this. */
const READER_MOST = 0;

/** Where a word fits; what its takes say of it is in its score, of a word that nobody can read. */
interface Fit extends OwnMatch {
  /** What its takes add to its score, 0 at best; null of a word that is read. */
  readonly byTakes: number | null;
  /** What of that is for being warped to be like them, 0 or below. */
  readonly warpCost: number;
  /** With which step its last phone is heard: as its takes have it, of a word that nobody can read. */
  readonly heardTo: number;
}

/** The same, and what is held against it where nobody reads it. */
interface WholeFit extends Fit {
  /** How well each sound of the way fits. */
  readonly phones: ReturnType<typeof phoneScores>;
  /** What is held against it as a part of another word, 0 or below. */
  readonly partCost: number;
}

/** What the takes of each word say of a sound, of words that nobody can read. */
type Comparisons = ReadonlyMap<OwnWord, readonly ReturnType<typeof comparison>[]>;

function comparisonsOf(words: readonly OwnWord[]): Comparisons {
  const holds = new HeldTakes();
  const spoken = words.filter(isOnlySpoken);
  return new Map(spoken.map((word) => [word, word.takes.map((take) => comparison(take, holds))]));
}

/** A window that was heard. */
class HeardWindow {
  /** For words that are spelt, and for those that are like their takes or nothing. */
  readonly #spelt: WordSearch;
  readonly #spoken: WordSearch;
  #compared: Compared | null = null;

  constructor(
    private readonly ears: PhoneEars,
    private readonly comparisons: Comparisons,
  ) {
    this.#spelt = new WordSearch(ears.inventory, 'accented');
    this.#spoken = new WordSearch(ears.inventory);
  }

  async hear(samples: Float32Array): Promise<void> {
    if (this.comparisons.size === 0) return this.#spelt.load(await this.ears.hear(samples));
    const heard = await this.ears.hearWithin(samples);
    this.#spelt.load(heard);
    this.#spoken.load(heard);
    this.#compared = { inner: heard.inner, pitch: melodyOf(samples, VOICE_RATE_HZ) };
  }

  emissions(word: OwnWord): Emissions {
    return this.#searchFor(word).emissions;
  }

  fit(word: OwnWord): Fit {
    const match = bestMatch(this.#searchFor(word), word);
    const [compared, comparisons] = [this.#compared, this.comparisons.get(word)];
    if (compared === null || comparisons === undefined)
      return { ...match, byTakes: null, warpCost: 0, heardTo: match.end };
    const likenesses = comparisons.map((compare) => compare(compared));
    const warpCost = -WARP_SHARE * mean(likenesses.map(({ warp }) => warp));
    const unwarped = likenesses.map(({ sounds, melody }) => LIKENESS_SHARE * sounds - MELODY_SHARE * melody);
    const byTakes = mean(unwarped) + warpCost;
    const heardTo = Math.round(median(likenesses.map(({ end }) => end)));
    return { ...match, score: match.score + byTakes, byTakes, warpCost, heardTo };
  }

  #searchFor(word: OwnWord): WordSearch {
    return isOnlySpoken(word) ? this.#spoken : this.#spelt;
  }
}

/**
 * Two judges that err apart: how well the phones of the word fit, and how likely a speech recogniser holds it to be
 * what was written in the same stretch, or how like its takes the sound is where a word cannot be read. Only words that
 * woke it are asked about, and only the likeliest of them are read.
 */
class OwnWordsHeavy implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #heard: HeardWindow;
  /** The same window half a step later, once it is asked about. */
  readonly #later: HeardWindow;
  #isLaterHeard = false;

  constructor(
    private readonly spec: OwnWordsHeavySpec,
    private readonly ears: PhoneEars,
    private readonly reader: PhraseReader,
    private readonly time: ReadingTime,
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    const comparisons = comparisonsOf(spec.words);
    this.#heard = new HeardWindow(ears, comparisons);
    this.#later = new HeardWindow(ears, comparisons);
  }

  async decide({ data, noticed, startSample }: Window): Promise<Decision> {
    this.time.begin();
    const asked = this.spec.words.filter(({ name }) => noticed?.has(name) ?? true);
    await this.#heard.hear(data);
    this.#isLaterHeard = false;
    const matches = asked
      .map((word) => this.#fit(word))
      .sort((a, b) => b.score + b.partCost - a.score - a.partCost);
    const read = matches.filter(({ byTakes }) => byTakes === null);
    const unread = matches.filter(({ byTakes }) => byTakes !== null);
    const isExact = this.spec.exact === true;
    const judged: Judged[] = [];
    let isCutShort = false;
    let isLikeliestUnread = false;
    for (const match of [...unread, ...(isExact ? read : read.slice(0, MOST_READ))]) {
      if (this.#isReaderAsked(match) && !this.time.isEnoughFor(1)) {
        isCutShort = true;
        isLikeliestUnread ||= judged.length === 0;
        continue;
      }
      const judgement = await this.#judge(match, data, startSample);
      const above = logit(judgement.confidence) - logit(match.word.accept);
      judged.push({ judgement, match, above });
    }
    const best = likeliest(judged)?.judgement;
    const confidences = new Map(judged.map(({ judgement: { label, confidence } }) => [label, confidence]));
    // Less likely words may be refused unread, for they are looked at again; what the judges refused is not believed.
    if (isCutShort && (isExact || (isLikeliestUnread && best?.kind !== 'accept')))
      return { kind: 'abstain', stage: this.name, code: 'STAGE_TIMEOUT' };
    if (best === undefined) return { kind: 'abstain', stage: this.name, code: 'STAGE_UNAVAILABLE' };
    return { ...best, ...(isExact ? { confidences } : {}), ...(isCutShort ? { cutShort: true } : {}) };
  }

  reset(): void {}

  async dispose(): Promise<void> {
    await this.ears.dispose();
    await this.reader.dispose();
  }

  #fit(word: OwnWord): WholeFit {
    const emissions = this.#heard.emissions(word);
    const match = this.#heard.fit(word);
    const phones = phoneScores(emissions, match.way, match);
    const partCost = match.byTakes === null ? costOfPart(emissions, match, phones) : 0;
    return { ...match, phones, partCost };
  }

  async #judge(match: WholeFit, data: Float32Array, startSample: number): Promise<Judgement> {
    const { word, start, heardTo } = match;
    const first = await this.#read(match, data, AROUND_SAMPLES);
    const isBound = !isOnlySpoken(word) && first === null;
    const once = isBound ? match.score + READER_SHARE * READER_MOST : jointScore(match, match.score, first);
    const isClose = !isBound && Math.abs(once - this.#askedScore(match)) < CLOSE;
    const isCutShort = isClose && !this.time.isEnoughFor(READS_WHERE_CLOSE);
    const { score, read } =
      isClose && !isCutShort ? await this.#judgeAgain(match, data, first) : { score: once, read: first };
    const confidence = this.#confidence(match, score);
    const thresholds = { accept: word.accept, reject: word.accept };
    return {
      ...(isBound ? { range: { least: 0, most: confidence } } : {}),
      ...(isCutShort ? { cutShort: true } : {}),
      kind: judge(confidence, thresholds),
      stage: this.name,
      label: word.name,
      score,
      confidence,
      thresholds,
      contributions: this.#lacks(match, read),
      startSample: startSample + Math.min(start, heardTo) * STEP_SAMPLES,
      endSample: startSample + heardTo * STEP_SAMPLES + LAST_PHONE_SAMPLES,
    };
  }

  /** The joint score of both judges asked again, and what the reader says then. */
  async #judgeAgain(match: WholeFit, data: Float32Array, first: number | null) {
    if (!this.#isLaterHeard) await this.#later.hear(data.subarray(HALF_STEP_SAMPLES));
    this.#isLaterHeard = true;
    const phones = (match.score + this.#later.fit(match.word).score) / 2;
    if (first === null) return { score: phones, read: null };
    const further: number[] = [];
    for (const around of FURTHER_SAMPLES) further.push((await this.#read(match, data, around)) ?? first);
    const read = mean(further);
    return { score: jointScore(match, phones, read) + FURTHER_SHARE * (read - EVEN_READING), read };
  }

  #confidence(match: OwnMatch, score: number): number {
    return sigmoid(slopeOf(match) * (score - this.#evenScore(match)));
  }

  /** The joint score from which the word is believed. */
  #askedScore(match: OwnMatch): number {
    return this.#evenScore(match) + logit(match.word.accept) / slopeOf(match);
  }

  #evenScore({ word, way }: OwnMatch): number {
    if (isOnlySpoken(word)) return EVEN_SCORE_UNREAD;
    return EVEN_SCORE + SHORT_COST * shortness(this.ears.inventory.soundsOf(way));
  }

  /** The reader is asked where its answer can change the verdict, or all is to be known. */
  #isReaderAsked(match: OwnMatch): boolean {
    const { word, score } = match;
    if (word.phrase === null) return false;
    const most = this.#confidence(match, score + READER_SHARE * READER_MOST);
    // What the word may be believed from later, as the room or takes say, counts as a verdict too.
    return this.spec.exact === true || most >= Math.min(word.accept, EVEN_ACCEPT);
  }

  /** What the reader says; null: it was not asked. */
  async #read(match: OwnMatch, data: Float32Array, around: typeof AROUND_SAMPLES): Promise<number | null> {
    const { start, end } = match;
    const { phrase } = match.word;
    if (phrase === null || !this.#isReaderAsked(match)) return null;
    const from = Math.max(0, start * STEP_SAMPLES - around.before);
    const said = data.subarray(from, end * STEP_SAMPLES + around.after);
    return this.time.measured(() => this.reader.score(phrase, said));
  }

  /** What the score lacks, by phone and by judge, with the pronunciation that fits best. */
  #lacks({ way, phones, byTakes }: WholeFit, read: number | null): readonly Contribution[] {
    const lacks = new Map<string, number>();
    for (const [i, score] of phones.entries()) {
      const phone = `sound ${this.ears.inventory.labels[way[i] as number]}`;
      lacks.set(phone, (lacks.get(phone) ?? 0) + Math.max(0, -score) / way.length);
    }
    if (read !== null) lacks.set('reading', READER_SHARE * -read);
    if (byTakes !== null) lacks.set('takes', -byTakes);
    const whole = [...lacks.values()].reduce((sum, lack) => sum + lack, 0);
    if (whole === 0) return [];
    const feature = this.ears.inventory.text(way);
    return [...lacks].map(([channel, lack]) => ({ channel, share: lack / whole, feature }));
  }
}

/** A match that was judged, and by how much more it is believed than is asked of its word, in logits. */
interface Judged {
  readonly judgement: Judgement;
  readonly match: WholeFit;
  readonly above: number;
}

/**
 * Of words that resemble each other the one that is furthest above what is asked of it. Where several are believed that
 * nobody can read, one of them is compared with the others: that which is furthest above it with warping left out.
 */
function likeliest(judged: readonly Judged[]): Judged | undefined {
  const unwarped = ({ match, above }: Judged) => above - slopeOf(match) * match.warpCost;
  const spoken = judged.filter(({ match, above }) => match.byTakes !== null && above >= 0);
  const others = judged.filter((each) => !spoken.includes(each));
  const best = furthest(spoken, unwarped);
  return furthest(best === undefined ? others : [best, ...others], ({ above }) => above);
}

function furthest(judged: readonly Judged[], by: (each: Judged) => number): Judged | undefined {
  return [...judged].sort((a, b) => by(b) - by(a))[0];
}

function slopeOf({ word }: OwnMatch): number {
  return isOnlySpoken(word) ? SLOPE_UNREAD : SLOPE;
}

/** The score of both judges: of the sounds, less what is held against a match that was read so, and of the reading. */
function jointScore({ partCost }: WholeFit, phones: number, read: number | null): number {
  const cost = partCost * Math.min(1, (read ?? UNREAD_SCORE) / UNREAD_SCORE);
  return phones + cost + READER_SHARE * (read ?? 0);
}

/** What is held against a match that is a part of what is said, and that nobody reads. */
function costOfPart(
  emissions: Emissions,
  { word, way, start, end }: OwnMatch,
  phones: WholeFit['phones'],
): number {
  const lack = (score: number | undefined) => Math.max(-SKIP_COST, Math.min(0, score ?? 0));
  const [first = 0, last = 0] = [way[0], way.at(-1)];
  const before = GOES_BEFORE_SHARE * lack(phones[0]) - NEAR_COST * Math.log1p(word.near);
  return (
    GOES_ON_SHARE * lack(phones.at(-1)) * emissions.otherThan(last, end, end + AROUND_STEPS) +
    before * emissions.otherThan(first, start - AROUND_STEPS, start)
  );
}

/** The judges of {@link createOwnWordsHeavy}. */
export interface WordJudges {
  readonly ears: PhoneEars;
  readonly reader: PhraseReader;
}

/**
 * @param judges without, such of its own.
 * @param clock by which it keeps within its budget; null: it takes the time that it needs, as in a replay.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createOwnWordsHeavy(
  spec: OwnWordsHeavySpec,
  judges: WordJudges | null = null,
  clock: Pick<Clock, 'monotonicMs'> | null = null,
): Promise<Stage> {
  const { ears, reader } = judges ?? {
    ears: await PhoneNetwork.load(spec.model),
    reader: await readPhrases(spec.words.flatMap(({ phrase }) => phrase ?? [])),
  };
  return new OwnWordsHeavy(spec, ears, reader, new ReadingTime(spec.budgetMs, clock));
}
