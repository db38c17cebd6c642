import { samplesIn } from '../signal/duration.js';
import type { UtteranceProfile } from './profile.js';

/** Captured speech: which samples, and how it ended. */
export interface Utterance {
  readonly outcome: 'endpoint' | 'timeout' | 'gap' | 'end-of-source';
  readonly startSample: number;
  readonly endSample: number;
  /** Whether any speech was heard. */
  readonly spoken: boolean;
  /** Whether a pause parts it from the wake word; else it may have been said in one breath with it. */
  readonly apart: boolean;
}

/** Speech stands this far above the gate's floor. */
const ABOVE_FLOOR_DB = 6;
/** And no further than this below the loudest hop of the utterance, so that noise above the floor can end it. */
const BELOW_PEAK_DB = 26;
/** Less speech than this is the end of the wake word, not an utterance. */
const LEAST_SPEECH_MS = 240;
/** More speech than this behind the sample at which it was noticed is no rest of a wake word. */
const WORD_REST_MS = 640;
/** Who woke it may say the order more quietly than the wake word by this. */
const QUIETER_ORDER_DB = 6;
/** Speech further than this below the loudest of who woke it is somebody else's: a television, another room. */
const BACKGROUND_DB = 12;
/** Nor more loudly by more: a sneeze or a slammed door does not make whoever speaks somebody else. */
const LOUDER_ORDER_DB = 6;
/** The wake word's own end may sound on for this long after it was noticed. */
const WORD_END_MS = 160;
/** Quiet for this long behind it parts the order from the word: closures of p, t and k last up to 0.2 s. */
const PAUSE_MS = 240;
/** A pause is quieter than whoever speaks by this, softly begun words included. */
const QUIET_DB = 20;
/** Kept after the last speech, for a final consonant. */
const TAIL_MS = 160;

/**
 * Finds where an utterance ends, without a network: no speech of whoever woke it for long enough, or a deadline. Whose
 * speech it is tells its level beside that of the wake word, and of the loudest of the utterance so far.
 */
export class UtteranceCapture {
  readonly #startDeadline: number;
  readonly #deadline: number;
  readonly #endSilenceSamples: number;
  readonly #pauseSamples: number;
  readonly #tailSamples: number;
  readonly #leastSpeechSamples: number;
  readonly #wordRestSamples: number;
  /** Speech that ends before this may be the wake word's own. */
  readonly #wordEndSample: number;
  readonly #loudestVoiceDb: number;
  #startSample: number;
  #previousSample: number;
  #speechSamples = 0;
  #speechEnd: number | null = null;
  /** Up to here speech went on without a break, though too quietly to be told from somebody else's. */
  #trailEnd: number | null = null;
  /** Last sample of anything that may be of the word or the order. */
  #soundEnd: number;
  #peakDb = Number.NEGATIVE_INFINITY;
  /** How loud whoever spoke the wake word is taken to be. */
  #voiceDb: number;
  #apart = false;

  /**
   * Starts at the detection; `oldestSample` is where the ring begins.
   * @param wordDb level of the wake word's loudest block, dB re full scale.
   */
  constructor(
    profile: UtteranceProfile,
    rateHz: number,
    detectionSample: number,
    oldestSample: number,
    readonly wordDb: number,
  ) {
    this.#voiceDb = wordDb - QUIETER_ORDER_DB;
    this.#loudestVoiceDb = wordDb + LOUDER_ORDER_DB;
    this.#startSample = Math.max(oldestSample, detectionSample - samplesIn(profile.leadMs, rateHz));
    this.#startDeadline = detectionSample + samplesIn(profile.startTimeoutMs, rateHz);
    this.#deadline = detectionSample + samplesIn(profile.maxMs, rateHz);
    this.#endSilenceSamples = samplesIn(profile.endSilenceMs, rateHz);
    this.#pauseSamples = samplesIn(PAUSE_MS, rateHz);
    this.#tailSamples = samplesIn(TAIL_MS, rateHz);
    this.#leastSpeechSamples = samplesIn(LEAST_SPEECH_MS, rateHz);
    this.#wordRestSamples = samplesIn(WORD_REST_MS, rateHz);
    this.#wordEndSample = detectionSample + samplesIn(WORD_END_MS, rateHz);
    this.#soundEnd = detectionSample;
    this.#previousSample = detectionSample;
  }

  /** Judges a hop by its level alone. */
  isSpeech(levelDb: number, floorDb: number): boolean {
    this.#peakDb = Math.max(this.#peakDb, levelDb);
    return levelDb >= floorDb + ABOVE_FLOOR_DB && levelDb >= this.#peakDb - BELOW_PEAK_DB;
  }

  /** Takes the hop that ends at `endSample` and is so loud; the utterance once it is over, else null. */
  push(endSample: number, speech: boolean, levelDb: number): Utterance | null {
    if (speech || levelDb >= this.#voiceDb - QUIET_DB) {
      this.#part(this.#previousSample);
      this.#soundEnd = endSample;
    }
    if (speech && levelDb >= this.#voiceDb - BACKGROUND_DB) {
      this.#voiceDb = Math.min(this.#loudestVoiceDb, Math.max(this.#voiceDb, levelDb));
      this.#speechEnd = endSample;
      this.#trailEnd = endSample;
      this.#speechSamples += endSample - this.#previousSample;
    } else if (speech && this.#trailEnd === this.#previousSample) {
      this.#trailEnd = endSample;
    }
    this.#previousSample = endSample;
    if (endSample >= this.#deadline) return this.end('timeout', endSample);
    if (this.#speechEnd === null || !this.#spoken) {
      return endSample >= this.#startDeadline ? this.end('timeout', endSample) : null;
    }
    return endSample - this.#speechEnd >= this.#endSilenceSamples ? this.end('endpoint', endSample) : null;
  }

  /** A sound begins at `sample`: where a pause lies between the wake word and it, the utterance begins in the pause. */
  #part(sample: number): void {
    if (this.#apart || this.#soundEnd > this.#wordEndSample) return;
    if (sample - this.#soundEnd < this.#pauseSamples) return;
    this.#apart = true;
    this.#speechSamples = 0;
    this.#startSample = Math.max(this.#startSample, sample - this.#pauseSamples);
  }

  /**
   * Nothing was understood in what was said: where it may have been the rest of the wake word alone, goes on behind the
   * pause that ended it while an order may still begin. False where that cannot be.
   */
  goOn(): boolean {
    if (this.#apart || this.#speechSamples > this.#wordRestSamples) return false;
    if (this.#previousSample >= this.#startDeadline) return false;
    this.#apart = true;
    this.#speechSamples = 0;
    this.#speechEnd = null;
    this.#trailEnd = null;
    this.#startSample = this.#previousSample - this.#pauseSamples;
    return true;
  }

  /** Ends it now. */
  end(outcome: Utterance['outcome'], endSample: number): Utterance {
    return {
      outcome,
      startSample: this.#startSample,
      endSample: Math.min(endSample, this.#lastSample(endSample)),
      spoken: this.#spoken,
      apart: this.#apart,
    };
  }

  /**
   * Where what was said ends. A last word may fade away: speech that only becomes quieter belongs to the order if it
   * stops by itself; a television goes on.
   */
  #lastSample(endSample: number): number {
    if (this.#speechEnd === null || this.#trailEnd === null) return endSample;
    const tailEnd = this.#speechEnd + this.#tailSamples;
    return endSample - this.#trailEnd >= this.#tailSamples ? Math.max(tailEnd, this.#trailEnd) : tailEnd;
  }

  get #spoken(): boolean {
    return this.#speechSamples >= this.#leastSpeechSamples;
  }
}
