import { type CascadeEvent, type EventOf, wholeDetectionOf } from '../../core/events/events.js';

/** A threshold that decides what is noticed or believed. */
export type Setting = 'tiny.reject' | 'heavy.accept';

/** Other thresholds to look at the past with. */
export type Changes = Readonly<Partial<Record<Setting, number>>>;

/** Detections, and what people said of them. */
export interface Counted {
  readonly detections: number;
  readonly right: number;
  readonly wrong: number;
  /** Of nobody asked. */
  readonly unsaid: number;
  readonly cloudCalls: number;
  readonly money: number;
}

/** What other thresholds would have made of what the journal holds. */
export interface WhatIf {
  readonly believed: Counted;
  /** Believed then, and not with the change: as counted, since a threshold that only takes away can be replayed. */
  readonly gone: Counted;
  /** Refused then, and believed with the change; what it would have asked the cloud is not known. */
  readonly added: Counted;
}

/** One detection of the past. */
interface Past {
  readonly tiny: number | null;
  readonly heavy: number | null;
  readonly believed: boolean;
  sent: boolean;
  money: number;
  said: 'right' | 'wrong' | null;
  /** When that was said; the newest stands. */
  saidAt: string;
}

/**
 * Reads events in their order and looks at every detection of a wake word or a fault with other thresholds.
 *
 * A higher threshold of tiny would in truth notice some of what is gone a moment later, when its score has risen, so
 * that `gone` is told too high for it; of heavy both ways are exact but for the refractory time after what is gone or
 * added.
 */
export class Replay {
  readonly #past = new Map<string, Past>();

  /** Takes the next event. */
  take(event: CascadeEvent): void {
    const detection = wholeDetectionOf(event);
    if (detection === null) return;
    switch (event.type) {
      case 'verified':
      case 'refused': {
        // What is refused after that, as an order nobody gave, was a wake all the same.
        if (!this.#past.has(detection)) this.#past.set(detection, pastOf(event));
        return;
      }
      case 'sent':
        this.#known(detection, (past) => {
          past.sent = true;
        });
        return;
      case 'verdict':
        this.#known(detection, (past) => {
          past.money += event.cost.money;
        });
        return;
      case 'label':
        this.#known(detection, (past) => {
          const wallTime = event.measured?.wallTime ?? '';
          if (wallTime < past.saidAt) return;
          past.said = event.verdict;
          past.saidAt = wallTime;
        });
        return;
      default:
    }
  }

  /** What the changes would have made of it. */
  with(changes: Changes): WhatIf {
    const all = [...this.#past.values()];
    const believed = all.filter((past) => past.believed);
    return {
      believed: counted(believed),
      gone: counted(believed.filter((past) => !passes(past, changes))),
      added: counted(all.filter((past) => !past.believed && isAdded(past, changes))),
    };
  }

  #known(detection: string, change: (past: Past) => void): void {
    const past = this.#past.get(detection);
    if (past !== undefined) change(past);
  }
}

function pastOf({ type, trail: [first, ...later] }: EventOf<'verified' | 'refused'>): Past {
  const sure = later.flatMap((entry) => (entry.kind === 'abstain' ? [] : [entry.confidence]));
  return {
    tiny: first !== undefined && first.kind !== 'abstain' ? first.confidence : null,
    heavy: sure.length === 0 ? null : Math.max(...sure),
    believed: type === 'verified',
    sent: false,
    money: 0,
    said: null,
    saidAt: '',
  };
}

/** Where a stage was not asked or could not say, its threshold changes nothing. */
function passes({ tiny, heavy }: Past, changes: Changes): boolean {
  const above = (confidence: number | null, least: number | undefined) =>
    confidence === null || least === undefined || confidence >= least;
  return above(tiny, changes['tiny.reject']) && above(heavy, changes['heavy.accept']);
}

/** Only heavy refuses what the journal holds: what tiny let pass unnoticed is not in it. */
function isAdded(past: Past, changes: Changes): boolean {
  return past.heavy !== null && changes['heavy.accept'] !== undefined && passes(past, changes);
}

function counted(past: readonly Past[]): Counted {
  const said = (verdict: Past['said']) => past.filter((each) => each.said === verdict).length;
  return {
    detections: past.length,
    right: said('right'),
    wrong: said('wrong'),
    unsaid: said(null),
    cloudCalls: past.filter(({ sent }) => sent).length,
    money: past.reduce((sum, { money }) => sum + money, 0),
  };
}
