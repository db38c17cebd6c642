import { JOURNAL_FOLDER } from '../events/journal.js';
import type { PastDetection } from '../learning/past/past-detection.js';
import { type PastQuestion, pastIn } from '../runtime/past.js';
import { keptIn, stateDirOf } from './state-dir.js';

/** Which detections are asked for. */
export interface PastFlags extends PastQuestion {
  readonly config?: string;
  readonly state?: string;
}

/**
 * As {@link pastIn}, of the state folder that the flags name.
 * @throws CatnapError `INPUT_MISSING` where nothing has been kept.
 */
export function pastOf(flags: PastFlags): AsyncIterable<PastDetection> {
  keptIn(flags, JOURNAL_FOLDER);
  return pastIn(stateDirOf(flags), flags);
}
