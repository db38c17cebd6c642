import { hashOf, mulberry32 } from '../core/random.js';

/** Chance of one kind, the same for the same seed and name whatever else is drawn. */
export class Chance {
  readonly random: () => number;

  constructor(seed: number, name: string) {
    this.random = mulberry32(hashOf(name, seed ^ 0x9e37_79b9));
  }

  /** A waiting time of a Poisson process. */
  wait(meanMs: number): number {
    return -Math.log(1 - this.random()) * meanMs;
  }

  oneOf<T>(all: readonly [T, ...T[]]): T {
    return all[Math.floor(this.random() * all.length)] ?? all[0];
  }

  isTrue(share: number): boolean {
    return this.random() < share;
  }

  between(from: number, to: number): number {
    return from + this.random() * (to - from);
  }
}
