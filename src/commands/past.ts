import type { EventOf } from '../core/events/events.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents } from '../events/journal-reading.js';
import { keptLabels } from '../events/labels-file.js';
import { type PastDetection, pastDetections } from '../learning/past/past-detection.js';
import { keptIn, stateDirOf } from './state-dir.js';

/** Which detections are asked for. */
export interface PastFlags {
  readonly config?: string;
  readonly state?: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly source?: string | undefined;
}

/**
 * Detections of a state folder's journal, with what was said of them on the page or the command line.
 * @throws CatnapError `INPUT_MISSING` where nothing has been kept.
 */
export async function* pastOf(flags: PastFlags): AsyncIterable<PastDetection> {
  const folder = keptIn(flags, JOURNAL_FOLDER);
  const { from = null, to = null, source } = flags;
  const labels: EventOf<'label'>[] = [...keptLabels(stateDirOf(flags))];
  for await (const event of journalEvents(folder, { facets: { type: 'label' } }))
    if (event.type === 'label') labels.push(event);
  const facets = source === undefined ? {} : { source };
  yield* pastDetections(journalEvents(folder, { from, to, facets }), labels);
}
