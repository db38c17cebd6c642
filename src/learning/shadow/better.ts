/** Shares that are bet on: the middles of sixteen equal parts between a half and all. */
const SHARES = Array.from({ length: 16 }, (_, at) => 0.5 + (at + 0.5) / 32);

/**
 * Evidence that wins come more often than losses, as an e-value: capital after bets that a win is likelier than a
 * half, a mean over how likely (a mixture of likelihood ratios: Robbins, Ann. Math. Statist. 41, 1970). If wins are
 * no likelier than losses it is ever at or above 1/a with a chance of at most a (Ville 1939), however often it is
 * looked at.
 */
export function evidenceOfMore(wins: number, losses: number): number {
  const capitals = SHARES.map((share) =>
    Math.exp(wins * Math.log(2 * share) + losses * Math.log(2 - 2 * share)),
  );
  return capitals.reduce((sum, capital) => sum + capital, 0) / SHARES.length;
}

/** Two questions are asked, whether it is better and whether it is worse: each is answered at 2.5%. */
export const ENOUGH_EVIDENCE = 40;

/** Which of two is told to be right more often where they differ; null: it cannot be told yet. */
export function moreOf(wins: number, losses: number): 'first' | 'second' | null {
  if (evidenceOfMore(wins, losses) >= ENOUGH_EVIDENCE) return 'first';
  return evidenceOfMore(losses, wins) >= ENOUGH_EVIDENCE ? 'second' : null;
}

/** What differences come to for a candidate that was right in some of them and wrong in the others. */
export interface Weighed {
  /** Evidence, as e-values, that where they differ the candidate is right more often, and wrong more often. */
  readonly better: number;
  readonly worse: number;
  readonly verdict: 'better' | 'worse' | 'open';
}

/** Weighs how often it was right and wrong there. */
export function weighed(right: number, wrong: number): Weighed {
  const more = moreOf(right, wrong);
  return {
    better: evidenceOfMore(right, wrong),
    worse: evidenceOfMore(wrong, right),
    verdict: more === null ? 'open' : more === 'first' ? 'better' : 'worse',
  };
}

/** How often one has to be right, and the other never, before that can be told. */
export function winsNeeded(): number {
  let wins = 0;
  while (evidenceOfMore(wins, 0) < ENOUGH_EVIDENCE) wins += 1;
  return wins;
}
