import { samplesIn } from '../signal/duration.js';
import type { UtteranceProfile } from './profile.js';

/** Captured speech: which samples, and how it ended. */
export interface Utterance {
  readonly outcome: 'endpoint' | 'timeout' | 'gap' | 'end-of-source';
  readonly startSample: number;
  readonly endSample: number;
  /** Whether any speech was heard. */
  readonly spoken: boolean;
}

/** Speech stands this far above the gate's floor. */
const ABOVE_FLOOR_DB = 6;
/** And no further than this below the loudest hop of the utterance, so that noise above the floor can end it. */
const BELOW_PEAK_DB = 26;
/** Less speech than this is the end of the wake word, not an utterance. */
const LEAST_SPEECH_MS = 240;
/** Kept after the last speech, for a final consonant. */
const TAIL_MS = 160;

/** Finds where an utterance ends, without a network: silence for long enough after speech, or a deadline. */
export class UtteranceCapture {
  readonly #startSample: number;
  readonly #startDeadline: number;
  readonly #deadline: number;
  readonly #endSilenceSamples: number;
  readonly #tailSamples: number;
  readonly #leastSpeechSamples: number;
  #previousSample: number;
  #speechSamples = 0;
  #speechEnd: number | null = null;
  #peakDb = Number.NEGATIVE_INFINITY;

  /** Starts at the detection; `oldestSample` is where the ring begins. */
  constructor(profile: UtteranceProfile, rateHz: number, detectionSample: number, oldestSample: number) {
    this.#startSample = Math.max(oldestSample, detectionSample - samplesIn(profile.leadMs, rateHz));
    this.#startDeadline = detectionSample + samplesIn(profile.startTimeoutMs, rateHz);
    this.#deadline = detectionSample + samplesIn(profile.maxMs, rateHz);
    this.#endSilenceSamples = samplesIn(profile.endSilenceMs, rateHz);
    this.#tailSamples = samplesIn(TAIL_MS, rateHz);
    this.#leastSpeechSamples = samplesIn(LEAST_SPEECH_MS, rateHz);
    this.#previousSample = detectionSample;
  }

  /** Judges a hop by its level alone. */
  isSpeech(levelDb: number, floorDb: number): boolean {
    this.#peakDb = Math.max(this.#peakDb, levelDb);
    return levelDb >= floorDb + ABOVE_FLOOR_DB && levelDb >= this.#peakDb - BELOW_PEAK_DB;
  }

  /** Takes the hop that ends at `endSample`; the utterance once it is over, else null. */
  push(endSample: number, speech: boolean): Utterance | null {
    if (speech) {
      this.#speechEnd = endSample;
      this.#speechSamples += endSample - this.#previousSample;
    }
    this.#previousSample = endSample;
    if (endSample >= this.#deadline) return this.end('timeout', endSample);
    if (this.#speechEnd === null || !this.#spoken) {
      return endSample >= this.#startDeadline ? this.end('timeout', endSample) : null;
    }
    return endSample - this.#speechEnd >= this.#endSilenceSamples ? this.end('endpoint', endSample) : null;
  }

  /** Ends it now. */
  end(outcome: Utterance['outcome'], endSample: number): Utterance {
    const last =
      this.#speechEnd === null ? endSample : Math.min(endSample, this.#speechEnd + this.#tailSamples);
    return { outcome, startSample: this.#startSample, endSample: last, spoken: this.#spoken };
  }

  get #spoken(): boolean {
    return this.#speechSamples >= this.#leastSpeechSamples;
  }
}
