import type { EventOf } from '../../core/events/events.js';
import { type Counted, realOf } from '../past/evidence.js';
import type { Makers } from '../past/makers.js';
import { judgementsOf, type PastDetection } from '../past/past-detection.js';

/** A threshold that decides what is noticed or believed. */
export type Setting = 'tiny.reject' | 'heavy.accept';

/** Other thresholds to look at the past with. */
export type Changes = Readonly<Partial<Record<Setting, number>>>;

/** What other thresholds would have made of what the journal holds. */
export interface WhatIf {
  readonly believed: Counted;
  /** Believed then, and surely not with the change. */
  readonly gone: Counted;
  /** Believed then, and perhaps not: only the ends of heavy's confidence are known. */
  readonly perhapsGone: Counted;
  /** Refused then, and surely believed with the change; what it would have asked the cloud is not known. */
  readonly added: Counted;
  /** Refused then, and perhaps believed. */
  readonly perhapsAdded: Counted;
  /** Of what tiny almost noticed and was told: what it would notice. What heavy would say of it is not known. */
  readonly almost: { readonly told: number; readonly noticed: number };
}

interface Row {
  readonly tiny: number | null;
  /** Between which heavy's confidence lies; null where it gave none. */
  readonly heavy: { readonly least: number; readonly most: number } | null;
  readonly believed: boolean;
  readonly sent: boolean;
  readonly money: number;
  readonly real: boolean | null;
  readonly apart: Makers['apart'];
}

/**
 * Looks at every detection of the past with other thresholds.
 *
 * A higher threshold of tiny would in truth notice some of what is gone a moment later, when its score has risen, so
 * that `gone` is told too high for it; of heavy it is exact but for the refractory time after what is gone or added.
 */
export class Replay {
  readonly #rows: Row[] = [];
  /** How sure tiny was of what it almost noticed. */
  readonly #almost: number[] = [];

  /** @param apart stages whose thresholds do not decide on its word */
  take(past: PastDetection, apart: Makers['apart'] = []): void {
    const { tiny, heavyRange } = judgementsOf(past);
    // Of one that is under way nothing is decided.
    if (past.believedOn.length === 0) return;
    const { believed, sent, money } = past;
    const real = realOf(past);
    this.#rows.push({
      tiny: tiny?.confidence ?? null,
      heavy: heavyRange,
      believed,
      sent,
      money,
      real,
      apart,
    });
  }

  /** Takes what tiny almost noticed. What was sure enough, and refused for another reason, no threshold changes. */
  takeNearMiss({ trail: [entry] }: EventOf<'near-miss'>): void {
    if (entry === undefined || entry.kind === 'abstain') return;
    if (entry.confidence < (entry.thresholds?.reject ?? 0)) this.#almost.push(entry.confidence);
  }

  /** What the changes would have made of it. */
  with(changes: Changes): WhatIf {
    const [believed, refused] = [
      this.#rows.filter((row) => row.believed),
      this.#rows.filter((row) => !row.believed && isOpen(row, changes)),
    ];
    const of = (rows: readonly Row[], wanted: Passing) =>
      counted(rows.filter((row) => passes(row, changes) === wanted));
    return {
      believed: counted(believed),
      gone: of(believed, 'no'),
      perhapsGone: of(believed, 'perhaps'),
      added: of(refused, 'yes'),
      perhapsAdded: of(refused, 'perhaps'),
      almost: { told: this.#almost.length, noticed: this.#noticedFrom(changes['tiny.reject'] ?? 1) },
    };
  }

  #noticedFrom(notice: number): number {
    return this.#almost.filter((confidence) => confidence >= notice).length;
  }
}

type Passing = 'yes' | 'perhaps' | 'no';

/** Where a stage was not asked or could not say, its threshold changes nothing. */
function passes({ tiny, heavy, apart }: Row, changes: Changes): Passing {
  const [notice, accept] = [changes['tiny.reject'] ?? 0, changes['heavy.accept'] ?? 0];
  if (tiny !== null && tiny < notice && !apart.includes('tiny')) return 'no';
  if (apart.includes('heavy')) return 'yes';
  if (heavy === null || heavy.least >= accept) return 'yes';
  return heavy.most >= accept ? 'perhaps' : 'no';
}

/** Only heavy refuses what the journal holds of detections. */
function isOpen({ heavy, apart }: Row, changes: Changes): boolean {
  return heavy !== null && changes['heavy.accept'] !== undefined && !apart.includes('heavy');
}

function counted(rows: readonly Row[]): Counted {
  const known = (real: boolean | null) => rows.filter((row) => row.real === real).length;
  return {
    detections: rows.length,
    right: known(true),
    wrong: known(false),
    unsaid: known(null),
    cloudCalls: rows.filter(({ sent }) => sent).length,
    money: rows.reduce((sum, { money }) => sum + money, 0),
  };
}
