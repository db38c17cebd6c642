import type { ErrorCode } from '../core/errors.js';
import type { Decision, Recognition, Window } from '../core/stage.js';

/** What a worker says to its heavy process. `name` is one of the names the process was opened with. */
export type HeavyRequest =
  | { readonly kind: 'open'; readonly hosted: Readonly<Record<string, unknown>> }
  | { readonly kind: 'load'; readonly name: string }
  | { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly window: Window };

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
