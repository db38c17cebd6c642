import type { HeavyQuestion, HeavyRole } from './heavy-protocol.js';

/** What the heavy process has to do for a source: load something, or answer one question. */
export type Job =
  | { readonly kind: 'load'; readonly source: string; readonly key: string }
  | {
      readonly kind: 'ask';
      readonly source: string;
      readonly key: string;
      readonly role: HeavyRole;
      /** With the source's own number for it, and the name that the source knows. */
      readonly question: HeavyQuestion;
      readonly budgetMs: number;
    };

/** Short questions go first: a hop or a verification takes milliseconds, a recognition or a load seconds. */
const RANKS = { stage: 0, stream: 0, load: 1, recogniser: 1 } as const;

/**
 * What waits for the heavy process, which does one thing after the other. Among what is as urgent the source has its
 * turn that was served the longest ago, so that a talkative one delays the others by one question at most.
 */
export class HeavyQueue {
  #jobs: readonly Job[] = [];
  readonly #servedAt = new Map<string, number>();
  #served = 0;

  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  add(job: Job): void {
    this.#jobs = [...this.#jobs, job];
  }

  /** Takes the next job of those that can be done now. */
  next(isPossible: (job: Job) => boolean): Job | null {
    const [next] = this.#jobs.filter(isPossible).sort((a, b) => rankOf(a) - rankOf(b) || this.#turn(a, b));
    if (next === undefined) return null;
    this.remove((job) => job === next);
    this.#served += 1;
    this.#servedAt.set(next.source, this.#served);
    return next;
  }

  /** Takes out what is no longer to be done, and returns it. */
  remove(isOver: (job: Job) => boolean): readonly Job[] {
    const over = this.#jobs.filter(isOver);
    if (over.length > 0) this.#jobs = this.#jobs.filter((job) => !over.includes(job));
    return over;
  }

  #turn(a: Job, b: Job): number {
    return (this.#servedAt.get(a.source) ?? 0) - (this.#servedAt.get(b.source) ?? 0);
  }
}

/** Whether it takes milliseconds: a hop or a verification, and neither a load nor a recognition. */
export function isShort(job: Job): boolean {
  return rankOf(job) === 0;
}

function rankOf(job: Job): number {
  return RANKS[job.kind === 'load' ? 'load' : job.role];
}
