import { join } from 'node:path';
import type { EventOf } from '../core/events/events.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents } from '../events/journal-reading.js';
import { keptLabels } from '../events/labels-file.js';
import { type PastDetection, pastDetections, pastNearMisses } from '../learning/past/past-detection.js';

/** Which detections are asked for; what is left out asks for all. */
export interface PastQuestion {
  /** ISO 8601 wall times, from and before. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly source?: string | undefined;
}

/** Detections of a state folder's journal, with what was said of them on the page or the command line. */
export async function* pastIn(stateDir: string, question: PastQuestion = {}): AsyncIterable<PastDetection> {
  const folder = join(stateDir, JOURNAL_FOLDER);
  const { from = null, to = null, source } = question;
  const facets = source === undefined ? {} : { source };
  yield* pastDetections(journalEvents(folder, { from, to, facets }), await labelsIn(stateDir));
}

/** What tiny almost noticed, of the same, with what was said of it. */
export async function* pastNearMissesIn(
  stateDir: string,
  question: PastQuestion = {},
): AsyncIterable<PastDetection> {
  yield* pastNearMisses(nearMissesIn(stateDir, question), await labelsIn(stateDir));
}

async function labelsIn(stateDir: string): Promise<readonly EventOf<'label'>[]> {
  const labels: EventOf<'label'>[] = [...keptLabels(stateDir)];
  for await (const event of journalEvents(join(stateDir, JOURNAL_FOLDER), { facets: { type: 'label' } }))
    if (event.type === 'label') labels.push(event);
  return labels;
}

/** What tiny almost noticed, of a state folder's journal. */
export async function* nearMissesIn(
  stateDir: string,
  question: PastQuestion = {},
): AsyncIterable<EventOf<'near-miss'>> {
  const { from = null, to = null, source } = question;
  const facets = { type: 'near-miss', ...(source === undefined ? {} : { source }) };
  for await (const event of journalEvents(join(stateDir, JOURNAL_FOLDER), { from, to, facets }))
    if (event.type === 'near-miss') yield event;
}
