import type { Recogniser } from '../core/stage.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import type { RecogniserSpec } from '../stages/registry.js';
import { createRecogniser } from '../stages/registry.js';
import { readAudio } from './audio.js';
import type { Recording } from './dataset.js';
import { type Interval, quantile, wilson } from './statistics.js';

/** What `catnap bench commands` is asked. */
export interface CommandsBenchOptions {
  readonly recordings: readonly Recording[];
  readonly recogniser: RecogniserSpec;
  /** The words it should know; recordings of any other hold other words. */
  readonly words: readonly string[];
  /** A transcript below this counts as refused, as the cascade's policy has it. */
  readonly minConfidence: number;
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
  readonly recall: Readonly<Record<string, { readonly clips: number; readonly correct: number }>>;
  /** For each word said, what it was taken for; `-` is a refusal. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
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
  const confusion: Record<string, Record<string, number>> = {};
  const elsewhere = { clips: 0, refused: 0 };
  const latencies: number[] = [];
  const unreadable: string[] = [];
  try {
    for (const recording of options.recordings) {
      options.onRecording();
      const startMs = performance.now();
      const found = await answer(recogniser, recording, options).catch((error: unknown) => {
        unreadable.push(error instanceof Error ? error.message : String(error));
        return null;
      });
      if (found === null) continue;
      latencies.push(performance.now() - startMs);
      if (recording.corpus !== 'commands') {
        elsewhere.clips += 1;
        elsewhere.refused += found === REFUSED ? 1 : 0;
        continue;
      }
      const [word = ''] = recording.keywords;
      const said = options.words.includes(word) ? word : OTHER;
      confusion[said] ??= {};
      const row = confusion[said];
      row[found] = (row[found] ?? 0) + 1;
    }
  } finally {
    await recogniser.dispose();
  }
  return {
    ...figures(confusion, options.words),
    ...named(elsewhere),
    confusion,
    ...spread(latencies),
    unreadable,
  };
}

async function answer(
  recogniser: Recogniser,
  recording: Recording,
  { words, minConfidence }: CommandsBenchOptions,
): Promise<string> {
  const samples = await readAudio(recording.path);
  const data = new Float32Array(samples.length + END_SILENCE);
  data.set(samples);
  const window = { source: 'bench', startSample: 0, rateHz: VOICE_RATE_HZ, channels: 1, data };
  const heard = await recogniser.recognise(window, new AbortController().signal);
  if (heard.kind !== 'transcript' || heard.confidence < minConfidence) return REFUSED;
  const text = heard.text
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, '')
    .trim();
  return words.includes(text) ? text : REFUSED;
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
      words.map((word) => [word, { clips: total(word), correct: hits(word, word) }]),
    ),
  };
}

function named({ clips, refused }: { readonly clips: number; readonly refused: number }) {
  return { elsewhereClips: clips, elsewhereRefused: refused };
}

function spread(latencies: readonly number[]) {
  return { latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) } };
}
