import type { RecogniserSpec, StageSpec } from '../../../core/cascade/assembly.js';
import type { Recogniser, Recognition, Window } from '../../../core/cascade/stage.js';
import { samplesIn } from '../../../core/signal/duration.js';
import type { JudgeSettings } from '../device-judge.js';
import type { Rehearings, TranscriptJudge } from './transcript-judge.js';

/** A recogniser whose transcripts a judge looks at; as data. */
export interface JudgedRecogniserSpec extends RecogniserSpec {
  readonly judge: JudgeSettings;
  /** Another recogniser that the judge may ask; null: none. */
  readonly other: StageSpec | null;
}

/** Whether a judge looks at what the recogniser of a spec writes. */
export function isJudged(spec: RecogniserSpec): spec is JudgedRecogniserSpec {
  return 'judge' in spec;
}

/** Who may be asked to listen again. */
interface Listeners {
  readonly recogniser: Recogniser;
  /** Another model; null: none. */
  readonly other: Recogniser | null;
}

interface Parts extends Listeners {
  readonly judge: TranscriptJudge;
}

/** A recogniser as it is, but for the confidence of its transcripts, which is a judge's. */
export class JudgedRecogniser implements Recogniser {
  readonly name: string;
  readonly budgetMs: number;
  readonly #kind: string;
  readonly #parts: Parts;

  constructor({ name, budgetMs, judge }: JudgedRecogniserSpec, parts: Parts) {
    this.name = name;
    this.budgetMs = budgetMs;
    this.#kind = judge.kind;
    this.#parts = parts;
  }

  async recognise(window: Window, signal: AbortSignal): Promise<Recognition> {
    const { recogniser, judge } = this.#parts;
    const own = await recogniser.recognise(window, signal);
    if (own.kind !== 'transcript') return own;
    const { confidence, because } = await judge.judge(own, window, rehearingsOf(this.#parts, window, signal));
    // What was the judge's alone to see goes no further.
    const { pieces: _, ...transcript } = own;
    return { ...transcript, confidence, judged: { kind: this.#kind, own: own.confidence, because } };
  }

  async dispose(): Promise<void> {
    await this.#parts.recogniser.dispose();
    await this.#parts.other?.dispose();
  }

  prepare(): void {
    this.#parts.recogniser.prepare?.();
    this.#parts.other?.prepare?.();
  }
}

/** Has an utterance heard again. */
export function rehearingsOf(
  { recogniser, other }: Listeners,
  window: Window,
  signal: AbortSignal,
): Rehearings {
  return {
    later: (ms) => recogniser.recognise(withoutFirst(ms, window), signal),
    other: async () => (other === null ? null : other.recognise(window, signal)),
  };
}

/** Of what was said in one breath with its wake word, the word's begin is left out, for the order follows its end. */
function withoutFirst(ms: number, window: Window): Window {
  const { data, channels, rateHz, wakeWord, startSample } = window;
  const samples = samplesIn(ms, rateHz);
  if (wakeWord !== undefined)
    return { ...window, wakeWord: { ...wakeWord, data: wakeWord.data.subarray(samples * channels) } };
  return { ...window, startSample: startSample + samples, data: data.subarray(samples * channels) };
}
