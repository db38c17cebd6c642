import type { HeldTake } from './held-takes.js';
import type { InnerValues } from './inner-values.js';

/** Where a cell of a path was entered from: it begins there, from the row before, from both before, from the step. */
export const TURN = { begins: 0, row: 1, both: 2, step: 3 } as const;

/** By how much the distances along a path may exceed what is asked of so many steps before the path is given up. */
const SPARE = 3;

/**
 * The best ways through a take so far, each step of a sound on the last: dynamic time warping that begins and ends
 * anywhere in the sound (Sakoe and Chiba, 1978; Müller, 2007, chapter 4); of the ways to a step the one with the lowest
 * mean distance is followed.
 */
export class TakePath {
  /** To each step of the take. */
  readonly #cost: Float64Array;
  readonly #length: Int32Array;
  readonly #start: Int32Array;

  /**
   * @param asked the mean distance that is asked of a whole path: those that cannot come below it are given up;
   * without, none are.
   */
  constructor(
    readonly take: HeldTake,
    private readonly asked = Number.POSITIVE_INFINITY,
  ) {
    this.#cost = new Float64Array(take.steps).fill(Number.POSITIVE_INFINITY);
    this.#length = new Int32Array(take.steps).fill(1);
    this.#start = new Int32Array(take.steps);
  }

  /** Goes on from where another path of the same take is. */
  copy(other: TakePath): void {
    this.#cost.set(other.#cost);
    this.#length.set(other.#length);
    this.#start.set(other.#start);
  }

  /** Forgets what it heard. */
  reset(): void {
    this.#cost.fill(Number.POSITIVE_INFINITY);
    this.#length.fill(1);
  }

  /** Where the best whole path begins that ends with the step heard last. */
  get start(): number {
    return this.#start.at(-1) as number;
  }

  /**
   * Hears a step, which counts as the one `at`.
   * @param turns is told by which turn each step of the take was entered.
   * @returns the mean distance of the best whole path that ends with it.
   */
  advance(heard: InnerValues, step: number, at: number, turns?: Uint8Array): number {
    const [cost, length, start] = [this.#cost, this.#length, this.#start];
    this.take.hear(heard, step);
    let [diagonalCost, diagonalLength, diagonalStart] = [0, 0, at];
    for (let row = 0; row < this.take.steps; row++) {
      const [hereCost, hereLength, hereStart] = [
        cost[row] as number,
        length[row] as number,
        start[row] as number,
      ];
      let [from, steps, begun, turn]: [number, number, number, number] = [0, 0, at, TURN.begins];
      if (row > 0) {
        [from, steps, begun, turn] = [
          cost[row - 1] as number,
          length[row - 1] as number,
          start[row - 1] as number,
          TURN.row,
        ];
        if (diagonalCost / diagonalLength < from / steps)
          [from, steps, begun, turn] = [diagonalCost, diagonalLength, diagonalStart, TURN.both];
        if (hereCost / hereLength < from / steps)
          [from, steps, begun, turn] = [hereCost, hereLength, hereStart, TURN.step];
      }
      const isHopeless = from - this.asked * steps > SPARE;
      cost[row] = isHopeless ? Number.POSITIVE_INFINITY : from + this.take.distance(row);
      length[row] = steps + 1;
      start[row] = begun;
      if (turns !== undefined) turns[row] = turn;
      [diagonalCost, diagonalLength, diagonalStart] = [hereCost, hereLength, hereStart];
    }
    return (cost.at(-1) as number) / (length.at(-1) as number);
  }
}
