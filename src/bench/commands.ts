import type { RecogniserSpec } from '../core/cascade/assembly.js';
import type { Recogniser, Window } from '../core/cascade/stage.js';
import { type Interval, wilson } from '../core/intervals.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { createRecogniser } from '../runtime/stages.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import type { Recording } from './dataset.js';
import { quantileOrNull } from './statistics.js';

/** What `catnap bench commands` is asked. */
export interface CommandsBenchOptions {
  readonly recordings: readonly Recording[];
  readonly recogniser: RecogniserSpec;
  /** The words it should know; recordings of any other hold other words. */
  readonly words: readonly string[];
  /** A transcript below this counts as refused, as the cascade's policy has it. */
  readonly minConfidence: number;
  /** Hear each recording again without its first milliseconds; null: once. */
  readonly shiftMs: number | null;
  readonly onRecording: () => void;
}

/** What it answers. */
export interface CommandsBench {
  /** Recordings of known words, and how many were recognised as theirs. */
  readonly clips: number;
  readonly correct: number;
  readonly accuracy: number;
  readonly accuracyInterval: Interval;
  /** Recordings of other words of the same list, and how many brought no known word. */
  readonly otherClips: number;
  readonly otherRefused: number;
  readonly otherRefusedInterval: Interval;
  /** The same for every other recording of the folder: wake words, sentences, noise. */
  readonly elsewhereClips: number;
  readonly elsewhereRefused: number;
  readonly elsewhereRefusedInterval: Interval;
  readonly recall: Readonly<
    Record<string, { readonly clips: number; readonly correct: number; readonly interval: Interval }>
  >;
  /** For each word said, what it was taken for; `-` is a refusal. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Recordings of each list that brought any words at all. */
  readonly transcripts: Readonly<Record<string, { readonly clips: number; readonly transcripts: number }>>;
  /** Recordings that were understood otherwise without their first `ms`. */
  readonly shift: { readonly ms: number; readonly clips: number; readonly changed: number } | null;
  /** Of recognising alone, reading the file left out. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly unreadable: readonly string[];
}

const REFUSED = '-';
const OTHER = 'other';
/** Silence that ends an utterance, as the cascade's end-pointing leaves it behind a word. */
const END_SILENCE = 0.7 * VOICE_RATE_HZ;

/**
 * Measures the recogniser of single words on whole recordings, as utterances.
 * @throws CatnapError what loading the models throws.
 */
export async function benchCommands(options: CommandsBenchOptions): Promise<CommandsBench> {
  const recogniser = await createRecogniser(options.recogniser);
  const tally = new Tally(options);
  try {
    for (const recording of options.recordings) {
      options.onRecording();
      const samples = await readAudio(recording.path).catch((error: unknown) => {
        tally.unreadable.push(error instanceof Error ? error.message : String(error));
        return null;
      });
      if (samples !== null) await tally.hear(recogniser, recording, samples);
    }
  } finally {
    await recogniser.dispose();
  }
  return tally.result();
}

/** What was heard of each recording, counted. */
class Tally {
  readonly unreadable: string[] = [];
  readonly #options: CommandsBenchOptions;
  readonly #confusion: Record<string, Record<string, number>> = {};
  readonly #transcripts: Record<string, { clips: number; transcripts: number }> = {};
  readonly #elsewhere = { clips: 0, refused: 0 };
  readonly #shifted = { clips: 0, changed: 0 };
  readonly #latencies: number[] = [];

  constructor(options: CommandsBenchOptions) {
    this.#options = options;
  }

  async hear(recogniser: Recogniser, recording: Recording, samples: Float32Array): Promise<void> {
    const startMs = systemClock.monotonicMs();
    const text = await transcript(recogniser, samples, this.#options.minConfidence);
    this.#latencies.push(systemClock.monotonicMs() - startMs);
    this.#count(recording, text);
    const { shiftMs } = this.#options;
    if (shiftMs === null) return;
    const later = samples.subarray((shiftMs * VOICE_RATE_HZ) / 1000);
    this.#shifted.clips += 1;
    if ((await transcript(recogniser, later, this.#options.minConfidence)) !== text)
      this.#shifted.changed += 1;
  }

  #count({ corpus, keywords }: Recording, text: string): void {
    const counts = this.#transcripts[corpus] ?? { clips: 0, transcripts: 0 };
    this.#transcripts[corpus] = counts;
    counts.clips += 1;
    counts.transcripts += text === '' ? 0 : 1;
    const { words } = this.#options;
    const found = words.includes(text) ? text : REFUSED;
    if (corpus !== 'commands') {
      this.#elsewhere.clips += 1;
      this.#elsewhere.refused += found === REFUSED ? 1 : 0;
      return;
    }
    const [word = ''] = keywords;
    const said = words.includes(word) ? word : OTHER;
    const row = this.#confusion[said] ?? {};
    this.#confusion[said] = row;
    row[found] = (row[found] ?? 0) + 1;
  }

  result(): CommandsBench {
    const { shiftMs, words } = this.#options;
    return {
      ...figures(this.#confusion, words),
      ...named(this.#elsewhere),
      confusion: this.#confusion,
      transcripts: this.#transcripts,
      shift: shiftMs === null ? null : { ms: shiftMs, ...this.#shifted },
      ...spread(this.#latencies),
      unreadable: this.unreadable,
    };
  }
}

/** A recording as an utterance: with the silence behind it that ended it. */
export function asUtterance(samples: Float32Array): Window {
  const data = new Float32Array(samples.length + END_SILENCE);
  data.set(samples);
  return { source: 'bench', startSample: 0, rateHz: VOICE_RATE_HZ, channels: 1, data };
}

/** What is understood, in lower case and without punctuation; '' for nothing, or nothing believed. */
async function transcript(
  recogniser: Recogniser,
  samples: Float32Array,
  minConfidence: number,
): Promise<string> {
  const window = asUtterance(samples);
  const heard = await recogniser.recognise(window, new AbortController().signal);
  if (heard.kind !== 'transcript' || heard.confidence < minConfidence) return '';
  return heard.text
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, '')
    .trim();
}

type Confusion = Readonly<Record<string, Readonly<Record<string, number>>>>;

function figures(confusion: Confusion, words: readonly string[]) {
  const total = (word: string) => Object.values(confusion[word] ?? {}).reduce((sum, count) => sum + count, 0);
  const hits = (word: string, wanted: string) => confusion[word]?.[wanted] ?? 0;
  const clips = words.reduce((sum, word) => sum + total(word), 0);
  const correct = words.reduce((sum, word) => sum + hits(word, word), 0);
  const otherClips = total(OTHER);
  const otherRefused = hits(OTHER, REFUSED);
  return {
    clips,
    correct,
    accuracy: correct / Math.max(1, clips),
    accuracyInterval: wilson(correct, clips),
    otherClips,
    otherRefused,
    otherRefusedInterval: wilson(otherRefused, otherClips),
    recall: Object.fromEntries(
      words.map((word) => {
        const share = { clips: total(word), correct: hits(word, word) };
        return [word, { ...share, interval: wilson(share.correct, share.clips) }];
      }),
    ),
  };
}

function named({ clips, refused }: { readonly clips: number; readonly refused: number }) {
  return {
    elsewhereClips: clips,
    elsewhereRefused: refused,
    elsewhereRefusedInterval: wilson(refused, clips),
  };
}

function spread(latencies: readonly number[]) {
  return { latencyMs: { p50: quantileOrNull(latencies, 0.5), p99: quantileOrNull(latencies, 0.99) } };
}
