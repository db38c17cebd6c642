import type { CascadeEvent, Cost, Reason, Sound, TrailEntry } from '../events/events.js';
import { type Health, ToldHealth } from '../events/health.js';
import type { EventStamp } from '../events/stamp.js';
import type { Gap } from '../signal/frame.js';
import type { Abstention, Decision, Judgement, Window } from './stage.js';
import type { Tracker } from './tracker.js';
import type { Utterance } from './utterance.js';

/** One detection on its way through the cascade. */
export interface Detection {
  readonly id: string;
  label: string;
  /** One past the last sample tiny needed to notice it. */
  readonly noticedSample: number;
  /** Heavy is to have heard so far, for what tiny named last since then is over there; 0 where it named no more. */
  owedSample: number;
  /** From where on a verifier is shown the signal. */
  readonly shownSample: number;
  /** Where what was detected begins. */
  startSample: number;
  /** Where the word that was detected ends; null while no stage has placed it. */
  endSample: number | null;
  /** What heavy believed it by without saying so, in which it may be asked; null: there is nothing to ask. */
  unplaced: Window | null;
  /** It was under way before a gap or a restart, and was told of then. */
  resumes: boolean;
  readonly trail: TrailEntry[];
  /** How it sounded when it was noticed; null of a signal that is no sound. */
  readonly sound: Sound | null;
  /** The highest raw score tiny gave each label it named since then. */
  readonly scores: Map<string, number>;
  /** Why it is not a plain case, carried from one decision to the next. */
  reasons: readonly Reason[];
}

/** What was almost noticed. */
export interface NearMiss {
  /** The surest that tiny was of it. */
  readonly entry: Extract<TrailEntry, { readonly label: string }>;
  /** Others since the last that was told, which were too many to tell. */
  readonly skipped: number;
}

/** Turns a decision about samples up to `endSample` into a step of a trail; copies, for stages reuse theirs. */
export function trailEntry(decision: Judgement, endSample: number, measured: Cost | null): NearMiss['entry'];
export function trailEntry(decision: Decision, endSample: number, measured: Cost | null): TrailEntry;
export function trailEntry(decision: Decision, endSample: number, measured: Cost | null): TrailEntry {
  const sample = endSample - 1;
  if (decision.kind === 'abstain') {
    return { kind: 'abstain', stage: decision.stage, code: decision.code, sample, measured };
  }
  const { kind, stage, label, score, confidence, thresholds, range, cutShort, judged, contributions } =
    decision;
  const told = { kind, stage, label, score, confidence, contributions: [...contributions], sample, measured };
  return {
    ...told,
    ...(thresholds === undefined ? {} : { thresholds: { ...thresholds } }),
    ...(range === undefined ? {} : { range: { ...range } }),
    ...(cutShort === true ? { cutShort } : {}),
    ...(judged === undefined ? {} : { judge: { ...judged } }),
  };
}

/** Says what a cascade did, as events of its source. */
export class Reporter {
  /** When the newest samples became available, monotonic milliseconds. */
  arrivedMs: number | null = null;
  /** Stands for "now" in events: one past the last sample heard. */
  sample = 0;
  rateHz = 1;
  #detections = 0;
  /** Whether stages that were asked could answer, by name. */
  readonly #answers = new Map<string, ToldHealth>();

  constructor(
    readonly source: string,
    readonly stamp: EventStamp,
    readonly emit: (event: CascadeEvent) => void,
  ) {}

  /** Id of the next detection. */
  nextDetection(): string {
    this.#detections += 1;
    return `${this.stamp.component}/d${this.#detections}`;
  }

  /** A stage was asked of a detection: one more step of its trail. */
  asked({ trail }: Detection, decision: Decision, endSample: number, cost: Cost | null): void {
    trail.push(trailEntry(decision, endSample, cost));
    this.answered(decision.stage, decision.kind === 'abstain' ? decision : null);
  }

  /** A stage was asked: tells as health why it could not answer, and that it can again. */
  answered(stage: string, failure: Pick<Abstention, 'code' | 'detail'> | null): void {
    const component = `${stage}-answers`;
    const told = this.#answers.get(stage) ?? new ToldHealth((health) => this.health(component, health), 'ok');
    this.#answers.set(stage, told);
    if (failure === null) told.become('ok', 'OK', 'answers again');
    else if (failure.detail !== undefined) told.become('degraded', failure.code, failure.detail);
  }

  noticed(detection: Detection): void {
    this.emit({ type: 'noticed', ...this.#about(detection), trail: [...detection.trail] });
  }

  refused(detection: Detection, reasons: readonly Reason[]): void {
    const of = { ...this.#about(detection), trail: [...detection.trail], ...soundIn(detection) };
    this.emit({ type: 'refused', ...of, reasons });
  }

  verified(detection: Detection, degraded: boolean): void {
    this.emit({
      type: 'verified',
      ...this.#about(detection),
      trail: [...detection.trail],
      ...soundIn(detection),
      degraded,
      startSample: detection.startSample,
      ...(detection.resumes ? { resumed: true } : {}),
    });
  }

  updated(detection: Detection, latest: TrailEntry): void {
    this.emit({ type: 'updated', ...this.#about(detection), trail: [latest] });
  }

  ended(detection: Detection, { latest, lastHighSample }: Tracker, interrupted: boolean): void {
    const { startSample } = detection;
    const trail = latest === null ? [] : [latest];
    const about = { ...this.#about(detection), trail, startSample, endSample: lastHighSample };
    this.emit({ type: 'ended', ...about, ...(interrupted ? { interrupted } : {}) });
  }

  utterance(detection: Detection, { outcome, startSample, endSample }: Utterance): void {
    this.emit({ type: 'utterance', ...this.#about(detection), outcome, startSample, endSample });
  }

  settled(
    detection: Detection,
    decided: {
      readonly reasons: readonly Reason[];
      readonly degraded: boolean;
      readonly intent: string;
      readonly slots: Readonly<Record<string, string>>;
    },
    transcript: string | null,
    features: Readonly<Record<string, number>>,
  ): void {
    const { reasons, degraded, intent, slots } = decided;
    this.emit({
      type: 'settled',
      ...this.#about(detection),
      trail: [...detection.trail],
      reasons,
      degraded,
      transcript,
      intent,
      slots: { ...slots },
      features: { ...features },
    });
  }

  escalated(
    detection: Detection,
    { reasons, degraded }: { readonly reasons: readonly Reason[]; readonly degraded: boolean },
    transcript: string | null,
    features: Readonly<Record<string, number>>,
  ): void {
    this.emit({
      type: 'escalated',
      ...this.#about(detection),
      trail: [...detection.trail],
      reasons,
      degraded,
      transcript,
      features: { ...features },
    });
  }

  /** Tells what was almost noticed, and gives the name that it goes by. */
  nearMiss({ entry, skipped }: NearMiss): string {
    const atMs = (this.sample / this.rateHz) * 1000;
    const { source, sample } = this;
    const of = { ...this.stamp.next(this.arrivedMs), source, sample, atMs };
    this.emit({ type: 'near-miss', ...of, label: entry.label, trail: [entry], skipped });
    return of.id;
  }

  gap({ lostSamples, reason, sample }: Gap): void {
    const atMs = (sample / this.rateHz) * 1000;
    const { source } = this;
    this.emit({ type: 'gap', ...this.stamp.next(this.arrivedMs), source, sample, atMs, lostSamples, reason });
  }

  health(part: string, health: Health): void {
    this.emit({ type: 'health', ...this.stamp.next(null), component: `${this.source}/${part}`, ...health });
  }

  #about({ id, label }: Detection) {
    // Not spread: V8 makes a hidden class for every object that is a copy with this much added to it, and those stay.
    const { v, id: eventId, measured } = this.stamp.next(this.arrivedMs);
    return {
      v,
      id: eventId,
      measured,
      source: this.source,
      sample: this.sample,
      atMs: (this.sample / this.rateHz) * 1000,
      detection: id,
      label,
    };
  }
}

function soundIn({ sound }: Detection): { readonly sound?: Sound } {
  return sound === null ? {} : { sound };
}
