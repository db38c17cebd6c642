import { NEAR } from '../../core/cascade/near-misses.js';
import type { EventOf } from '../../core/events/events.js';
import { type Counted, realOf } from '../past/evidence.js';
import { judgeIn, type Makers } from '../past/makers.js';
import { judgementsOf, type PastDetection } from '../past/past-detection.js';

/**
 * A threshold that decides what is noticed or believed, what is settled on the device, or, of a sensor cascade, from
 * which confidence on there is an alarm.
 */
export type Setting = 'tiny.reject' | 'heavy.accept' | 'recogniser.minConfidence' | 'thresholds.reject';

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
  /** Settled on the device then, and surely still believed. */
  readonly settled: Counted;
  /** Of these what would be passed on as unsure. */
  readonly unsettled: Counted;
  /** Passed on as unsure, and perhaps settled with the change: as what it would have been is not kept. */
  readonly perhapsSettled: Counted;
  /** Of what tiny almost noticed and was told: what it would notice. What heavy would say of it is not known. */
  readonly almost: { readonly told: number; readonly noticed: number };
  /** What a lower threshold of tiny would notice besides, and how much of it, is not known of these. */
  readonly unseen: {
    /** Of what tiny almost noticed: what was too much to tell. */
    readonly untold: number;
    /** What tiny was less sure of is in no journal; null where the change goes no lower. */
    readonly below: number | null;
  };
}

/** What decides on a detection beside the thresholds that are asked about. */
export interface Deciding {
  /** Stages whose thresholds do not decide on its word. */
  readonly apart?: Makers['apart'];
  /** It is of a sensor cascade: there tiny and heavy are sure by one scale. */
  readonly isAlarm?: boolean;
  /** Who is sure of transcripts; null: whoever was. */
  readonly transcriptJudge?: string | null;
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
  /** How sure tiny was of an alarm, or heavy some rows later; null of a word. */
  readonly alarm: number | null;
  /** How sure the recogniser was, where that decided whether it was settled; null elsewhere. */
  readonly recognition: number | null;
  readonly isSettled: boolean;
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
  /** Highest threshold that tiny was held to, and near misses that were too many to tell. */
  #notice = 0;
  #untold = 0;

  /** @param deciding what decides on it; left out, it is a word on which nothing else does */
  take(past: PastDetection, { apart = [], isAlarm = false, transcriptJudge = null }: Deciding = {}): void {
    const { tiny, heavyRange } = judgementsOf(past);
    // Of one that is under way nothing is decided.
    if (past.believedOn.length === 0) return;
    const { believed, sent, money } = past;
    const noticed = tiny?.confidence ?? null;
    if (!isAlarm && !apart.includes('tiny'))
      this.#notice = Math.max(this.#notice, tiny?.thresholds?.reject ?? 0);
    this.#rows.push({
      tiny: isAlarm ? null : noticed,
      heavy: heavyRange,
      alarm: isAlarm ? Math.max(noticed ?? 0, heavyRange?.most ?? 0) : null,
      believed,
      sent,
      money,
      real: realOf(past),
      apart,
      recognition: recognitionOf(past, transcriptJudge),
      isSettled: past.outcome === 'settled',
    });
  }

  /** Takes what tiny almost noticed. What was sure enough, and refused for another reason, no threshold changes. */
  takeNearMiss({ trail: [entry], skipped }: EventOf<'near-miss'>): void {
    if (entry === undefined || entry.kind === 'abstain') return;
    const { reject = 0 } = entry.thresholds ?? {};
    if (entry.confidence < reject) this.#almost.push(entry.confidence);
    this.#notice = Math.max(this.#notice, reject);
    this.#untold += skipped;
  }

  /** What the changes would have made of it. */
  with(changes: Changes): WhatIf {
    const [believed, refused] = [
      this.#rows.filter((row) => row.believed),
      this.#rows.filter((row) => !row.believed && isOpen(row, changes)),
    ];
    const passing = (rows: readonly Row[], wanted: Passing) =>
      rows.filter((row) => passes(row, changes) === wanted);
    const of = (rows: readonly Row[], wanted: Passing) => counted(passing(rows, wanted));
    const kept = passing(believed, 'yes');
    const settled = kept.filter(({ isSettled }) => isSettled);
    const least = changes['recogniser.minConfidence'];
    return {
      believed: counted(believed),
      gone: of(believed, 'no'),
      perhapsGone: of(believed, 'perhaps'),
      added: of(refused, 'yes'),
      perhapsAdded: of(refused, 'perhaps'),
      settled: counted(settled),
      unsettled: counted(
        settled.filter(({ recognition }) => recognition !== null && recognition < (least ?? 0)),
      ),
      perhapsSettled: counted(
        kept.filter(
          ({ recognition, isSettled }) => !isSettled && least !== undefined && (recognition ?? -1) >= least,
        ),
      ),
      almost: { told: this.#almost.length, noticed: this.#noticedFrom(changes['tiny.reject'] ?? 1) },
      unseen: this.#unseenFrom(changes['tiny.reject'] ?? 1),
    };
  }

  #unseenFrom(notice: number): WhatIf['unseen'] {
    const below = NEAR * this.#notice;
    return {
      untold: notice < this.#notice ? this.#untold : 0,
      below: notice < below ? below : null,
    };
  }

  #noticedFrom(notice: number): number {
    return this.#almost.filter((confidence) => confidence >= notice).length;
  }
}

type Passing = 'yes' | 'perhaps' | 'no';

/** Where a stage was not asked or could not say, its threshold changes nothing. */
function passes({ tiny, heavy, apart, alarm }: Row, changes: Changes): Passing {
  const [notice, accept] = [changes['tiny.reject'] ?? 0, changes['heavy.accept'] ?? 0];
  if (alarm !== null && alarm < (changes['thresholds.reject'] ?? 0)) return 'no';
  if (tiny !== null && tiny < notice && !apart.includes('tiny')) return 'no';
  if (apart.includes('heavy')) return 'yes';
  if (heavy === null || heavy.least >= accept) return 'yes';
  return heavy.most >= accept ? 'perhaps' : 'no';
}

/** Only heavy refuses what the journal holds of detections. */
function isOpen({ heavy, apart }: Row, changes: Changes): boolean {
  return heavy !== null && changes['heavy.accept'] !== undefined && !apart.includes('heavy');
}

/** How sure the recogniser was of what was settled, or passed on for want of that; null of anything else. */
function recognitionOf(
  { outcome, features, reasons, trail }: PastDetection,
  judge: string | null,
): number | null {
  if (judge !== null && judgeIn(trail.at(-1)) !== judge) return null;
  const isUnsure = outcome === 'escalated' && reasons.includes('uncertain');
  return outcome === 'settled' || isUnsure ? (features.recognition ?? null) : null;
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
