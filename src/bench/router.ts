import type { Interval } from '../core/intervals.js';
import { quantile } from '../core/quantile.js';
import { mulberry32 } from '../core/random.js';
import { dealt } from '../learning/groups.js';
import { LearnedRouter, trainRouter } from '../learning/router/router.js';
import { type CascadeCost, cascadeCost } from './router-cost.js';
import type { Question } from './router-data.js';

/** How well an order of questions tells which are worth the strong model (RouteLLM, arXiv:2406.18665, 3.3). */
export interface RoutingFigures {
  /** Area under the gap recovered over the share sent to the strong model: 0.5 at random. */
  readonly apgr: number;
  /** Least share sent that recovers 50% of the gap between weak and strong; null where no share does. */
  readonly cpt50: number | null;
  readonly cpt80: number | null;
}

export interface RouterBench extends RoutingFigures {
  /** Sending blindly. */
  readonly random: RoutingFigures;
  /** Sending the longest first. */
  readonly length: RoutingFigures;
  readonly questions: number;
  readonly subjects: number;
  /** 95%, by drawing subjects. */
  readonly apgrInterval: Interval;
  readonly lengthInterval: Interval;
  /** Questions that resembled nothing in what their router had learnt from; counted with the others. */
  readonly unlike: number;
  /** Of asking the strong model only where it is needed, for as many right answers as it alone gives, and for fewer. */
  readonly cascade: readonly CascadeCost[];
}

/** Shares of the strong model's right answers that the cost is told for. */
const AIMS = [1, 0.98, 0.95];

const RANDOM: RoutingFigures = { apgr: 0.5, cpt50: 0.5, cpt80: 0.8 };
const DRAWS = 1_000;
const SEED = 1;

/**
 * Trains on all subjects but a few, ranks the questions of those by need of the strong model, and so on until each
 * subject has had its turn: every question is ranked by a router that saw none of its subject. What is told of is the
 * order of all of them together.
 *
 * @param folds parts the subjects are dealt into
 * @param priceRatio what the weak model costs of what the strong one does
 */
export function benchRouter(
  questions: readonly Question[],
  { folds, priceRatio }: { readonly folds: number; readonly priceRatio: number },
  onFold: () => void = () => {},
): RouterBench {
  const routes = outOfFold(questions, folds, onFold);
  const needs = routes.map(({ need }) => need);
  const lengths = questions.map(({ characters }) => characters);
  return {
    ...figuresOf(questions, needs),
    random: RANDOM,
    length: figuresOf(questions, lengths),
    questions: questions.length,
    subjects: new Set(questions.map(({ group }) => group)).size,
    apgrInterval: intervalOf(questions, needs),
    lengthInterval: intervalOf(questions, lengths),
    unlike: routes.filter(({ unlike }) => unlike).length,
    cascade: AIMS.map((aimed) => cascadeCost(questions, needs, aimed, { folds, priceRatio })),
  };
}

interface Ranked {
  readonly need: number;
  readonly unlike: boolean;
}

/** What routers say that have not seen the subject. */
function outOfFold(questions: readonly Question[], folds: number, onFold: () => void): readonly Ranked[] {
  const routes: Ranked[] = questions.map(() => ({ need: 0, unlike: true }));
  const subjects = questions.map(({ group }) => group);
  for (const fold of dealt(subjects, folds)) {
    const isIn = ({ group }: Question) => fold.has(group);
    const router = new LearnedRouter(trainRouter(questions.filter((question) => !isIn(question))));
    questions.forEach((question, at) => {
      if (isIn(question)) routes[at] = router.route(question);
    });
    onFold();
  }
  return routes;
}

/** What the strong model gains on a question: 1, 0, or -1 where the weak one alone is right. */
function gainOf({ weakCorrect, strongCorrect }: Question): number {
  return Number(strongCorrect) - Number(weakCorrect);
}

/** Questions in the order in which they are sent, as columns. */
interface Ranking {
  /** Number of a question's subject. */
  readonly subject: Int32Array;
  readonly gain: Int32Array;
  /** 1 where the next question needs the strong model as much: between them the order is by chance. */
  readonly tied: Uint8Array;
}

function rankingOf(questions: readonly Question[], needs: readonly number[]): Ranking {
  const subjects = [...new Set(questions.map(({ group }) => group))];
  const numbers = new Map(subjects.map((subject, at) => [subject, at]));
  const order = needs.map((_, at) => at).sort((a, b) => (needs[b] ?? 0) - (needs[a] ?? 0));
  const inOrder = order.map((at) => questions[at] as Question);
  return {
    subject: Int32Array.from(inOrder, ({ group }) => numbers.get(group) ?? 0),
    gain: Int32Array.from(inOrder, gainOf),
    tied: Uint8Array.from(order, (at, rank) => Number(needs[at] === needs[order[rank + 1] ?? -1])),
  };
}

/** How the gap closes as more is sent: a point after each question, or after those that are tied. */
interface Curve {
  readonly sent: readonly number[];
  readonly gained: readonly number[];
}

/** @param times how often each subject counts */
function curveOf({ subject, gain, tied }: Ranking, times: Int32Array): Curve {
  const curve = { sent: [0], gained: [0] };
  let [sent, gained] = [0, 0];
  for (let rank = 0; rank < gain.length; rank++) {
    const counts = times[subject[rank] ?? 0] ?? 0;
    sent += counts;
    gained += counts * (gain[rank] ?? 0);
    if (tied[rank] === 1) continue;
    curve.sent.push(sent);
    curve.gained.push(gained);
  }
  return curve;
}

function figuresOf(questions: readonly Question[], needs: readonly number[]): RoutingFigures {
  const curve = curveOf(rankingOf(questions, needs), new Int32Array(questions.length).fill(1));
  return { apgr: areaOf(curve), cpt50: shareFor(0.5, curve), cpt80: shareFor(0.8, curve) };
}

/** By trapezoids. */
function areaOf({ sent, gained }: Curve): number {
  let area = 0;
  for (let at = 1; at < sent.length; at++) {
    const width = (sent[at] ?? 0) - (sent[at - 1] ?? 0);
    area += (width * ((gained[at - 1] ?? 0) + (gained[at] ?? 0))) / 2;
  }
  return area / ((sent.at(-1) ?? 0) * (gained.at(-1) ?? 0));
}

function shareFor(share: number, { sent, gained }: Curve): number | null {
  const wanted = share * (gained.at(-1) ?? 0);
  const at = gained.findIndex((value) => value >= wanted);
  if (wanted <= 0 || at < 1) return null;
  const [before = 0, after = 0] = [gained[at - 1], gained[at]];
  const [from = 0, to = 0] = [sent[at - 1], sent[at]];
  return (from + ((wanted - before) / (after - before)) * (to - from)) / (sent.at(-1) ?? 1);
}

/** Percentile bootstrap of the area, by subject: questions of one subject are no independent draws. */
function intervalOf(questions: readonly Question[], needs: readonly number[]): Interval {
  const ranking = rankingOf(questions, needs);
  const subjects = Math.max(...ranking.subject) + 1;
  const random = mulberry32(SEED);
  const areas: number[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const times = new Int32Array(subjects);
    for (let drawn = 0; drawn < subjects; drawn++) {
      const subject = Math.floor(random() * subjects);
      times[subject] = (times[subject] ?? 0) + 1;
    }
    areas.push(areaOf(curveOf(ranking, times)));
  }
  return { low: quantile(areas, 0.025), high: quantile(areas, 0.975) };
}
