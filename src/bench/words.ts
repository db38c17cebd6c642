import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CatnapError } from '../core/errors.js';
import { type Interval, perHour } from '../core/intervals.js';
import { median } from '../core/quantile.js';
import { shippedModel } from '../models/manifest.js';
import { PhoneNetwork } from '../voice/words/phone-network.js';
import { readPhrases } from '../voice/words/phrase-reader.js';
import { seededRandom, shuffled } from './audio.js';
import { readNegatives } from './dataset.js';
import { SharedHearing } from './shared-hearing.js';
import type { Condition } from './wake.js';
import { type WakeRun, WakeTally } from './wake-tally.js';
import type { WordsReport } from './words-child.js';
import { isComparator } from './words-comparators.js';
import { type HeardBy, type HeardRecording, type HearingOrder, hearWords } from './words-hear.js';
import {
  type Clip,
  dealt,
  isDealt,
  type Manner,
  neededFor,
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
  /** Hours of recordings without a word that are heard at most; null: all of them. */
  readonly hours: number | null;
  /** False accepts are counted in the first. */
  readonly conditions: readonly Condition[];
  readonly manners: readonly Manner[];
  readonly every: number;
  /** How often takes are drawn: so many cascades of each manner that has takes, which hear the same side by side. */
  readonly draws: number;
  readonly seed: string;
  /** Processes that share the recordings; 1: this one hears them itself. */
  readonly workers: number;
  /** Told before the first recording, and after each. */
  readonly onRecordings: (heard: number, of: number) => void;
}

/** Clips that were heard, and how many of them brought no acceptance of their phrase. */
interface Misses {
  readonly clips: number;
  readonly missed: number;
}

/** Misses by condition; one that was not asked for is left out. */
export type MissesByCondition = { readonly [Each in Condition]?: Misses };

/** How a phrase fared in one manner. */
export type PhraseFigures = MissesByCondition & {
  /** In recordings that do not hold it, clips of other phrases among them, and the hours of those. */
  readonly falseAccepts: number;
  readonly falseAcceptsPerHour: Interval;
  readonly hours: number;
  /** How often the always-on search woke the judges with it there. */
  readonly wakeUps: number;
  /** From the end of the word to its acceptance, on the sample clock; null where it was never heard. */
  readonly latencyMs: number | null;
  /** Until it could be listened for; its takes are there already. Null of a comparator. */
  readonly secondsToAdd: number | null;
};

/** All phrases of a manner together. */
export type MannerFigures = MissesByCondition & {
  readonly falseAccepts: number;
  /** Hours listened for false accepts, once for each word. */
  readonly wordHours: number;
  /** An hour and word. */
  readonly falseAcceptsPerHour: Interval;
  readonly wakeUpsPerHour: number;
  /** Share of what woke the judges for nothing that they removed; null where nothing did. */
  readonly removedShare: number | null;
  /** What was missed with each draw of takes; one of a manner without takes. */
  readonly draws: readonly MissesByCondition[];
};

/** What it answers. */
export interface WordsBench {
  readonly phrases: Readonly<Record<string, Partial<Record<Manner, PhraseFigures>>>>;
  readonly manners: Partial<Record<Manner, MannerFigures>>;
  /** Hours listened for false accepts. */
  readonly hours: number;
  /** CPU time over the time it listened, on this machine, of the cascade that is told the words in the first manner. */
  readonly cpuShare: number;
  /** Phrases that Catnap does not take in a manner, or that have too few clips for it, and why. */
  readonly refused: readonly { readonly phrase: string; readonly manner: Manner; readonly why: string }[];
  /** Clips that brought no acceptance of their phrase. */
  readonly missed: readonly {
    readonly manner: Manner;
    readonly condition: Condition;
    readonly path: string;
  }[];
  /** Recordings that do not hold the phrase and brought an acceptance of it, in the first condition. */
  readonly accepted: readonly { readonly manner: Manner; readonly phrase: string; readonly path: string }[];
  readonly unreadable: readonly string[];
  /** Recordings without a word that were not heard, for there are more than the hours asked for. */
  readonly leftOut: number;
}

/** Of the build, wherever this is run from. */
const CHILD = fileURLToPath(new URL('../../dist/bench/words-child.js', import.meta.url));

type MannerWord = ToldWord & { readonly manner: Manner; readonly draw: number };

/**
 * Measures own words through the cascade as if nobody had known them: all phrases at once, each as a word of the
 * owner's. Cascades that are told the words in different manners hear the same sound side by side, and share what the
 * networks make of it.
 * @throws CatnapError `USAGE` for a folder without a list, or where no phrase is left; what loading the models throws;
 * `INTERNAL` where a process that hears a share of the recordings dies.
 */
export async function benchWords(options: WordsBenchOptions): Promise<WordsBench> {
  const clips = readClips(options.data);
  const refused: WordsBench['refused'][number][] = [];
  const told = options.manners.flatMap((manner) =>
    Array.from({ length: isDealt(manner) ? options.draws : 1 }, (_, draw) =>
      dealt(clips, manner, draw === 0 ? options.seed : `${options.seed} ${draw}`).map((each) => ({
        ...each,
        manner,
        draw,
      })),
    ).flat(),
  );
  refused.push(...tooFewClips(clips, told, options.manners));
  const network = await PhoneNetwork.load(shippedModel('phones'));
  try {
    return await withTakes(
      told,
      ({ phrase, manner }, why) => refused.push({ phrase, manner, why }),
      async (words) => ({ ...(await contest(words, clips, network, options)), refused }),
    );
  } finally {
    await network.dispose();
  }
}

/** Phrases of too few clips to be told in a manner; of a comparator that is no word of Catnap's. */
function tooFewClips(
  clips: readonly Clip[],
  told: readonly Pick<MannerWord, 'phrase' | 'manner'>[],
  manners: readonly Manner[],
): WordsBench['refused'] {
  const phrases = [...new Set(clips.map(({ phrase }) => phrase))];
  return manners
    .filter((manner) => !isComparator(manner))
    .flatMap((manner) => {
      const known = new Set(told.filter((word) => word.manner === manner).map(({ phrase }) => phrase));
      return phrases
        .filter((phrase) => !known.has(phrase))
        .map((phrase) => ({ phrase, manner, why: `expected ${neededFor(manner)}, found too few` }));
    });
}

async function contest(
  words: readonly MannerWord[],
  clips: readonly Clip[],
  network: PhoneNetwork,
  options: WordsBenchOptions,
): Promise<Omit<WordsBench, 'refused'>> {
  if (words.length === 0)
    throw new CatnapError('USAGE', `${options.data}: expected phrases of enough clips, found none`);
  const seconds = new Map<ToldWord, number>();
  for (const word of words)
    if (!isComparator(word.manner) && word.draw === 0) seconds.set(word, await secondsToAdd(word));
  const order = orderOf(words, clips, options);
  const tallies = order.contestants.map(
    (each) =>
      new Tally(
        each,
        words.filter(({ manner, draw }) => manner === each.manner && draw === each.draw),
      ),
  );
  const unreadable: string[] = [];
  let leftOut = 0;
  let heard = 0;
  const all = order.clips.length + order.others.length;
  options.onRecordings(0, all);
  await hearShared(order, network, options.workers, (recording) => {
    if (recording.kind === 'heard') for (const by of recording.by) tallies[by.contestant]?.add(by);
    if (recording.kind === 'unreadable') unreadable.push(recording.why);
    if (recording.kind === 'left-out') leftOut += 1;
    heard += 1;
    options.onRecordings(heard, all);
  });
  return { ...figuresOf(tallies, options.conditions, seconds), unreadable, leftOut };
}

function orderOf(
  words: readonly MannerWord[],
  clips: readonly Clip[],
  { data, negatives, hours, conditions, manners, every, seed }: WordsBenchOptions,
): HearingOrder {
  const contestants = manners.flatMap((manner) => {
    const told = words.filter((word) => word.manner === manner);
    return [...new Set(told.map(({ draw }) => draw))].flatMap((draw) => {
      const own = told.filter((word) => word.draw === draw).map(({ config }) => config);
      return conditions.map((condition) => ({ manner, draw, condition, words: own }));
    });
  });
  const known = new Set(clips.map(({ path }) => resolve(path)));
  const others = [data, ...negatives]
    .flatMap(readNegatives)
    .map(({ path }) => path)
    .filter((path) => !known.has(resolve(path)) && known.add(resolve(path)));
  const isTaken = (_: unknown, index: number) => index % every === 0;
  return {
    contestants,
    clips: clips.filter(isTaken),
    // In an order of chance, so that the first hours are of all that there is.
    others:
      hours === null
        ? others.filter(isTaken)
        : shuffled(others.filter(isTaken), seededRandom(`${seed} hours`)),
    otherHours: hours,
    data,
    conditions,
    seed,
  };
}

/** Has every recording heard, by this process or by so many others. */
async function hearShared(
  order: HearingOrder,
  network: PhoneNetwork,
  workers: number,
  onRecording: (heard: HeardRecording) => void,
): Promise<void> {
  if (workers > 1) {
    const shares = Array.from({ length: workers }, (_, worker) => shareOf(order, worker, workers));
    await inProcesses(shares, onRecording);
    return;
  }
  const reader = await readPhrases();
  try {
    await hearWords(order, new SharedHearing(network, reader), onRecording);
  } finally {
    await reader.dispose();
  }
}

function shareOf(order: HearingOrder, worker: number, workers: number): HearingOrder {
  const isOwn = (_: unknown, index: number) => index % workers === worker;
  return {
    ...order,
    clips: order.clips.filter(isOwn),
    others: order.others.filter(isOwn),
    otherHours: order.otherHours === null ? null : order.otherHours / workers,
  };
}

/** A process for each share; where one dies, the others end with it. */
async function inProcesses(
  shares: readonly HearingOrder[],
  onRecording: (heard: HeardRecording) => void,
): Promise<void> {
  const started = shares.map((share) => {
    const child = fork(CHILD);
    const ended = new Promise<void>((resolve, reject) => {
      child.on('message', (report: WordsReport) => {
        if (report.kind === 'done') resolve();
        else onRecording(report);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        reject(
          new CatnapError(
            'INTERNAL',
            `hearing: expected an answer, found a process ended by ${code ?? signal}`,
          ),
        ),
      );
    });
    child.send(share);
    return { child, ended };
  });
  try {
    await Promise.all(started.map(({ ended }) => ended));
  } finally {
    for (const { child } of started) child.kill();
  }
}

/** Counts what one cascade made of the recordings. */
class Tally {
  readonly woken: WakeTally;
  readonly believed: WakeTally;
  readonly accepted: { readonly phrase: string; readonly path: string }[] = [];
  listenedSeconds = 0;
  spentMs = 0;

  constructor(
    readonly contestant: HearingOrder['contestants'][number],
    readonly words: readonly ToldWord[],
  ) {
    const labels = words.map(({ label }) => label);
    this.woken = new WakeTally('catnap', 'tiny', contestant.condition, labels);
    this.believed = new WakeTally('catnap', 'tiny+heavy', contestant.condition, labels);
  }

  add({ path, phrase, listenedSeconds, spentMs, ...said }: HeardBy): void {
    const own = this.words.filter((word) => word.phrase === phrase);
    // A take of a word is no test of it.
    const [words = [], mentioned = []] = [true, false].map((isMeasured) =>
      own.filter((word) => word.measured.has(path) === isMeasured).map(({ label }) => label),
    );
    const heard = { ...said, path, words, mentioned, wordOf: (label: string) => label };
    this.woken.add(heard);
    this.believed.add(heard);
    for (const event of said.events) {
      const word = event.type === 'verified' && this.words.find(({ label }) => label === event.label);
      if (word && word.phrase !== phrase) this.accepted.push({ phrase: word.phrase, path });
    }
    this.listenedSeconds += listenedSeconds;
    this.spentMs += spentMs;
  }
}

function figuresOf(
  tallies: readonly Tally[],
  [first = 'clean']: readonly Condition[],
  seconds: ReadonlyMap<ToldWord, number>,
): Omit<WordsBench, 'refused' | 'unreadable' | 'leftOut'> {
  const phrases: Record<string, Partial<Record<Manner, PhraseFigures>>> = {};
  const manners: Partial<Record<Manner, MannerFigures>> = {};
  const missed: WordsBench['missed'][number][] = [];
  const accepted: WordsBench['accepted'][number][] = [];
  const results = tallies.map((tally) => ({
    ...tally.contestant,
    tally,
    woken: tally.woken.result(),
    believed: tally.believed.result(),
  }));
  for (const manner of new Set(results.map((result) => result.manner))) {
    const its = results.filter((result) => result.manner === manner);
    manners[manner] = mannerFigures(its, first);
    for (const phrase of new Set(its.flatMap(({ tally }) => tally.words.map((word) => word.phrase))))
      phrases[phrase] = { ...phrases[phrase], [manner]: phraseFigures(phrase, its, first, seconds) };
    for (const { believed, condition } of its)
      missed.push(...believed.missedRecordings.map((path) => ({ manner, condition, path })));
    for (const { tally, condition } of its)
      if (condition === first) accepted.push(...tally.accepted.map((each) => ({ manner, ...each })));
  }
  const hours = Math.max(0, ...results.map(({ believed }) => believed.hours));
  const [typed] = tallies;
  const cpuShare = typed === undefined ? 0 : typed.spentMs / 1000 / Math.max(typed.listenedSeconds, 1);
  return { phrases, manners, hours, cpuShare, missed, accepted };
}

/** What one cascade made of all recordings. */
interface Result {
  readonly draw: number;
  readonly condition: Condition;
  readonly tally: Tally;
  readonly woken: WakeRun;
  readonly believed: WakeRun;
}

/** How a phrase fared in a manner, all draws together. */
function phraseFigures(
  phrase: string,
  results: readonly Result[],
  first: Condition,
  seconds: ReadonlyMap<ToldWord, number>,
): PhraseFigures {
  const told = results.flatMap((result) =>
    result.tally.words
      .filter((word) => word.phrase === phrase)
      .map((word) => ({
        condition: result.condition,
        seconds: seconds.get(word) ?? null,
        woken: result.woken.keywords[word.label],
        believed: result.believed.keywords[word.label],
      })),
  );
  const counted = told.filter(({ condition }) => condition === first);
  const sum = (figure: 'falseAccepts' | 'hours') =>
    summed(counted, ({ believed }) => believed?.[figure] ?? 0);
  const [falseAccepts, hours] = [sum('falseAccepts'), sum('hours')];
  return {
    ...misses(told.map(({ condition, believed }) => ({ condition, clips: 0, missed: 0, ...believed }))),
    falseAccepts,
    falseAcceptsPerHour: perHour(falseAccepts, hours),
    hours,
    wakeUps: summed(counted, ({ woken }) => woken?.falseAccepts ?? 0),
    latencyMs: medianOf(counted.map(({ believed }) => believed?.latencyMs.p50 ?? null)),
    secondsToAdd: medianOf(counted.map((each) => each.seconds)),
  };
}

function mannerFigures(results: readonly Result[], first: Condition): MannerFigures {
  const all = results.map(({ draw, condition, woken, believed }) => ({
    draw,
    condition,
    clips: total(believed, 'clips'),
    missed: total(believed, 'missed'),
    hours: total(believed, 'hours'),
    wakeUps: woken.falseAccepts,
    falseAccepts: believed.falseAccepts,
  }));
  const counted = all.filter(({ condition }) => condition === first);
  const wordHours = summed(counted, ({ hours }) => hours);
  const wakeUps = summed(counted, (each) => each.wakeUps);
  const falseAccepts = summed(counted, (each) => each.falseAccepts);
  const draws = [...new Set(all.map(({ draw }) => draw))];
  return {
    ...misses(all),
    falseAccepts,
    wordHours,
    falseAcceptsPerHour: perHour(falseAccepts, wordHours),
    wakeUpsPerHour: wakeUps / Math.max(wordHours, Number.MIN_VALUE),
    removedShare: wakeUps === 0 ? null : 1 - falseAccepts / wakeUps,
    draws: draws.map((draw) => misses(all.filter((each) => each.draw === draw))),
  };
}

function misses(counted: readonly (Misses & { readonly condition: Condition })[]): MissesByCondition {
  const conditions = [...new Set(counted.map(({ condition }) => condition))];
  const of = (condition: Condition): Misses => {
    const its = counted.filter((each) => each.condition === condition);
    return { clips: summed(its, ({ clips }) => clips), missed: summed(its, ({ missed }) => missed) };
  };
  return Object.fromEntries(conditions.map((condition) => [condition, of(condition)]));
}

function summed<Each>(all: readonly Each[], figure: (each: Each) => number): number {
  return all.reduce((sum, each) => sum + figure(each), 0);
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

/** A figure summed over all words. */
function total({ keywords }: WakeRun, figure: 'clips' | 'missed' | 'hours'): number {
  return summed(Object.values(keywords), (each) => each[figure]);
}
