import type { PastDetection } from '../past/past-detection.js';
import { JournalHearing } from './from-journal.js';
import type { Listened } from './tuning.js';

/** What any fault is called where only how sure tiny was of it counts. */
export const ALARM = 'alarm';

/** The alarms of sensors in a journal, as what was listened to: each as sure as tiny was, whatever it was called. */
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
    return this.#hearing.listened().map((stretch) => ({
      ...stretch,
      said: stretch.said.map(() => ALARM),
      candidates: stretch.candidates.map((candidate) => ({ ...candidate, label: ALARM, heavy: null })),
    }));
  }
}
