import type { ErrorCode } from '../../../core/errors.js';

/** What another model makes of the window that a verifier judges. */
export interface Opinion {
  /** The least and the most that it adds to a logit, the same for each label: none overtakes another by them. */
  readonly least: number;
  readonly most: number;
  /** What it adds to each of the verifier's logits; its own array, with NaN where the model gave no number. */
  of(data: Float32Array): Promise<Float64Array>;
  reset(): void;
  dispose(): Promise<void>;
}

/** Why a model cannot be had that a verifier's manifest asks for. */
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly code: ErrorCode;
  readonly message: string;
}
