/**
 * What the phone network makes of each step of a sound before it settles for a phone: rows of `size` values, each
 * brought to length 1.
 */
export interface InnerValues {
  readonly steps: number;
  readonly size: number;
  readonly values: Float32Array;
}

/** Brings rows of values to length 1, in place. */
export function directions(values: Float32Array, steps: number): InnerValues {
  const size = values.length / steps;
  for (let step = 0; step < steps; step++) {
    const row = values.subarray(step * size, (step + 1) * size);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let i = 0; i < size; i++) row[i] = (row[i] as number) / length;
  }
  return { steps, size, values };
}

/** The steps `[start, end)` alone. */
export function stretchOf({ steps, size, values }: InnerValues, start: number, end: number): InnerValues {
  const [from, to] = [Math.max(0, start), Math.min(steps, end)];
  return { steps: to - from, size, values: values.slice(from * size, to * size) };
}

/** Ways through a take so far: to each step of the sound, what they cost and how long they are. */
interface Ways {
  readonly cost: Float64Array;
  readonly length: Int32Array;
}

/**
 * How like a take some stretch of a sound is: 0 where it is the same, less by the mean cosine distance of what the best
 * way pairs. Dynamic time warping that begins and ends anywhere in the sound (Sakoe and Chiba, 1978; Müller, 2007,
 * chapter 4); of the ways to a step the one with the lowest mean is followed.
 */
export function likeness(take: InnerValues, heard: InnerValues): number {
  const none = () => ({ cost: new Float64Array(heard.steps), length: new Int32Array(heard.steps) });
  let [before, now]: [Ways, Ways] = [none(), none()];
  for (let row = 0; row < take.steps; row++) {
    for (let at = 0; at < heard.steps; at++) {
      let [from, cheapest] = [before, at];
      if (row > 0 && at > 0) {
        if (meanOf(before, at - 1) < meanOf(from, cheapest)) cheapest = at - 1;
        if (meanOf(now, at - 1) < meanOf(from, cheapest)) [from, cheapest] = [now, at - 1];
      }
      const [cost, length] = row === 0 ? [0, 0] : [from.cost[cheapest] ?? 0, from.length[cheapest] ?? 0];
      now.cost[at] = cost + distance(take, row, heard, at);
      now.length[at] = length + 1;
    }
    [before, now] = [now, before];
  }
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < heard.steps; at++) least = Math.min(least, meanOf(before, at));
  return -least;
}

function meanOf({ cost, length }: Ways, at: number): number {
  return (cost[at] as number) / (length[at] as number);
}

/** Cosine distance of two steps. */
function distance(one: InnerValues, at: number, other: InnerValues, otherAt: number): number {
  const [from, otherFrom] = [at * one.size, otherAt * other.size];
  let product = 0;
  for (let i = 0; i < one.size; i++)
    product += (one.values[from + i] as number) * (other.values[otherFrom + i] as number);
  return 1 - product;
}
