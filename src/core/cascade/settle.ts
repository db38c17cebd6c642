import type { Recognition } from './stage.js';

/** What the device can do about an utterance by itself. */
export type Settlement =
  | {
      readonly kind: 'settled';
      readonly intent: string;
      readonly slots: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'unsettled';
      readonly reason: 'no-match' | 'unknown-words';
      /** Words that no sentence of the device has. */
      readonly unknownWords: number;
    };

/** Matches a transcript against what is settled locally. Pure and quick; never throws. */
export type Settle = (transcript: Extract<Recognition, { kind: 'transcript' }>) => Settlement;

/** Settles nothing: every utterance is complex. */
export const settleNothing: Settle = () => ({ kind: 'unsettled', reason: 'no-match', unknownWords: 0 });
