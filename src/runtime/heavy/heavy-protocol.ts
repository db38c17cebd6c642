import type { Decision, Recognition, Window } from '../../core/cascade/stage.js';
import type { ErrorCode } from '../../core/errors.js';

/** What a worker says to its heavy process. Loading twice changes nothing; only what is loaded can be asked. */
export type HeavyRequest =
  | { readonly kind: 'load'; readonly name: string; readonly description: unknown }
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly name: string;
      /** The stage was reset since it was last asked. */
      readonly fresh: boolean;
      readonly window: Window;
    };

/** What a heavy process says back. */
export type HeavyReply =
  | { readonly kind: 'loaded'; readonly name: string }
  | { readonly kind: 'unloadable'; readonly name: string; readonly code: ErrorCode; readonly detail: string }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly answer: Decision | Recognition;
      /** CPU time of the whole process since its last answer: starting and loading are billed to the first. */
      readonly cpuMs: number;
    };
