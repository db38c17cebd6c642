import { wholeDetectionOf } from '../core/events/events.js';
import { isTelling, type Telling, type Told } from '../core/events/labels.js';
import { journalEvents } from '../events/journal-reading.js';

/**
 * The first and the newest event that a journal tells of detections and near misses, by whole name; what was told of
 * newest is last.
 *
 * @param folder that of the journal
 * @param isWanted whether an event is of one that is asked for
 */
export async function toldIn(
  folder: string,
  isWanted: (event: Telling, whole: string) => boolean,
): Promise<ReadonlyMap<string, Told>> {
  const told = new Map<string, Told>();
  for await (const event of journalEvents(folder)) {
    if (!isTelling(event)) continue;
    const whole = wholeDetectionOf(event) ?? event.id;
    if (!isWanted(event, whole)) continue;
    const first = told.get(whole)?.first ?? event;
    told.delete(whole);
    told.set(whole, { first, last: event });
  }
  return told;
}
