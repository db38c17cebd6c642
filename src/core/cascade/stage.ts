import type { ErrorCode } from '../errors.js';
import type { News } from '../events/health.js';
import type { SignalTraits } from '../signal/frame.js';
import type { Thresholds } from '../thresholds.js';

/** A channel's part in a decision, so that a person can see why. Shares of one decision sum to 1. */
export interface Contribution {
  readonly channel: string;
  readonly share: number;
  /** What about the channel strayed most, where it is described by several figures. */
  readonly feature?: string | undefined;
}

/** What a judge made of a stage's decision. */
export interface JudgeMark {
  /** Kind of the judge. */
  readonly kind: string;
  /** The stage's own confidence; the decision has the judge's. */
  readonly own: number;
  /** What counted most for the judge, in a few words. */
  readonly because: string;
}

/** Believed (`accept`), refused (`reject`), or left to the next stage (`uncertain`), on calibrated confidence. */
export interface Judgement {
  readonly kind: 'accept' | 'reject' | 'uncertain';
  readonly stage: string;
  readonly label: string;
  /** The model's raw output. */
  readonly score: number;
  /** Calibrated: the share of such decisions that are right, 0 to 1. */
  readonly confidence: number;
  /** What the confidence was held to, from stages that say so. */
  readonly thresholds?: Thresholds;
  /** Between which it lies, from stages that did not find it out because it could not have changed the verdict. */
  readonly range?: { readonly least: number; readonly most: number };
  /** Empty where the stage explains nothing (voice). */
  readonly contributions: readonly Contribution[];
  /** Raw scores of other labels that the stage does not refuse either, from stages that look for several at once. */
  readonly besides?: ReadonlyMap<string, number>;
  /** What follows it that its verifier wants to hear, where that is more than of others, ms. */
  readonly tailMs?: number;
  /** Calibrated confidence of every label that is listened for, from stages that judge several apart. */
  readonly confidences?: ReadonlyMap<string, number>;
  /** Whose the confidence is, where a judge has looked at the decision. */
  readonly judged?: JudgeMark;
  /** Sample index at which what was judged begins, from stages that can place it. */
  readonly startSample?: number;
  /**
   * Sample index at which a word ended that was judged, from stages that can place it; of a streaming stage once it is
   * over, whatever the decision is about by then.
   */
  readonly endSample?: number;
  /** Whether it is what was confirmed before a gap or a restart and not seen to end, from stages that remember. */
  readonly resumes?: boolean;
  /** There was no time to ask everything that could have changed it. */
  readonly cutShort?: boolean;
  /** Given by what stands in for a stage elsewhere that did not answer in time. */
  readonly degraded?: boolean;
}

/** The stage could not decide: it failed, timed out, or met what it cannot judge. It never throws. */
export interface Abstention {
  readonly kind: 'abstain';
  readonly stage: string;
  readonly code: ErrorCode;
  /** What was expected and what was found, where more is known than the code says. For health, not for the trail. */
  readonly detail?: string;
}

export type Decision = Judgement | Abstention;

/** Samples `[startSample, startSample + data.length / channels)` of one source, interleaved. Borrowed: copy to keep. */
export interface Window {
  readonly source: string;
  readonly startSample: number;
  readonly rateHz: number;
  readonly channels: number;
  readonly data: Float32Array;
  /**
   * The highest raw score the stage before gave each label it named since it noticed something; shown to a
   * verifier.
   */
  readonly noticed?: ReadonlyMap<string, number>;
  /**
   * For a recogniser, of an utterance that may have been said in one breath with its wake word: that word's label, and
   * the samples right before the window, which hold the word.
   */
  readonly wakeWord?: { readonly label: string; readonly data: Float32Array };
  /** For an end-pointer: how loud whoever is meant spoke the wake word, by its loudest block, dB re full scale. */
  readonly voiceDb?: number;
  /** The detection that it is of, for whoever accounts for what leaves the device. */
  readonly about?: { readonly detection: string; readonly label: string };
}

/**
 * One judge in the cascade. A streaming stage (tiny) is given every hop as it comes; a heavy one is given the
 * window around what woke it.
 */
export interface Stage {
  readonly name: string;
  /** Wall time after which an asynchronous decision is abandoned and counts as `abstain STAGE_TIMEOUT`. */
  readonly budgetMs: number;
  decide(window: Window, signal: AbortSignal): Decision | Promise<Decision>;
  /**
   * Sample index at which the word ended that the stage believed of this window; null where it cannot tell. From stages
   * that find that out apart, so as not to be later with their verdict: asked with the same budget, once the word has
   * been told, where the verdict came without {@link Judgement.endSample}.
   */
  endOf?(window: Window, label: string, signal: AbortSignal): number | null | Promise<number | null>;
  /** Forgets streaming state; called at every gap. */
  reset(): void;
  /** Frees what the stage holds; afterwards it decides nothing. */
  dispose(): Promise<void>;
  /** Tells that a decision may be asked for soon, so that a sleeping stage can wake. Free to ignore. */
  prepare?(): void;
  /**
   * Tells what the signal is, before its first hop and again when it changes.
   * @throws CatnapError `STATE_INVALID` when what the stage learnt holds for another signal.
   */
  describe?(format: SignalTraits): void;
  /** CPU milliseconds the last answer took in another process, from stages that run in one. */
  remoteCpuMs?(): number;
  /** What that process grew by when the stage was loaded, 10^6 bytes, from the same; null where it is not known. */
  remoteMemoryMb?(): number | null;
  /**
   * Tells tiny that what it noticed was believed after the stage behind it had been asked: the last `samples`
   * samples are of `label`, and those that follow, until {@link ended}. Not called where there is no stage
   * behind it.
   */
  confirmed?(label: string, samples: number): void;
  /**
   * Tells tiny that what was {@link confirmed} is no longer followed: it is over, or the signal broke off in
   * its midst.
   */
  ended?(): void;
  /** Milliseconds of signal that it still learns from before it can notice anything; 0 once it can. */
  learningMs?(): number;
  /** What has come up that a person is to be told of the stage, since it was last asked; null for nothing. */
  news?(): News | null;
  /** What tiny has to say of a window of the signal for an escalation, as JSON; null for nothing. */
  summarise?(window: Window): unknown;
}

/** A piece of a transcript, a word or a part of one, as its recogniser chose it. */
export interface Piece {
  /** Of what was written, 0 to 1. */
  readonly probability: number;
  /** Of the likeliest that was not. */
  readonly next: number;
  /** Entropy of the choice, nats. */
  readonly open: number;
}

/** A recogniser that was asked, and what kept it from answering; null: it answered. */
export interface AskedRecogniser {
  readonly stage: string;
  readonly failure: Pick<Abstention, 'code' | 'detail'> | null;
}

/** What a recogniser heard in an utterance. */
export type Recognition = (
  | {
      readonly kind: 'transcript';
      readonly stage: string;
      readonly text: string;
      readonly confidence: number;
      /** How each piece was chosen, from recognisers that tell; for a judge beside the recogniser alone. */
      readonly pieces?: readonly Piece[];
      /** As {@link Judgement.judged}. */
      readonly judged?: JudgeMark;
      /** As {@link Judgement.degraded}. */
      readonly degraded?: boolean;
    }
  | { readonly kind: 'empty'; readonly stage: string; readonly degraded?: boolean }
  | Abstention
) & {
  /** From one that asks several: those whose answer was not the one that counts. For health, not for the trail. */
  readonly askedBefore?: readonly AskedRecogniser[];
};

/** The heaviest local stage: turns an utterance into words. */
export interface Recogniser {
  readonly name: string;
  readonly budgetMs: number;
  recognise(window: Window, signal: AbortSignal): Promise<Recognition>;
  dispose(): Promise<void>;
  /** As {@link Stage.prepare}. */
  prepare?(): void;
  /** As {@link Stage.remoteCpuMs}. */
  remoteCpuMs?(): number;
  /** As {@link Stage.remoteMemoryMb}. */
  remoteMemoryMb?(): number | null;
}
