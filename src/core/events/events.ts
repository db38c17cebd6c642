import type * as z from '../zod.js';
import type { cascadeEventSchema, soundSchema } from './event-schema.js';
import type { costSchema, energyBasisSchema, reasonSchema, trailEntrySchema } from './trail-schema.js';

export type CascadeEvent = z.infer<typeof cascadeEventSchema>;
export type CascadeEventType = CascadeEvent['type'];
export type EventOf<T extends CascadeEventType> = Extract<CascadeEvent, { type: T }>;
export type TrailEntry = z.infer<typeof trailEntrySchema>;
/** What a stage may say of what it was shown. */
export type DecisionKind = TrailEntry['kind'];
export type Sound = z.infer<typeof soundSchema>;
export type Reason = z.infer<typeof reasonSchema>;
export type Cost = z.infer<typeof costSchema>;
export type EnergyBasis = z.infer<typeof energyBasisSchema>;

/** What each event says; stands in the JSON Schema and in docs/EVENTS.md. */
export const EVENT_MEANINGS: Readonly<Record<CascadeEventType, string>> = {
  noticed: 'Tiny noticed something; heavy is being asked.',
  refused: 'A later stage or the policy refused it.',
  'near-miss':
    'Tiny was at least half as sure as it would have had to be to notice it, and nothing followed; thirty an hour at most are told. A `clip` or `label` of it names its `id` as `detection`.',
  verified:
    'Believed. `degraded` when heavy could not be asked and the policy decided on tiny alone; `resumed` when it was told of before a gap or a restart.',
  shadow:
    'What a candidate that listens beside the active cascade would have decided; nothing follows from it.',
  updated: 'A tracked detection goes on.',
  ended:
    'A tracked detection is over, with what was judged when it was last there; with `interrupted` the signal broke off before anybody saw it end.',
  utterance:
    'What was said after the wake word has been captured; `endpoint` and `timeout` are different outcomes.',
  settled:
    'Decided on the device; costs nothing. `degraded` when heavy could not be asked, or the cloud was away: beside an ' +
    '`escalated` of the same detection it is the answer that stands until the cloud is back.',
  escalated:
    'Handed to the uplink, which may keep it: `sent` says what left. `degraded` while the cloud is away: it waits.',
  action:
    'What an action did, or would have done (`dry-run`). `skipped`: the local answer had been acted on already.',
  sent: 'Something of it has left for a provider: an audit row with bytes, told once the attempt is over.',
  clip: 'Its audio is kept on this device, to be played on the page; deleted when it is old, or there is too much.',
  'answer-part': "A piece of the cloud's answer as it streams.",
  verdict: "The cloud's checked answer.",
  undelivered:
    'An escalation that will not be answered, and why. `settled`: a budget is spent, so the local answer stands. ' +
    '`unanswered`: there is no cloud to ask, so nothing was sent.',
  gap: 'Samples are missing; stages were reset and no detection spans it.',
  health:
    'A component changed its state; one event a transition. What belongs to a source is named `<source>/<part>`.',
  label:
    'Somebody said that a detection was right or wrong, and what it was (`was`); the newest one of a `detection` and `witness` stands.',
  command: 'Somebody asked for something on the page: what, who (`by`), and what came of it.',
};

/** The order of events in wall time; those of no time come first. */
export function byWallTime(a: CascadeEvent, b: CascadeEvent): number {
  const time = ({ measured }: CascadeEvent): string => measured?.wallTime ?? '';
  return time(a) < time(b) ? -1 : Number(time(a) > time(b));
}

/** What an event is of, by its name within the run: a near miss goes by the id of the event that tells it. */
export function detectionIn(event: CascadeEvent): string | null {
  if (event.type === 'near-miss') return event.id;
  return 'detection' in event ? event.detection : null;
}

/** `<run>/<detection>` of an event that is of a detection or a near miss: unique for ever; null where it is of none. */
export function wholeDetectionOf(event: CascadeEvent): string | null {
  const detection = detectionIn(event);
  if (detection === null) return null;
  const { measured } = event;
  // What an earlier run asked carries its run already.
  return detection.split('/').length > 2 || measured === null ? detection : `${measured.run}/${detection}`;
}

/**
 * The source whose detection it is: what stands before its number, without which run and start of a worker it was, and
 * whether a candidate beside made it.
 */
export function sourceOf(detection: string): string {
  return (detection.split('/').at(-2) ?? '').replace(/~.*$/, '');
}

/** Takes every event; never blocks, never throws. */
export interface Sink {
  publish(event: CascadeEvent): void;
  close(): Promise<void>;
}
