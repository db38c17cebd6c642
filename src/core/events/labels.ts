import { type CascadeEvent, type EventOf, wholeDetectionOf } from './events.js';
import type { BareEvent } from './stamp.js';

const TELLING = [
  'near-miss',
  'noticed',
  'refused',
  'verified',
  'shadow',
  'updated',
  'settled',
  'escalated',
  'ended',
] as const;

/** An event that says whose detection or near miss it is and what it was taken for. */
export type Telling = EventOf<(typeof TELLING)[number]>;

export function isTelling(event: CascadeEvent): event is Telling {
  return (TELLING as readonly string[]).includes(event.type);
}

/** The first and the newest event that tell of a detection. */
export interface Told {
  readonly first: Telling;
  readonly last: Telling;
}

/** What somebody says of a detection. */
export function labelOf(
  { first, last }: Told,
  said: Pick<EventOf<'label'>, 'verdict' | 'was' | 'by' | 'witness'>,
): Extract<BareEvent, { readonly type: 'label' }> {
  const { source, label } = last;
  const detection = wholeDetectionOf(last) ?? last.id;
  const of = last.type === 'near-miss' ? { detection, nearMiss: true as const } : { detection };
  return { type: 'label', ...of, source, label, at: first.measured?.wallTime ?? '', ...said };
}
