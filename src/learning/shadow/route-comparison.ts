import type { CascadeEvent, EventOf } from '../../core/events/events.js';
import { askedInVain } from '../router/learn-asks.js';
import { type Weighed, weighed } from './better.js';

/** What is counted of a router that is only looked at, against where questions really began. */
interface Counts {
  readonly candidate: string;
  /** ISO 8601 wall time of the first question. */
  readonly since: string;
  readonly questions: number;
  /** Questions that both begin at the same provider. */
  readonly same: number;
  /** Questions that began at the cheap one, and at the dear one by the candidate: rightly, wrongly. */
  readonly right: number;
  readonly wrong: number;
  /** What would have been saved of those that were asked in vain. */
  readonly savedMs: number;
  readonly savedMoney: number;
  /** They differ, and nobody knows which is right: it began at the dear one, or no judge looked. */
  readonly unsaid: number;
}

/** A router that is only looked at, against where questions really began. */
export type ComparedRoutes = Counts & Weighed;

type Verdict = EventOf<'verdict'>;

/** Compares a router beside with where questions began, from verdicts. Of another candidate everything begins anew. */
export class RouteComparison {
  #sum: Counts | null = null;

  /** Takes the next event. */
  take(event: CascadeEvent): void {
    if (event.type !== 'verdict' || event.routes === undefined) return;
    const { candidate } = event.routes;
    const before = this.#sum?.candidate === candidate ? this.#sum : begun(candidate, event);
    this.#sum = withVerdict(before, event, event.routes);
  }

  /** What is known as of now; null where no router is looked at. */
  told(): ComparedRoutes | null {
    if (this.#sum === null) return null;
    return { ...this.#sum, ...weighed(this.#sum.right, this.#sum.wrong) };
  }
}

function begun(candidate: string, { measured }: Verdict): Counts {
  const none = { questions: 0, same: 0, right: 0, wrong: 0, savedMs: 0, savedMoney: 0, unsaid: 0 };
  return { candidate, since: measured?.wallTime ?? '', ...none };
}

function withVerdict(
  sum: Counts,
  { steps = [] }: Verdict,
  { begun, would }: NonNullable<Verdict['routes']>,
): Counts {
  const counted = { ...sum, questions: sum.questions + 1 };
  if (begun === would) return { ...counted, same: sum.same + 1 };
  const inVain = begun === 'cheap' ? askedInVain(steps) : null;
  if (inVain === null) return { ...counted, unsaid: sum.unsaid + 1 };
  if (!inVain) return { ...counted, wrong: sum.wrong + 1 };
  const { latencyMs = 0, money = 0 } = steps[0] ?? {};
  return {
    ...counted,
    right: sum.right + 1,
    savedMs: sum.savedMs + latencyMs,
    savedMoney: sum.savedMoney + money,
  };
}
