import {
  byWallTime,
  type CascadeEvent,
  type EventOf,
  type Sound,
  type TrailEntry,
  wholeDetectionOf,
} from '../../core/events/events.js';
import { isTelling, type Telling } from '../../core/events/labels.js';

/** What somebody says of a detection. */
export type SaidOf = Pick<EventOf<'label'>, 'verdict' | 'was' | 'by'>;

/** One detection of the past: all that the journal's events of it say, in one place. */
export interface PastDetection {
  /** `<run>/<detection>`, unique for ever. */
  readonly detection: string;
  readonly source: string;
  /** What it was taken for in the end. */
  label: string;
  /** ISO 8601 wall time at which it was noticed. */
  readonly at: string;
  /** Every stage's answer, with score, confidence and the thresholds in force. */
  trail: readonly TrailEntry[];
  /** Of that, what it was believed or refused on: tiny first, then heavy as often as it looked. */
  believedOn: readonly TrailEntry[];
  /** Whether it was believed; false: refused. */
  believed: boolean;
  /** Rested on tiny alone, or the cloud was away. */
  degraded: boolean;
  reasons: readonly string[];
  /** How far it came: almost noticed, noticed and undecided, refused, settled, escalated, or believed and no more. */
  outcome: 'near-miss' | 'noticed' | 'refused' | 'believed' | 'settled' | 'escalated';
  transcript: string | null;
  intent: string | null;
  /** How it sounded, and the room; null of what is no sound. */
  sound: Sound | null;
  /** What routing was decided on. */
  features: Readonly<Record<string, number>>;
  /** Something of it has left the device. */
  sent: boolean;
  /** What the cloud made of it; null where it did not answer. */
  verdict: Pick<EventOf<'verdict'>, 'provider' | 'label' | 'text' | 'steps'> | null;
  money: number;
  cloudMs: number;
  /** What was done for it. */
  readonly actions: Pick<EventOf<'action'>, 'action' | 'outcome'>[];
  /** From the last sample it rests on to its being believed or refused. */
  latencyMs: number | null;
  /** Of all stages that judged it. */
  energyMj: number;
  /** What the owner says of it, the newest. */
  said: SaidOf | null;
  /** What a folder of labelled clips says of it, the newest. */
  filed: SaidOf | null;
}

/** Detections that later events may still belong to; of an older one a late verdict is not told. */
const OPEN_MAX = 2_000;

/** Puts events together by detection. Holds no more than two thousand of them, unless it may, whatever it is given. */
export class PastDetections {
  readonly #open = new Map<string, PastDetection>();

  constructor(private readonly most = OPEN_MAX) {}

  /** Takes the next event; gives the oldest detection once there are too many. */
  take(event: CascadeEvent): PastDetection | null {
    const whole = wholeDetectionOf(event);
    if (whole === null) return null;
    const known = this.#open.get(whole);
    if (known !== undefined) add(known, event);
    else if (isTelling(event) && event.type !== 'shadow' && event.type !== 'near-miss') {
      this.#open.set(whole, begun(event, whole));
      const [oldest] = this.#open.size > this.most ? this.#open : [];
      if (oldest === undefined) return null;
      this.#open.delete(oldest[0]);
      return oldest[1];
    }
    return null;
  }

  /** The detection of that whole name; null where it is none, or too old. */
  find(detection: string): PastDetection | null {
    return this.#open.get(detection) ?? null;
  }

  /** Those that are held, in the order in which they were noticed. */
  all(): IterableIterator<PastDetection> {
    return this.#open.values();
  }
}

/**
 * The detections of a journal, in the order in which they were noticed.
 *
 * @param labels what was said of them, at whatever time; the newest of a detection and witness stands
 */
export async function* pastDetections(
  events: AsyncIterable<CascadeEvent>,
  labels: Iterable<EventOf<'label'>>,
): AsyncIterable<PastDetection> {
  const whole = labeller(labels);
  const open = new PastDetections();
  for await (const event of events) {
    const oldest = open.take(event);
    if (oldest !== null) yield whole(oldest);
  }
  for (const past of open.all()) yield whole(past);
}

/**
 * What tiny almost noticed of a journal, as detections that came no further: nothing of what detections cost or did
 * counts them.
 *
 * @param labels as for {@link pastDetections}
 */
export async function* pastNearMisses(
  events: AsyncIterable<EventOf<'near-miss'>>,
  labels: Iterable<EventOf<'label'>>,
): AsyncIterable<PastDetection> {
  const whole = labeller(labels);
  for await (const event of events) yield whole(begun(event, wholeDetectionOf(event) ?? event.id));
}

/** Gives detections the newest that each witness said of them. */
function labeller(labels: Iterable<EventOf<'label'>>): (past: PastDetection) => PastDetection {
  const [said, filed]: [Map<string, SaidOf>, Map<string, SaidOf>] = [new Map(), new Map()];
  for (const label of [...labels].sort(byWallTime))
    (label.witness === 'folder' ? filed : said).set(label.detection, label);
  return (past) => {
    past.said = said.get(past.detection) ?? null;
    past.filed = filed.get(past.detection) ?? null;
    return past;
  };
}

function begun(event: Exclude<Telling, EventOf<'shadow'>>, detection: string): PastDetection {
  const past: PastDetection = {
    detection,
    source: event.source,
    label: event.label,
    at: event.measured?.wallTime ?? '',
    trail: [],
    believedOn: [],
    believed: false,
    degraded: false,
    reasons: [],
    outcome: 'noticed',
    transcript: null,
    intent: null,
    sound: null,
    features: {},
    sent: false,
    verdict: null,
    money: 0,
    cloudMs: 0,
    actions: [],
    latencyMs: null,
    energyMj: 0,
    said: null,
    filed: null,
  };
  add(past, event);
  return past;
}

function add(past: PastDetection, event: CascadeEvent): void {
  switch (event.type) {
    case 'near-miss':
      past.outcome = 'near-miss';
      past.trail = event.trail;
      past.believedOn = event.trail;
      return;
    case 'noticed':
    case 'refused':
    case 'verified':
    case 'settled':
    case 'escalated':
      tell(past, event);
      return;
    case 'sent':
      past.sent = true;
      return;
    case 'verdict':
      past.verdict = event;
      past.money += event.cost.money;
      past.cloudMs += event.cost.latencyMs;
      return;
    case 'action':
      past.actions.push({ action: event.action, outcome: event.outcome });
      return;
    default:
  }
}

function tell(
  past: PastDetection,
  event: EventOf<'noticed' | 'refused' | 'verified' | 'settled' | 'escalated'>,
): void {
  past.trail = event.trail;
  past.label = event.label;
  past.energyMj = event.trail.reduce((sum, { measured }) => sum + (measured?.energyMj ?? 0), 0);
  if ('reasons' in event) past.reasons = event.reasons;
  if ('degraded' in event) past.degraded = event.degraded;
  switch (event.type) {
    case 'noticed':
      return;
    case 'verified':
    case 'refused':
      past.sound = event.sound ?? past.sound;
      // What is refused after it was believed, as an order nobody gave, was a wake all the same.
      if (past.believedOn.length > 0) return;
      past.believed = event.type === 'verified';
      past.outcome = past.believed ? 'believed' : 'refused';
      past.believedOn = event.trail;
      past.latencyMs = event.measured?.latencyMs ?? null;
      return;
    case 'settled':
    case 'escalated':
      past.outcome = event.type;
      past.transcript = event.transcript;
      past.features = event.features;
      if (event.type === 'settled') past.intent = event.intent;
  }
}

/** What the recogniser made of what was said after it; null where it made nothing of it, or was not asked. */
export function recognitionOf({
  trail,
  believedOn,
}: Pick<PastDetection, 'trail' | 'believedOn'>): Judged | null {
  return trail.slice(believedOn.length).findLast((entry) => entry.kind !== 'abstain') ?? null;
}

/** The first stage's judgement, and the surest of those after it; null where there is none. */
export function judgementsOf({ believedOn: [first, ...later] }: Pick<PastDetection, 'believedOn'>): {
  readonly tiny: Judged | null;
  readonly heavy: Judged | null;
  /** Between which the confidence of the surest lies. */
  readonly heavyRange: { readonly least: number; readonly most: number } | null;
} {
  const judged = later.filter((entry) => entry.kind !== 'abstain');
  const surest = judged.toSorted((a, b) => b.confidence - a.confidence)[0];
  const end = (of: 'least' | 'most') =>
    Math.max(...judged.map(({ range, confidence }) => range?.[of] ?? confidence));
  return {
    tiny: first === undefined || first.kind === 'abstain' ? null : first,
    heavy: surest ?? null,
    heavyRange: surest === undefined ? null : { least: end('least'), most: end('most') },
  };
}

/** A stage's answer that is no abstention. */
export type Judged = Exclude<TrailEntry, { readonly kind: 'abstain' }>;
