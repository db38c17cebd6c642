import type { CascadeEvent } from '../core/events/events.js';
import { type Interval, perHour, wilson } from '../core/intervals.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { quantileOrNull } from './statistics.js';

/** How one keyword fared. */
export interface KeywordFigures {
  /** Recordings of it, and how many of them brought no detection of it. */
  readonly clips: number;
  readonly missed: number;
  readonly missedShare: number;
  readonly missedInterval: Interval;
  /** Detections of it in recordings that do not hold it, and the hours of those. */
  readonly falseAccepts: number;
  readonly hours: number;
  readonly falseAcceptsPerHour: number;
  readonly falseAcceptsInterval: Interval;
  /** From the end of the word to the detection on the sample clock. */
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p90: number | null;
    readonly max: number | null;
  };
}

/** One engine, up to one stage, in one condition. */
export interface WakeRun {
  readonly engine: string;
  readonly stages: 'tiny' | 'tiny+heavy';
  readonly condition: string;
  readonly keywords: Readonly<Record<string, KeywordFigures>>;
  /** Means over the keywords that have clips. */
  readonly missedMean: number;
  readonly missedWorst: number;
  /** Detections of any keyword in recordings that do not hold it, over the hours of all recordings. */
  readonly falseAccepts: number;
  readonly hours: number;
  readonly falseAcceptsPerHour: number;
  readonly falseAcceptsInterval: Interval;
  /** Times tiny woke heavy for nothing. */
  readonly heavyWakeups: number;
  readonly heavyWakeupsPerHour: number;
  /** A second detection of the word in one recording of it. */
  readonly doubles: number;
  /** The recordings of a keyword that brought no detection of it. */
  readonly missedRecordings: readonly string[];
}

interface Count {
  clips: number;
  missed: number;
  falseAccepts: number;
  otherSeconds: number;
  latenciesMs: number[];
}

/** What was heard in one recording. */
export interface Heard {
  readonly path: string;
  /** The engine's words that are said in it. */
  readonly words: readonly string[];
  /** Those that are said in it besides: hearing one is right, and missing it is not counted. */
  readonly mentioned: readonly string[];
  readonly seconds: number;
  /** Sample index at which its word ends. */
  readonly endSample: number;
  readonly events: readonly CascadeEvent[];
  /** The engine's label for each word as lists spell it. */
  readonly wordOf: (label: string) => string;
}

/** Recordings that some of the runs heard and others did not. */
export function heardUnlike(runs: readonly Pick<WakeRun, 'missedRecordings'>[]): readonly string[] {
  const missed = runs.map(({ missedRecordings }) => new Set(missedRecordings));
  const all = new Set(missed.flatMap((of) => [...of]));
  return [...all].filter((path) => !missed.every((of) => of.has(path)));
}

/** Counts hits, misses and false accepts of the events of one type. */
export class WakeTally {
  readonly #counts: ReadonlyMap<string, Count>;
  readonly #type: 'noticed' | 'verified';
  #seconds = 0;
  #wakeups = 0;
  #doubles = 0;
  readonly #missed: string[] = [];

  constructor(
    readonly engine: string,
    readonly stages: WakeRun['stages'],
    readonly condition: string,
    words: readonly string[],
  ) {
    this.#type = stages === 'tiny' ? 'noticed' : 'verified';
    const none = (): Count => ({ clips: 0, missed: 0, falseAccepts: 0, otherSeconds: 0, latenciesMs: [] });
    this.#counts = new Map(words.map((word) => [word, none()]));
  }

  add({ path, words, mentioned, seconds, endSample, events, wordOf }: Heard): void {
    const labels = (type: 'noticed' | 'verified') =>
      events.flatMap((event) =>
        event.type === type ? [{ word: wordOf(event.label), sample: event.sample }] : [],
      );
    const found = labels(this.#type);
    this.#seconds += seconds;
    const said = [...words, ...mentioned];
    this.#wakeups += labels('noticed').filter(({ word }) => !said.includes(word)).length;
    for (const [word, count] of this.#counts) {
      if (mentioned.includes(word)) continue;
      const hits = found.filter((event) => event.word === word);
      if (!words.includes(word)) {
        count.otherSeconds += seconds;
        count.falseAccepts += hits.length;
        continue;
      }
      count.clips += 1;
      const [first] = hits;
      if (first === undefined) {
        count.missed += 1;
        this.#missed.push(path);
      } else count.latenciesMs.push(((first.sample - endSample) * 1000) / VOICE_RATE_HZ);
      this.#doubles += Math.max(0, hits.length - 1);
    }
  }

  result(): WakeRun {
    const keywords = Object.fromEntries([...this.#counts].map(([word, count]) => [word, figures(count)]));
    const withClips = Object.values(keywords).filter(({ clips }) => clips > 0);
    const shares = withClips.map(({ missedShare }) => missedShare);
    const falseAccepts = Object.values(keywords).reduce((sum, { falseAccepts: more }) => sum + more, 0);
    const hours = this.#seconds / 3600;
    return {
      engine: this.engine,
      stages: this.stages,
      condition: this.condition,
      keywords,
      missedMean: shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length),
      missedWorst: Math.max(0, ...shares),
      falseAccepts,
      hours,
      falseAcceptsPerHour: falseAccepts / Math.max(hours, Number.MIN_VALUE),
      falseAcceptsInterval: perHour(falseAccepts, hours),
      heavyWakeups: this.#wakeups,
      heavyWakeupsPerHour: this.#wakeups / Math.max(hours, Number.MIN_VALUE),
      doubles: this.#doubles,
      missedRecordings: [...this.#missed],
    };
  }
}

function figures({ clips, missed, falseAccepts, otherSeconds, latenciesMs }: Count): KeywordFigures {
  const hours = otherSeconds / 3600;
  return {
    clips,
    missed,
    missedShare: missed / Math.max(1, clips),
    missedInterval: wilson(missed, clips),
    falseAccepts,
    hours,
    falseAcceptsPerHour: hours === 0 ? 0 : falseAccepts / hours,
    falseAcceptsInterval: perHour(falseAccepts, hours),
    latencyMs: {
      p50: quantileOrNull(latenciesMs, 0.5),
      p90: quantileOrNull(latenciesMs, 0.9),
      max: quantileOrNull(latenciesMs, 1),
    },
  };
}
