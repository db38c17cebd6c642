import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CatnapError } from '../core/errors.js';
import type { Interval } from '../core/intervals.js';
import { shippedModel } from '../models/manifest.js';
import { buildCascade, type CascadePlan } from '../runtime/build.js';
import { intentsSchema, voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { PhoneNetwork } from '../voice/words/phone-network.js';
import { readPhrases } from '../voice/words/phrase-reader.js';
import { AROUND_OTHERS, AROUND_WORD, endOfSpeech, mixNoise, padded, placeOf, seededRandom } from './audio.js';
import { readDataset, readNegatives } from './dataset.js';
import { Listener } from './listener.js';
import { SharedHearing } from './shared-hearing.js';
import { Sounds } from './sounds.js';
import type { Condition } from './wake.js';
import { WakeTally } from './wake-tally.js';
import {
  type Clip,
  dealt,
  type Manner,
  readClips,
  secondsToAdd,
  type ToldWord,
  withTakes,
} from './words-told.js';

/** What `catnap bench words` is asked. */
export interface WordsBenchOptions {
  /** Folder with `words.csv` (`file,phrase,speaker`); every other recording in it holds none of the words. */
  readonly data: string;
  readonly negatives: readonly string[];
  /** False accepts are counted in the first. */
  readonly conditions: readonly Condition[];
  readonly manners: readonly Manner[];
  readonly every: number;
  readonly seed: string;
  /** Told before the first recording, and after each. */
  readonly onRecordings: (heard: number, of: number) => void;
}

/** How a phrase fared in one manner; a condition that was not asked for is left out. */
export type PhraseFigures = {
  readonly [Each in Condition]?: { readonly clips: number; readonly missed: number };
} & {
  /** In recordings that do not hold it, clips of other phrases among them, and the hours of those. */
  readonly falseAccepts: number;
  readonly falseAcceptsPerHour: Interval;
  readonly hours: number;
  /** How often the always-on search woke the judges with it there. */
  readonly wakeUps: number;
  /** From the end of the word to its acceptance, on the sample clock; null where it was never heard. */
  readonly latencyMs: number | null;
  /** Until it could be listened for; its takes are there already. */
  readonly secondsToAdd: number;
};

/** What it answers. */
export interface WordsBench {
  readonly phrases: Readonly<Record<string, Partial<Record<Manner, PhraseFigures>>>>;
  /** Hours listened for false accepts. */
  readonly hours: number;
  /** CPU time over the time it listened, on this machine, of the cascade that is told the words in the first manner. */
  readonly cpuShare: number;
  /** Phrases that Catnap does not take in a manner, and why. */
  readonly refused: readonly { readonly phrase: string; readonly manner: Manner; readonly why: string }[];
  readonly unreadable: readonly string[];
}

const SNR_DB = 10;
/** What one cascade hears before the next does: short enough for what they share to be kept. */
const PIECE_SAMPLES = 5 * VOICE_RATE_HZ;
/** Every signal ends with a hop, so that cascades which heard other clips before are shown the same windows. */
const HOP_SAMPLES = 1_280;

/** A cascade that is told all words in one manner, in one condition. */
interface Contestant {
  readonly manner: Manner;
  readonly condition: Condition;
  readonly words: readonly ToldWord[];
  readonly listener: Listener;
  readonly woken: WakeTally;
  readonly believed: WakeTally;
  seconds: number;
}

/**
 * Measures own words through the cascade as if nobody had known them: all phrases at once, each as a word of the
 * owner's. Cascades that are told the words in different manners hear the same sound side by side, and share what the
 * networks make of it.
 * @throws CatnapError `USAGE` for a folder without a list, or where no phrase is left; what loading the models throws.
 */
export async function benchWords(options: WordsBenchOptions): Promise<WordsBench> {
  const clips = readClips(options.data);
  const network = await PhoneNetwork.load(shippedModel('phones'));
  const reader = await readPhrases();
  const refused: WordsBench['refused'][number][] = [];
  const told = options.manners.flatMap((manner) =>
    dealt(clips, manner, options.seed).map((each) => ({ ...each, manner })),
  );
  try {
    return await withTakes(
      told,
      network,
      ({ phrase, manner }, why) => refused.push({ phrase, manner, why }),
      async (words) => ({
        ...(await contest(words, clips, new SharedHearing(network, reader), options)),
        refused,
      }),
    );
  } finally {
    await network.dispose();
    await reader.dispose();
  }
}

type MannerWord = ToldWord & { readonly manner: Manner };

async function contest(
  words: readonly MannerWord[],
  clips: readonly Clip[],
  hearing: SharedHearing,
  options: WordsBenchOptions,
): Promise<Omit<WordsBench, 'refused'>> {
  const seconds = new Map<ToldWord, number>();
  for (const word of words) seconds.set(word, await secondsToAdd(word));
  const contestants: Contestant[] = [];
  for (const manner of options.manners) {
    const own = words.filter((word) => word.manner === manner);
    if (own.length === 0) continue;
    const plan = await planOf(own);
    for (const condition of options.conditions)
      contestants.push(await contestant({ manner, condition, words: own }, plan, hearing));
  }
  if (contestants.length === 0)
    throw new CatnapError('USAGE', `${options.data}: expected phrases of enough clips, found none`);
  try {
    const unreadable = await hearAll(contestants, clips, options);
    return { ...figuresOf(contestants, options.conditions, seconds), unreadable };
  } finally {
    for (const { listener } of contestants) await listener.close();
  }
}

async function planOf(words: readonly ToldWord[]): Promise<CascadePlan> {
  const own = words.map(({ config }) => config);
  const config = voiceSchema.parse({ kind: 'voice', tiny: { words: own }, utterance: { enabled: false } });
  return { kind: 'voice', config, stages: await voicePlan(config) };
}

async function contestant(
  who: Pick<Contestant, 'manner' | 'condition' | 'words'>,
  plan: CascadePlan,
  { host }: SharedHearing,
): Promise<Contestant> {
  const place = { source: 'bench', run: 'bench', intents: intentsSchema.parse({}) };
  const listener = await Listener.of((edges) => buildCascade(place, plan, { ...edges, stages: host }));
  const labels = who.words.map(({ label }) => label);
  const woken = new WakeTally('catnap', 'tiny', who.condition, labels);
  const believed = new WakeTally('catnap', 'tiny+heavy', who.condition, labels);
  return { ...who, listener, woken, believed, seconds: 0 };
}

/** Lets all cascades hear everything; gives what could not be read. */
async function hearAll(
  contestants: readonly Contestant[],
  clips: readonly Clip[],
  options: WordsBenchOptions,
): Promise<readonly string[]> {
  const listed = new Set(clips.map(({ path }) => path));
  const others = [options.data, ...options.negatives]
    .flatMap(readNegatives)
    .map(({ path }) => path)
    .filter((path) => !listed.has(path));
  const isTaken = (_: unknown, index: number) => index % options.every === 0;
  const all = [...clips.filter(isTaken), ...others.filter(isTaken)];
  const noises = new Sounds(
    existsSync(join(options.data, 'noise.csv'))
      ? readDataset(options.data).filter(({ corpus }) => corpus === 'noise')
      : [],
  );
  const unreadable: string[] = [];
  for (const [index, each] of all.entries()) {
    options.onRecordings(index, all.length);
    try {
      if (typeof each === 'string') await hearOther(contestants, each, options);
      else await hearClip(contestants, each, noises, options);
    } catch (error) {
      unreadable.push(error instanceof Error ? error.message : String(error));
    }
  }
  options.onRecordings(all.length, all.length);
  return unreadable;
}

/** A clip of a phrase, in every condition. */
async function hearClip(
  contestants: readonly Contestant[],
  { path, phrase }: Clip,
  noises: Sounds,
  { conditions, seed }: WordsBenchOptions,
): Promise<void> {
  const clip = await readAudio(path);
  const { lead, tail } = AROUND_WORD;
  const end = lead + endOfSpeech(clip);
  const name = `${seed} ${placeOf(path)}`;
  for (const condition of conditions) {
    const random = seededRandom(name);
    const signal =
      condition === 'clean'
        ? padded(clip, lead, tail, random)
        : mixNoise(clip, await noises.pick(random), { snrDb: SNR_DB, lead, tail, random });
    const present = contestants.filter((each) => each.condition === condition);
    await hear(present, { path, phrase, signal, end, seconds: clip.length / VOICE_RATE_HZ });
  }
}

async function hearOther(
  contestants: readonly Contestant[],
  path: string,
  { conditions: [first], seed }: WordsBenchOptions,
): Promise<void> {
  const sound = await readAudio(path);
  const { lead, tail } = AROUND_OTHERS;
  const signal = padded(sound, lead, tail, seededRandom(`${seed} ${path}`));
  const present = contestants.filter(({ condition }) => condition === first);
  await hear(present, { path, phrase: null, signal, end: 0, seconds: sound.length / VOICE_RATE_HZ });
}

/** What is heard, and what is said in it. */
interface Said {
  readonly path: string;
  readonly phrase: string | null;
  readonly signal: Float32Array;
  /** Sample at which the phrase ends. */
  readonly end: number;
  readonly seconds: number;
}

async function hear(contestants: readonly Contestant[], said: Said): Promise<void> {
  const { signal } = said;
  const whole = new Float32Array(Math.ceil(signal.length / HOP_SAMPLES) * HOP_SAMPLES);
  whole.set(signal);
  const heard = contestants.map((each) => ({ contestant: each, events: [] as Events[number][], start: -1 }));
  for (let at = 0; at < whole.length; at += PIECE_SAMPLES) {
    const piece = whole.subarray(at, at + PIECE_SAMPLES);
    for (const each of heard) {
      const { events, startSample } = await each.contestant.listener.hear(piece);
      each.events.push(...events);
      if (at === 0) each.start = startSample;
    }
  }
  for (const { contestant: each, events, start } of heard) {
    each.seconds += whole.length / VOICE_RATE_HZ;
    tally(each, said, events, start);
  }
}

type Events = Awaited<ReturnType<Listener['hear']>>['events'];

function tally(
  { words, woken, believed }: Contestant,
  { path, phrase, end, seconds }: Said,
  events: Events,
  start: number,
): void {
  const own = words.filter((word) => word.phrase === phrase);
  // A take of a word is no test of it.
  const [measured, taken] = [true, false].map((isMeasured) =>
    own.filter((word) => word.measured.has(path) === isMeasured).map(({ label }) => label),
  );
  const heard = {
    path,
    words: measured ?? [],
    mentioned: taken ?? [],
    seconds,
    endSample: start + end,
    events,
    wordOf: (label: string) => label,
  };
  woken.add(heard);
  believed.add(heard);
}

function figuresOf(
  contestants: readonly Contestant[],
  [first]: readonly Condition[],
  seconds: ReadonlyMap<ToldWord, number>,
): Omit<WordsBench, 'refused' | 'unreadable'> {
  const phrases: Record<string, Partial<Record<Manner, PhraseFigures>>> = {};
  let hours = 0;
  for (const { manner, condition, words, woken, believed } of contestants) {
    const result = believed.result();
    const wakeUps = woken.result().keywords;
    for (const word of words) {
      const figures = result.keywords[word.label];
      if (figures === undefined) continue;
      const missed = { [condition]: { clips: figures.clips, missed: figures.missed } };
      const known = phrases[word.phrase]?.[manner];
      phrases[word.phrase] = {
        ...phrases[word.phrase],
        [manner]:
          known === undefined
            ? {
                ...missed,
                falseAccepts: figures.falseAccepts,
                falseAcceptsPerHour: figures.falseAcceptsInterval,
                hours: figures.hours,
                wakeUps: wakeUps[word.label]?.falseAccepts ?? 0,
                latencyMs: figures.latencyMs.p50,
                secondsToAdd: seconds.get(word) ?? 0,
              }
            : { ...known, ...missed },
      };
    }
    if (condition === first) hours = Math.max(hours, result.hours);
  }
  const [typed] = contestants;
  const cpuShare = typed === undefined ? 0 : typed.listener.spentMs / 1000 / Math.max(typed.seconds, 1);
  return { phrases, hours, cpuShare };
}
