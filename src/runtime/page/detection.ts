import { CatnapError } from '../../core/errors.js';
import { type CascadeEvent, type EventOf, wholeDetectionOf } from '../../core/events/events.js';

/** An event that says whose detection it is and what it was taken for. */
type Telling = EventOf<'noticed' | 'refused' | 'verified' | 'updated' | 'settled' | 'escalated' | 'ended'>;

const TELLING: readonly string[] = [
  ...['noticed', 'refused', 'verified', 'updated', 'settled', 'escalated', 'ended'],
];

/**
 * What is remembered of a detection.
 * @param detection `<run>/<detection>`
 * @throws CatnapError `USAGE` when it is not remembered.
 */
export function eventsOf(
  detection: string,
  history: readonly CascadeEvent[],
): { readonly first: Telling; readonly last: Telling; readonly verified: EventOf<'verified'> | null } {
  const events = history.filter(
    (event): event is Telling => TELLING.includes(event.type) && wholeDetectionOf(event) === detection,
  );
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) {
    throw new CatnapError('USAGE', `expected an event that is still remembered, found "${detection}"`);
  }
  return { first, last, verified: events.find((event) => event.type === 'verified') ?? null };
}
