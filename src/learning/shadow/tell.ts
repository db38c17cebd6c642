import type { Counted } from '../past/evidence.js';
import { type Weighed, winsNeeded } from './better.js';
import type { Compared } from './comparison.js';
import type { ComparedRoutes } from './route-comparison.js';

/** What a comparison says, for a person: a line each. */
export function tellCompared(compared: Compared): readonly string[] {
  const { source, candidate, since, both, neither, unjudged, onlyActive, onlyCandidate } = compared;
  return [
    `${source}: ${candidate} listens beside since ${since}`,
    `  both believed ${told(both)}; neither ${neither}; left out ${unjudged}, where a stage did not answer`,
    `  only what runs believed ${told(onlyActive)}${costOf(onlyActive)}`,
    `  only the candidate believed ${told(onlyCandidate)}`,
    `  ${verdictOf(compared)}`,
  ];
}

/** What a comparison of routers says, for a person: a line each. */
export function tellRoutes(routes: ComparedRoutes): readonly string[] {
  const { candidate, since, questions, same, right, wrong, unsaid, savedMs, savedMoney } = routes;
  return [
    `router: ${candidate} is looked at beside since ${since}, ${questions} questions`,
    `  ${same} would begin where they did; ${right} at the dear provider rightly, ${wrong} wrongly; ${unsaid} unsaid`,
    `  would have saved ${(savedMs / 1000).toFixed(1)} s of waiting, money ${savedMoney.toFixed(4)}`,
    `  ${verdictOfRoutes(routes)}`,
  ];
}

/** What that comes to, in a sentence. */
export function verdictOfRoutes({ right, wrong, ...compared }: ComparedRoutes): string {
  const where = `of ${right + wrong} questions that it would take past the cheap provider ${right} were asked there in vain`;
  return sentenceOf(compared, where);
}

/** What it comes to, in a sentence. */
export function verdictOf({ onlyActive, onlyCandidate, ...compared }: Compared): string {
  const right = onlyActive.wrong + onlyCandidate.right;
  const wrong = onlyActive.right + onlyCandidate.wrong;
  const where = `where they differ and somebody says what it was, the candidate was right ${right} times of ${right + wrong}`;
  return sentenceOf(compared, where);
}

function sentenceOf(
  { candidate, better, worse, verdict }: Weighed & { readonly candidate: string },
  where: string,
): string {
  switch (verdict) {
    case 'better':
      return `${candidate} is better: ${where} (evidence ${shown(better)})`;
    case 'worse':
      return `${candidate} is worse: ${where} (evidence ${shown(worse)})`;
    case 'open':
      return (
        `not decided yet: ${where}; evidence ${shown(Math.max(better, worse))} of 40, ` +
        `which ${winsNeeded()} in a row that speak for the same would give`
      );
  }
}

function told({ detections, right, wrong, unsaid }: Counted): string {
  return `${detections} (${right} right, ${wrong} wrong, ${unsaid} unsaid)`;
}

function costOf({ cloudCalls, money }: Counted): string {
  return cloudCalls === 0 ? '' : `, which asked the cloud ${cloudCalls} times for ${money.toFixed(4)}`;
}

function shown(evidence: number): string {
  return evidence >= 1000 ? 'above 1000' : evidence.toFixed(1);
}
