import { CatnapError } from '../../core/errors.js';
import { type CascadeEvent, detectionIn, type EventOf, wholeDetectionOf } from '../../core/events/events.js';
import { isTelling, type Told } from '../../core/events/labels.js';

/**
 * What is remembered of a detection.
 * @param detection `<run>/<detection>`, or the latter alone: then of the newest run that has it
 * @throws CatnapError `USAGE` when it is not remembered.
 */
export function eventsOf(
  detection: string,
  history: readonly CascadeEvent[],
): Told & { readonly verified: EventOf<'verified'> | null } {
  const telling = history.filter(isTelling);
  const newest = telling.findLast((event) =>
    [detectionIn(event), wholeDetectionOf(event)].includes(detection),
  );
  const events = telling.filter(
    (event) => newest !== undefined && wholeDetectionOf(event) === wholeDetectionOf(newest),
  );
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) {
    throw new CatnapError('USAGE', `expected an event that is still remembered, found "${detection}"`);
  }
  return { first, last, verified: events.find((event) => event.type === 'verified') ?? null };
}
