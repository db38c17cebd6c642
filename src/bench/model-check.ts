import type { Calibration } from '../core/cascade/calibration.js';
import type { Stage } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import { isotonicFit, type Scored } from '../learning/tuning/isotonic.js';
import { processCpuMs } from '../runtime/process/system-clock.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';

/** What is asked of a model that listens for a word. */
export interface ModelCheckOptions {
  readonly stage: Stage;
  /** Samples it is given at a time. */
  readonly hopSamples: number;
  /** The label that is meant. */
  readonly word: string;
  /** Recordings in each of which the word is said once. */
  readonly clips: readonly string[];
  /** Recordings in which it is not. */
  readonly others: readonly string[];
  readonly onRecording: () => void;
}

/** What a recording came to. */
export interface ClipScore {
  readonly file: string;
  /** The highest raw score of the word. */
  readonly score: number;
  readonly isHeard: boolean;
}

/** What a model made of recordings. */
export interface ModelCheck {
  readonly clips: readonly ClipScore[];
  readonly missed: number;
  readonly otherSeconds: number;
  readonly falseAccepts: number;
  /** CPU time over the time listened. */
  readonly cpuShare: number;
  /** From raw scores to confidence, by these recordings; null where there are too few. */
  readonly calibration: Calibration | null;
}

/** Silence around a recording: its context, and time for a late score. */
const [LEAD_SECONDS, TAIL_SECONDS] = [2.1, 0.8];
/** One word is one false accept, however many hops it lasts; and one peak is kept of so long a stretch. */
const STRETCH_SECONDS = 2;
/** Fewer tell too little to say how sure a score is. */
const LEAST_CLIPS = 5;
const LEAST_OTHER_SECONDS = 60;

/**
 * Lets a model listen to recordings of its word and of other things, every hop of them.
 * @throws CatnapError what reading a recording throws; `MODEL_OUTPUT` for scores that are none.
 */
export async function checkModel(options: ModelCheckOptions): Promise<ModelCheck> {
  const startMs = processCpuMs();
  const clips: ClipScore[] = [];
  const scored: Scored[] = [];
  let listenedSeconds = 0;
  for (const file of options.clips) {
    const { peaks, timesHeard, seconds } = await listen(options, file);
    const score = Math.max(0, ...peaks);
    clips.push({ file, score, isHeard: timesHeard > 0 });
    scored.push({ score, isRight: true });
    listenedSeconds += seconds;
  }
  let [otherSeconds, falseAccepts] = [0, 0];
  for (const file of options.others) {
    const { peaks, timesHeard, seconds } = await listen(options, file);
    falseAccepts += timesHeard;
    otherSeconds += seconds;
    for (const score of peaks) scored.push({ score, isRight: false });
  }
  listenedSeconds += otherSeconds;
  const isEnough = clips.length >= LEAST_CLIPS && otherSeconds >= LEAST_OTHER_SECONDS;
  return {
    clips,
    missed: clips.filter(({ isHeard }) => !isHeard).length,
    otherSeconds,
    falseAccepts,
    cpuShare: (processCpuMs() - startMs) / 1000 / listenedSeconds,
    calibration: isEnough ? isotonicFit(scored) : null,
  };
}

/** The highest score of each stretch, and how often the word was heard. */
async function listen(
  { stage, hopSamples, word, onRecording }: ModelCheckOptions,
  file: string,
): Promise<{ readonly peaks: readonly number[]; readonly timesHeard: number; readonly seconds: number }> {
  const heard = await readAudio(file);
  const samples = new Float32Array(heard.length + (LEAD_SECONDS + TAIL_SECONDS) * VOICE_RATE_HZ);
  samples.set(heard, LEAD_SECONDS * VOICE_RATE_HZ);
  const peaks: number[] = [];
  let [timesHeard, deafUntil] = [0, 0];
  stage.reset();
  for (let at = 0; at + hopSamples <= samples.length; at += hopSamples) {
    const data = samples.subarray(at, at + hopSamples);
    const window = { source: file, startSample: at, rateHz: VOICE_RATE_HZ, channels: 1, data };
    const decision = await stage.decide(window, new AbortController().signal);
    if (decision.kind === 'abstain')
      throw new CatnapError(decision.code, `${file}: expected a score, found the model without one`);
    const score = decision.label === word ? decision.score : (decision.besides?.get(word) ?? 0);
    const stretch = Math.floor(at / (STRETCH_SECONDS * VOICE_RATE_HZ));
    peaks[stretch] = Math.max(peaks[stretch] ?? 0, score);
    if (decision.kind !== 'accept' || decision.label !== word || at < deafUntil) continue;
    timesHeard += 1;
    deafUntil = at + STRETCH_SECONDS * VOICE_RATE_HZ;
  }
  onRecording();
  return { peaks, timesHeard, seconds: heard.length / VOICE_RATE_HZ };
}
