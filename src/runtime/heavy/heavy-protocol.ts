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

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly window: Window;
}

interface Ask extends Asked {
  readonly kind: 'ask';
  /** The stage was reset since it was last asked. */
  readonly fresh: boolean;
}

/** Where the word ended that the stage believed of a window: {@link Stage.endOf}. */
interface AskEnd extends Asked {
  readonly kind: 'ask-end';
  readonly label: string;
}

interface Loaded {
  readonly kind: 'loaded';
  readonly name: string;
}

interface Unloadable {
  readonly kind: 'unloadable';
  readonly code: ErrorCode;
  readonly detail: string;
}

/** What an answer cost where it was found. */
export interface RemoteCost {
  /** CPU time of the whole process since its last answer: starting and loading are billed to the first. */
  readonly cpuMs: number;
  /** What the process grew by when the stage was loaded, 10^6 bytes; null where another device answered. */
  readonly memoryMb: number | null;
}

/** Whatever was asked may be abstained from. */
interface Answer extends RemoteCost {
  readonly kind: 'answer';
  readonly id: number;
  readonly answer: Decision | Recognition;
}

interface WordEnd extends RemoteCost {
  readonly kind: 'word-end';
  readonly id: number;
  readonly endSample: number | null;
}

/** What may be asked of what is loaded. */
export type HeavyQuestion = Ask | AskEnd;

/** What comes back of a question. */
export type HeavyAnswer = Answer | WordEnd;

/** Each of several without some of its fields. */
export type EachWithout<T, Fields extends PropertyKey> = T extends unknown ? Omit<T, Fields> : never;

/** What a heavy process is told. Loading twice changes nothing; only what is loaded can be asked. */
export type HeavyRequest = Load | HeavyQuestion;

/** What a heavy process says back. */
export type HeavyReply = Loaded | (Unloadable & { readonly name: string }) | HeavyAnswer;

/** What a source's worker asks of the process that serves all sources. */
export type LineQuestion = HeavyQuestion &
  Called & {
    /** How long the work on it may take once it is begun; then the process is ended. */
    readonly budgetMs: number;
  };

/** What a source's worker wants of the process that serves all sources. */
export type LineRequest =
  | (Load &
      Called & {
        /** `stream`: it remembers from hop to hop, so that each source has its own; the others are shared. */
        readonly role: HeavyRole;
      })
  | LineQuestion
  /** The answer is no longer waited for. */
  | { readonly kind: 'abandon'; readonly id: number }
  /** Gives the process's memory back now; it wakes again when it is asked. */
  | { readonly kind: 'shed' };

/** What the source's worker is told back. */
export type LineReply =
  | (Pick<Loaded, 'kind'> & Called)
  | (Unloadable & Called)
  /** Nothing is loaded any more. */
  | { readonly kind: 'asleep' }
  | HeavyAnswer
  /** How the process is. */
  | { readonly kind: 'health'; readonly health: Health };

/** What a hosted thing does. */
export type HeavyRole = 'stage' | 'stream' | 'recogniser';
