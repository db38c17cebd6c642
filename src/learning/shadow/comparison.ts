import { type CascadeEvent, type EventOf, wholeDetectionOf } from '../../core/events/events.js';
import { type Counted, realOf } from '../past/evidence.js';
import { PastDetections } from '../past/past-detection.js';
import { type Weighed, weighed } from './better.js';

/** Two that heard the same word or fault noticed it within this long of each other, on their common sample clock. */
const SAME_MS = 1500;
/** The same of a slow signal, in its rows. */
const SAME_ROWS = 20;
/** What is compared at a time; of what is older only the counts stand. */
const OPEN_MAX = 2_000;

/** A candidate against what it listens beside. */
export interface Compared extends Weighed {
  readonly source: string;
  readonly candidate: string;
  /** ISO 8601 wall time of its first decision. */
  readonly since: string;
  /** What both believe, and what neither or only one does. */
  readonly both: Counted;
  readonly neither: number;
  /** Left out: a stage of either did not answer. */
  readonly unjudged: number;
  readonly onlyActive: Counted;
  readonly onlyCandidate: Counted;
}

interface Side {
  readonly believed: boolean;
  /** Every stage that was asked answered. */
  readonly isJudged: boolean;
  /** `<run>/<detection>`. */
  readonly detection: string;
}

/** One moment at which either noticed something. */
interface Moment {
  readonly run: string;
  readonly atMs: number;
  active: Side | null;
  candidate: Side | null;
}

type Decided = EventOf<'verified' | 'refused'>;
type Ended = EventOf<'shadow' | 'ended'> & { readonly endSample: number };

interface Sum {
  readonly both: Counts;
  readonly onlyActive: Counts;
  readonly onlyCandidate: Counts;
  neither: number;
  unjudged: number;
}

interface Counts {
  detections: number;
  right: number;
  wrong: number;
  cloudCalls: number;
  money: number;
}

/** Compares candidates with what they listen beside, from the events of both; holds no more than some thousand. */
export class ShadowComparison {
  readonly #shadows = new Map<string, Beside>();
  /** By source: what runs decided last, which a candidate's first decision may be about. */
  readonly #newest = new Map<string, Decided>();
  readonly #past = new PastDetections();
  readonly #labels = new Map<string, EventOf<'label'>>();

  /** Takes the next event; whether that may have changed what is told. */
  take(event: CascadeEvent): boolean {
    if (event.type === 'label') this.#label(event);
    else this.#past.take(event);
    if (event.type === 'shadow') {
      this.#of(event).candidate(event);
      return true;
    }
    if (event.type === 'ended') this.#shadows.get(event.source)?.over('active', event);
    if (event.type === 'verified' || event.type === 'refused') {
      const beside = this.#shadows.get(event.source);
      if (beside === undefined) this.#newest.set(event.source, event);
      else beside.active(event);
    }
    return this.#shadows.size > 0 && 'detection' in event;
  }

  /** What is known of each source that something listens beside, as of now. */
  told(): readonly Compared[] {
    return [...this.#shadows.values()].map((beside) => beside.told());
  }

  #label(event: EventOf<'label'>): void {
    const before = this.#labels.get(event.detection);
    // The owner's word stands over what a folder says.
    if (event.witness === 'folder' && before !== undefined && before.witness !== 'folder') return;
    this.#labels.delete(event.detection);
    this.#labels.set(event.detection, event);
    const [oldest] = this.#labels.size > OPEN_MAX ? this.#labels.keys() : [];
    if (oldest !== undefined) this.#labels.delete(oldest);
  }

  /** Of a candidate by other settings everything begins anew. */
  #of({ source, candidate, measured, atMs }: EventOf<'shadow'>): Beside {
    const known = this.#shadows.get(source);
    if (known?.candidateName === candidate) return known;
    const beside = new Beside(source, candidate, measured?.wallTime ?? '', (detection) =>
      this.#known(detection),
    );
    this.#shadows.set(source, beside);
    const newest = this.#newest.get(source);
    if (newest !== undefined && Math.abs(newest.atMs - atMs) <= sameMs(newest)) beside.active(newest);
    this.#newest.delete(source);
    return beside;
  }

  #known(detection: string): Known {
    const said = this.#labels.get(detection);
    const past = this.#past.find(detection);
    const real = said !== undefined ? said.verdict === 'right' : past === null ? null : realOf(past);
    return { real, sent: past?.sent ?? false, money: past?.money ?? 0 };
  }
}

/** What is known of a detection: whether it was what it was taken for, and what it cost. */
interface Known {
  readonly real: boolean | null;
  readonly sent: boolean;
  readonly money: number;
}

/** One candidate beside one source. */
class Beside {
  readonly #moments: Moment[] = [];
  readonly #gone: Sum = { both: none(), neither: 0, unjudged: 0, onlyActive: none(), onlyCandidate: none() };

  constructor(
    private readonly source: string,
    readonly candidateName: string,
    private readonly since: string,
    private readonly known: (detection: string) => Known,
  ) {}

  candidate(event: EventOf<'shadow'>): void {
    if (event.endSample !== undefined) {
      this.over('candidate', { ...event, endSample: event.endSample });
      return;
    }
    const moment = this.#moment(event, 'candidate');
    moment.candidate ??= {
      believed: event.believed,
      isJudged: isJudged(event),
      detection: wholeDetectionOf(event) ?? '',
    };
  }

  active(event: Decided): void {
    const detection = wholeDetectionOf(event) ?? '';
    if (this.#moments.some(({ active }) => active?.detection === detection)) return;
    const moment = this.#moment(event, 'active');
    moment.active ??= { believed: event.type === 'verified', isJudged: isJudged(event), detection };
  }

  /** What one of them saw to last is over: what the other noticed meanwhile was the same. */
  over(side: 'active' | 'candidate', event: Ended): void {
    const detection = wholeDetectionOf(event) ?? '';
    const lasted = this.#moments.find((moment) => moment[side]?.detection === detection);
    const other = side === 'active' ? 'candidate' : 'active';
    if (lasted === undefined || lasted[other]?.believed === true) return;
    const untilMs = (event.atMs * event.endSample) / Math.max(1, event.sample) + sameMs(event);
    const at = this.#moments.findIndex(
      ({ run, atMs, ...sides }) =>
        run === lasted.run &&
        sides[side] === null &&
        sides[other]?.believed === true &&
        atMs >= lasted.atMs &&
        atMs <= untilMs,
    );
    const [meanwhile] = at < 0 ? [] : this.#moments.splice(at, 1);
    if (meanwhile !== undefined) lasted[other] = meanwhile[other];
  }

  told(): Compared {
    const sum = structuredClone(this.#gone);
    for (const moment of this.#moments) count(moment, sum, this.known);
    const { both, onlyActive, onlyCandidate, neither, unjudged } = sum;
    const wins = onlyActive.wrong + onlyCandidate.right;
    const losses = onlyActive.right + onlyCandidate.wrong;
    return {
      source: this.source,
      candidate: this.candidateName,
      since: this.since,
      both: withUnsaid(both),
      neither,
      unjudged,
      onlyActive: withUnsaid(onlyActive),
      onlyCandidate: withUnsaid(onlyCandidate),
      ...weighed(wins, losses),
    };
  }

  /** The newest moment that lacks this side and is near enough, or a new one. */
  #moment(event: EventOf<'shadow' | 'verified' | 'refused'>, side: 'active' | 'candidate'): Moment {
    const { atMs, measured, detection } = event;
    const withinMs = sameMs(event);
    const run = `${measured?.run ?? ''}/${startOf(detection)}`;
    const near = this.#moments.findLast(
      (moment) => moment.run === run && moment[side] === null && Math.abs(moment.atMs - atMs) <= withinMs,
    );
    if (near !== undefined) return near;
    const moment: Moment = { run, atMs, active: null, candidate: null };
    this.#moments.push(moment);
    if (this.#moments.length > OPEN_MAX) {
      const oldest = this.#moments.shift();
      if (oldest !== undefined) count(oldest, this.#gone, this.known);
    }
    return moment;
  }
}

/** How far apart the two may notice the same, on their common sample clock. */
function sameMs({ atMs, sample }: Pick<EventOf<'shadow'>, 'atMs' | 'sample'>): number {
  return sample === 0 ? SAME_MS : Math.max(SAME_MS, (SAME_ROWS * atMs) / sample);
}

/** Which start of its worker a detection is of: the sample clock begins anew with it. */
function startOf(detection: string): string {
  return /~\d+/.exec(detection)?.[0] ?? '';
}

function count({ active, candidate }: Moment, sum: Sum, known: (detection: string) => Known): void {
  if (active?.isJudged === false || candidate?.isJudged === false) {
    sum.unjudged += 1;
    return;
  }
  const [isActive, isCandidate] = [active?.believed ?? false, candidate?.believed ?? false];
  if (!isActive && !isCandidate) {
    sum.neither += 1;
    return;
  }
  const counts = isActive && isCandidate ? sum.both : isActive ? sum.onlyActive : sum.onlyCandidate;
  const [of, its] = [active, candidate].map((side) => (side === null ? null : known(side.detection)));
  const real = of?.real ?? its?.real ?? null;
  counts.detections += 1;
  if (real === true) counts.right += 1;
  if (real === false) counts.wrong += 1;
  if (of?.sent === true) counts.cloudCalls += 1;
  counts.money += of?.money ?? 0;
}

function isJudged({ trail }: EventOf<'shadow' | 'verified' | 'refused'>): boolean {
  return trail.every(({ kind }) => kind !== 'abstain');
}

function none(): Counts {
  return { detections: 0, right: 0, wrong: 0, cloudCalls: 0, money: 0 };
}

function withUnsaid(counts: Counts): Counted {
  return { ...counts, unsaid: counts.detections - counts.right - counts.wrong };
}
