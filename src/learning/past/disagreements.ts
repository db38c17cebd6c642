import { type Evidence, evidenceOf, WITNESSES, type Witness } from './evidence.js';
import type { PastDetection } from './past-detection.js';

/** How often two witnesses of one source spoke of the same detection, and differed. */
export interface Disagreement {
  readonly source: string;
  /** The surer of the two, and whom it differs from. */
  readonly surer: Witness;
  readonly other: Witness;
  readonly both: number;
  readonly differ: number;
  /** Detections they differ about, the newest last; as many as are asked for. */
  readonly about: readonly { readonly detection: string; readonly at: string; readonly label: string }[];
}

interface Count {
  both: number;
  differ: number;
  readonly about: { detection: string; at: string; label: string }[];
}

/** Counts by source and pair of witnesses; holds no more of the detections than are asked for. */
export class Disagreements {
  readonly #counts = new Map<string, Count>();

  /** @param most detections told of each pair, the newest */
  constructor(private readonly most: number) {}

  take(past: PastDetection): void {
    const evidence = evidenceOf(past);
    for (const [at, surer] of evidence.entries())
      for (const other of evidence.slice(at + 1)) this.#add(past, surer, other);
  }

  /** The pairs of each source that spoke of the same detection, where they differ most first. */
  told(): readonly Disagreement[] {
    const all = [...this.#counts].map(([key, count]) => {
      const [source = '', surer, other] = JSON.parse(key) as [string, Witness, Witness];
      return { source, surer, other, ...count };
    });
    const rank = ({ surer, other }: Disagreement) => WITNESSES.indexOf(surer) * 10 + WITNESSES.indexOf(other);
    return all.sort((a, b) => a.source.localeCompare(b.source) || rank(a) - rank(b));
  }

  #add({ detection, at, label, source }: PastDetection, surer: Evidence, other: Evidence): void {
    const key = JSON.stringify([source, surer.by, other.by]);
    const count = this.#counts.get(key) ?? { both: 0, differ: 0, about: [] };
    this.#counts.set(key, count);
    count.both += 1;
    if (surer.real === other.real) return;
    count.differ += 1;
    count.about.push({ detection, at, label });
    if (count.about.length > this.most) count.about.shift();
  }
}
