import type { Contribution } from '../../../core/cascade/stage.js';
import type { CascadeEvent, EventOf, Reason, TrailEntry } from '../../../core/events/events.js';

/** Where a detection stands, in the order it goes through. */
export type Outcome =
  | 'near-miss'
  | 'noticed'
  | 'refused'
  | 'verified'
  | 'listening'
  | 'tracking'
  | 'settled'
  | 'escalated'
  | 'answered'
  | 'undelivered'
  | 'unanswered'
  | 'ended'
  | 'beside';

/** Everything known of one detection, gathered from its events. */
export interface DetectionView {
  /** `<run>/<detection>`, as the journal's labels name it. */
  readonly key: string;
  /** Its name within its run. */
  readonly id: string;
  /** Which run of Catnap it is of; empty where that is not known. */
  readonly run: string;
  /** Empty while only events without a source are known. */
  readonly source: string;
  readonly label: string;
  /** Sample clock of the first event. */
  readonly atMs: number;
  readonly sample: number;
  readonly wallTime: string | null;
  readonly outcome: Outcome;
  readonly trail: readonly TrailEntry[];
  /** Newest decision while tracked. */
  readonly latest: TrailEntry | null;
  readonly updates: number;
  readonly reasons: readonly Reason[];
  readonly degraded: boolean;
  /** It was told of before a gap or a restart. */
  readonly resumed: boolean;
  /** Where it begins on the sample clock, once a stage has placed it. */
  readonly startMs: number | null;
  readonly utterance: EventOf<'utterance'> | null;
  readonly transcript: string | null;
  readonly settled: EventOf<'settled'> | null;
  readonly escalated: EventOf<'escalated'> | null;
  readonly ended: EventOf<'ended'> | null;
  /** The cloud's answer as far as it has streamed. */
  readonly answer: string;
  readonly verdict: EventOf<'verdict'> | null;
  readonly undelivered: EventOf<'undelivered'> | null;
  readonly actions: readonly EventOf<'action'>[];
  /** Its audio, where that is kept. */
  readonly clip: EventOf<'clip'> | null;
  /** What somebody said of it, the newest. */
  readonly labelled: EventOf<'label'> | null;
  /** What a candidate that listens beside would have decided. */
  readonly shadow: EventOf<'shadow'> | null;
  /** Events of types this page does not know. */
  readonly others: readonly CascadeEvent[];
}

const EMPTY: Omit<DetectionView, 'key' | 'id' | 'run'> = {
  source: '',
  label: '',
  atMs: 0,
  sample: 0,
  wallTime: null,
  outcome: 'noticed',
  trail: [],
  latest: null,
  updates: 0,
  reasons: [],
  degraded: false,
  resumed: false,
  startMs: null,
  utterance: null,
  transcript: null,
  settled: null,
  escalated: null,
  ended: null,
  answer: '',
  verdict: null,
  undelivered: null,
  actions: [],
  clip: null,
  labelled: null,
  shadow: null,
  others: [],
};

/** What is known of a detection after one more of its events. */
export function withEvent(
  before: DetectionView | undefined,
  key: string,
  event: CascadeEvent,
): DetectionView {
  const view = before === undefined ? begin(key, event) : named(before, event);
  switch (event.type) {
    case 'near-miss':
    case 'noticed':
      return { ...view, outcome: event.type, trail: event.trail };
    case 'refused':
      return { ...view, outcome: 'refused', trail: event.trail, reasons: event.reasons };
    case 'verified':
      return {
        ...view,
        // Heavy may know better what it is.
        label: event.label,
        outcome: 'verified',
        trail: event.trail,
        degraded: event.degraded,
        resumed: event.resumed === true,
        startMs: event.sample > 0 ? (event.atMs * event.startSample) / event.sample : null,
      };
    case 'updated':
      return {
        ...view,
        outcome: view.outcome === 'verified' ? 'tracking' : view.outcome,
        latest: event.trail.at(-1) ?? view.latest,
        updates: view.updates + 1,
      };
    case 'ended':
      return over(view, event);
    case 'utterance':
      return { ...view, outcome: 'listening', utterance: event };
    case 'settled':
      return { ...decided(view, event), outcome: 'settled', settled: event };
    case 'escalated':
      return { ...decided(view, event), outcome: 'escalated', escalated: event };
    case 'action':
      return { ...view, actions: [...view.actions, event] };
    case 'answer-part':
      return { ...view, answer: view.answer + event.text };
    case 'verdict':
      return { ...view, outcome: 'answered', answer: event.text, verdict: event };
    case 'undelivered':
      return { ...view, outcome: outcomeOf(view, event), undelivered: event };
    case 'clip':
      return { ...view, clip: event };
    case 'label':
      return { ...view, labelled: surer(view.labelled, event) };
    case 'shadow':
      return view.trail.length > 0
        ? { ...view, shadow: event }
        : { ...view, outcome: 'beside', trail: event.trail, shadow: event };
    case 'sent':
      return view;
    default:
      return { ...view, others: [...view.others, event] };
  }
}

/** What the owner said stands, whatever a labelled folder says later. */
function surer(before: EventOf<'label'> | null, next: EventOf<'label'>): EventOf<'label'> {
  return before !== null && before.witness === undefined && next.witness !== undefined ? before : next;
}

function over(view: DetectionView, event: EventOf<'ended'>): DetectionView {
  const outcome = view.outcome === 'tracking' ? 'ended' : view.outcome;
  return { ...view, outcome, latest: event.trail.at(-1) ?? view.latest, ended: event };
}

function decided(view: DetectionView, event: EventOf<'settled' | 'escalated'>): DetectionView {
  const { trail, reasons, transcript } = event;
  return { ...view, trail, reasons, transcript, degraded: view.degraded || event.degraded };
}

function outcomeOf(view: DetectionView, { outcome }: EventOf<'undelivered'>): Outcome {
  if (outcome !== 'unanswered') return 'undelivered';
  return view.settled === null ? 'unanswered' : 'settled';
}

function begin(key: string, event: CascadeEvent): DetectionView {
  const parts = key.split('/');
  const run = parts.slice(0, -2).join('/') || (event.measured?.run ?? '');
  const id = run === '' ? key : key.slice(run.length + 1);
  return named({ ...EMPTY, key, id, run, wallTime: event.measured?.wallTime ?? null }, event);
}

/** Fills in who and when from the first event that says so. */
function named(view: DetectionView, event: CascadeEvent): DetectionView {
  if (view.source !== '' || !('trail' in event)) return view;
  return { ...view, source: event.source, label: event.label, atMs: event.atMs, sample: event.sample };
}

/** From the one's notice of a word to the other's having judged it. */
const SAME_MS = 2500;

/** Whether a candidate decided about the same moment. */
export function isBeside({ source, run, atMs, shadow }: DetectionView, event: EventOf<'shadow'>): boolean {
  const isNear = Math.abs(atMs - event.atMs) <= SAME_MS;
  return shadow === null && source === event.source && run === (event.measured?.run ?? '') && isNear;
}

/** What a detection cost on the device: the sum of its trail, null where nothing was measured. */
export function detectionCost(view: DetectionView): {
  readonly energyMj: number;
  readonly cpuMs: number;
  readonly modelled: boolean;
} | null {
  const costs = view.trail.flatMap((entry) => (entry.measured === null ? [] : [entry.measured]));
  if (costs.length === 0) return null;
  return {
    energyMj: costs.reduce((sum, cost) => sum + cost.energyMj, 0),
    cpuMs: costs.reduce((sum, cost) => sum + cost.cpuMs, 0),
    modelled: costs.some((cost) => cost.basis === 'modelled'),
  };
}

/** Where a tracked detection ended on the sample clock; null while it goes on, and for one that is not tracked. */
export function endMsOf({ ended }: DetectionView): number | null {
  return ended === null || ended.sample === 0 ? null : (ended.atMs * ended.endSample) / ended.sample;
}

/** Whether it is a fault that was confirmed and has not ended. */
export function goesOn({ startMs, ended, utterance, trail }: DetectionView): boolean {
  const explained = trail.some((entry) => entry.kind !== 'abstain' && entry.contributions.length > 0);
  return startMs !== null && ended === null && utterance === null && explained;
}

/** The channels that explain a detection, largest share first; empty where none was named. */
export function contributionsOf(view: DetectionView): readonly Contribution[] {
  const entries = view.latest === null ? view.trail : [...view.trail, view.latest];
  for (const entry of entries.toReversed()) {
    if (entry.kind !== 'abstain' && entry.contributions.length > 0) {
      return entry.contributions.toSorted((left, right) => right.share - left.share);
    }
  }
  return [];
}
