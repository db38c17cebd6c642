import type { PastDetection } from '../past/past-detection.js';
import { JournalHearing } from './from-journal.js';
import type { Candidate, Listened } from './tuning.js';

/** What any fault is called where only how sure it was of it counts. */
export const ALARM = 'alarm';

/**
 * The alarms of sensors in a journal, as what was listened to: each as sure as tiny or heavy was of it, whatever it was
 * called. Heavy looks some rows later and by the same scale: a threshold that was not reached at the notice is then.
 */
export class JournalAlarms {
  readonly #hearing = new JournalHearing();

  take(past: PastDetection): void {
    this.#hearing.take(past);
  }

  /** Alarms that count, and those among them of which something trusted is known. */
  get counts(): { readonly detections: number; readonly known: number } {
    return this.#hearing;
  }

  listened(): readonly Listened[] {
    return withCandidates(this.#hearing.listened(), (candidate) => [
      { ...candidate, label: ALARM, tiny: surest(candidate), heavy: null },
    ]);
  }

  /** The same, as it would have been listened to with one threshold: what reaches it is an alarm, and nothing else. */
  listenedFrom(threshold: number): readonly Listened[] {
    return withCandidates(this.listened(), (candidate) =>
      candidate.tiny < threshold ? [] : [{ ...candidate, tiny: threshold }],
    );
  }
}

function surest({ tiny, heavy }: Candidate): number {
  return Math.max(tiny, heavy ?? 0);
}

function withCandidates(
  listened: readonly Listened[],
  of: (candidate: Candidate) => readonly Candidate[],
): readonly Listened[] {
  return listened.map((stretch) => ({
    ...stretch,
    said: stretch.said.map(() => ALARM),
    candidates: stretch.candidates.flatMap(of),
  }));
}
