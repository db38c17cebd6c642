import { realOf } from '../past/evidence.js';
import { judgementsOf, type PastDetection } from '../past/past-detection.js';
import type { Candidate, Listened } from './tuning.js';

const DAY_MS = 86_400_000;

/**
 * What a journal tells of detections, as what was listened to: a stretch each, and one a day for the time. Detections
 * of which nobody trusted says anything count as wake-ups and as believed, and as neither missed nor false. What tiny
 * let pass is not in a journal: of words that were said unnoticed it knows nothing.
 */
export class JournalHearing {
  readonly #listened: Listened[] = [];
  /** First and last detection of each run. */
  readonly #runs = new Map<string, { readonly first: number; last: number }>();
  /** Detections that count, and those among them of which something trusted is known. */
  detections = 0;
  known = 0;

  take(past: PastDetection): void {
    const { tiny, heavy, heavyRange } = judgementsOf(past);
    const atMs = Date.parse(past.at);
    if (tiny === null || Number.isNaN(atMs)) return;
    const [run = ''] = past.detection.split('/');
    const { first } = this.#runs.get(run) ?? { first: atMs };
    this.#runs.set(run, { first, last: atMs });
    this.detections += 1;
    const real = realOf(past);
    if (real !== null) this.known += 1;
    const candidate: Candidate = {
      label: heavy?.label ?? tiny.label,
      real,
      tiny: tiny.confidence,
      // Of what was not found out the end that speaks against the thresholds counts.
      heavy: heavyRange === null ? null : real === true ? heavyRange.least : heavyRange.most,
      spent: {
        energyMj: heavy?.measured?.energyMj ?? 0,
        latencyMs: past.latencyMs ?? 0,
        money: past.money,
      },
    };
    const said = real === true ? [candidate.label] : [];
    this.#listened.push({ group: past.at.slice(0, 10), seconds: 0, said, candidates: [candidate] });
  }

  /** The stretches; a run listened from its first detection to its last. */
  listened(): readonly Listened[] {
    return [...this.#listened, ...[...this.#runs.values()].flatMap(({ first, last }) => daysOf(first, last))];
  }
}

/** The time from one moment to another, a stretch a day. */
function daysOf(first: number, last: number): readonly Listened[] {
  const days: Listened[] = [];
  for (let at = first; at < last; ) {
    const end = Math.min(last, (Math.floor(at / DAY_MS) + 1) * DAY_MS);
    const group = new Date(at).toISOString().slice(0, 10);
    days.push({ group, seconds: (end - at) / 1000, said: [], candidates: [] });
    at = end;
  }
  return days;
}
