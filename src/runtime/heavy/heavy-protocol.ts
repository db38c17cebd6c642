import type { Decision, Recognition, Window } from '../../core/cascade/stage.js';
import type { ErrorCode } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';

interface Load {
  readonly kind: 'load';
  readonly name: string;
  readonly description: unknown;
}

interface Called {
  /** What the line calls it: two that are described otherwise may have one name, as a cascade's and its candidate's. */
  readonly as: string;
}

interface Question {
  readonly kind: 'ask';
  readonly id: number;
  readonly name: string;
  /** The stage was reset since it was last asked. */
  readonly fresh: boolean;
  readonly window: Window;
}

interface Loaded {
  readonly kind: 'loaded';
  readonly name: string;
}

interface Answer {
  readonly kind: 'answer';
  readonly id: number;
  readonly answer: Decision | Recognition;
  /** CPU time of the whole process since its last answer: starting and loading are billed to the first. */
  readonly cpuMs: number;
  /** What the process grew by when the stage was loaded, 10^6 bytes; null where another device answered. */
  readonly memoryMb: number | null;
}

/** What a heavy process is told. Loading twice changes nothing; only what is loaded can be asked. */
export type HeavyRequest = Load | Question;

/** What a heavy process says back. */
export type HeavyReply =
  | Loaded
  | { readonly kind: 'unloadable'; readonly name: string; readonly code: ErrorCode; readonly detail: string }
  | Answer;

/** What a source's worker wants of the process that serves all sources. */
export type LineRequest =
  | (Load &
      Called & {
        /** `stream`: it remembers from hop to hop, so that each source has its own; the others are shared. */
        readonly role: HeavyRole;
      })
  | (Question &
      Called & {
        /** How long the work on it may take once it is begun; then the process is ended. */
        readonly budgetMs: number;
      })
  /** The answer is no longer waited for. */
  | { readonly kind: 'abandon'; readonly id: number }
  /** Gives the process's memory back now; it wakes again when it is asked. */
  | { readonly kind: 'shed' };

/** What the source's worker is told back. */
export type LineReply =
  | (Pick<Loaded, 'kind'> & Called)
  /** Nothing is loaded any more. */
  | { readonly kind: 'asleep' }
  | Answer
  | { readonly kind: 'health'; readonly health: Health };

/** What a hosted thing does. */
export type HeavyRole = 'stage' | 'stream' | 'recogniser';
