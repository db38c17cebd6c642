import { Noticed, type Step } from './noticed.js';
import type { Heard, Point } from './tuning.js';

/**
 * The front: of all pairs of thresholds those for which no other misses fewer at no more false accepts, from the one
 * that misses least to the one that accepts least. Of thresholds with the same outcome the middle one stands, which
 * is the farthest from what would change it. What finds none of the words said is no choice.
 *
 * @param heard the same stretches, heard with one or several thresholds of the first stage
 * @param word whose front it is; of all words together when left out
 */
export function frontOf(heard: readonly Heard[], word?: string): readonly Point[] {
  const passes = heard.map(({ notice, listened }) => ({ notice, noticed: Noticed.of(listened, word) }));
  const points = passes.flatMap(({ notice, noticed }) =>
    unbeaten(noticed.steps(notice)).map((accept) => pointOf(noticed, notice, accept)),
  );
  const order = points.sort(
    (a, b) => a.falseAccepts - b.falseAccepts || a.missed - b.missed || a.wakeUps - b.wakeUps,
  );
  const front: Point[] = [];
  for (const point of order) {
    if (point.words > 0 && point.missed === point.words) continue;
    if (point.missed < (front.at(-1)?.missed ?? Number.POSITIVE_INFINITY)) front.push(point);
  }
  return front.reverse();
}

function pointOf(noticed: Noticed, notice: number, accept: number): Point {
  const thresholds = { notice, accept };
  return { thresholds, ...noticed.outcome(thresholds) };
}

/** Of each run of steps with the same outcome the middle, where no other is better. */
function unbeaten(steps: readonly Step[]): readonly number[] {
  const accepts: number[] = [];
  let run: Step[] = [];
  let fewest = Number.POSITIVE_INFINITY;
  const end = () => {
    const [low] = run;
    const high = run.at(-1);
    if (low === undefined || high === undefined || low.missed >= fewest) return;
    fewest = low.missed;
    accepts.push(Number(((low.accept + high.accept) / 2).toFixed(3)));
  };
  // From the strictest on, false accepts only grow: what misses no fewer than a stricter one is beaten by it.
  for (const step of steps) {
    if (run[0]?.missed !== step.missed || run[0].falseAccepts !== step.falseAccepts) {
      end();
      run = [];
    }
    run.unshift(step);
  }
  end();
  return accepts;
}
