import { judgementsOf, type PastDetection, type SaidOf } from './past-detection.js';

/** Who says whether a detection was what it was taken for, the surest first. */
export const WITNESSES = ['owner', 'folder', 'cloud', 'recogniser', 'heavy', 'tiny'] as const;

export type Witness = (typeof WITNESSES)[number];

/** What one of them says of a detection. */
export interface Evidence {
  readonly by: Witness;
  /** Whether it was what it was taken for. */
  readonly real: boolean;
  /** How far that is believed, 0 to 1. */
  readonly trust: number;
}

/**
 * How far each is believed. That the heavier is right about the lighter more often than not is what the cascade rests
 * on; the figures are set, not measured: `catnap events disagreements` says how often each agrees with the owner.
 */
const TRUST: Readonly<Record<Witness, number>> = {
  owner: 1,
  folder: 0.95,
  cloud: 0.9,
  recogniser: 0.8,
  heavy: 0.7,
  tiny: 0.5,
};

/** What a witness of less trust says does not count as known. */
const LEAST_TRUST = 0.8;
const TRUSTED = WITNESSES.filter((by) => TRUST[by] >= LEAST_TRUST);

/** Whether each holds a detection to be what it was taken for; null where it says nothing. */
const SAYS: Readonly<Record<Witness, (past: PastDetection) => boolean | null>> = {
  owner: ({ said }) => personOf(said),
  folder: ({ filed }) => personOf(filed),
  cloud: cloudOf,
  recogniser: recogniserOf,
  heavy: (past) => stageOf(judgementsOf(past).heavy),
  tiny: (past) => stageOf(judgementsOf(past).tiny),
};

/** What every witness says of a detection; who says nothing is left out. */
export function evidenceOf(past: PastDetection): readonly Evidence[] {
  return WITNESSES.flatMap((by) => {
    const real = SAYS[by](past);
    return real === null ? [] : [{ by, real, trust: TRUST[by] }];
  });
}

/** What the surest witness says that is trusted enough to count; null where none says anything. */
export function surestOf(past: PastDetection): Evidence | null {
  for (const by of TRUSTED) {
    const real = SAYS[by](past);
    if (real !== null) return { by, real, trust: TRUST[by] };
  }
  return null;
}

/** Whether it was what it was taken for, by {@link surestOf}; null where nobody trusted says. */
export function realOf(past: PastDetection): boolean | null {
  return surestOf(past)?.real ?? null;
}

/** Detections, and what is known of them by witnesses that are trusted. */
export interface Counted {
  readonly detections: number;
  readonly right: number;
  readonly wrong: number;
  /** Of which nobody trusted says anything. */
  readonly unsaid: number;
  readonly cloudCalls: number;
  readonly money: number;
}

/** Labels by which an answer says that there was nothing. */
const NOTHING = /^(none|nothing|noise|false[ -_]?alarm|normal|silence|unclear)$/i;

function personOf(said: SaidOf | null): boolean | null {
  return said === null ? null : said.verdict === 'right';
}

/** What somebody says that it was, by the surest who says so; '' where nobody does. */
export function wasOf({ said, filed }: PastDetection): string {
  return (said ?? filed)?.was ?? '';
}

/** An answer is a witness of a fault it names, and of a word after which it was asked something. */
function cloudOf({ verdict }: PastDetection): boolean | null {
  if (verdict === null) return null;
  return !NOTHING.test(verdict.label.trim());
}

/** An order that was understood was meant; a wake after which nobody said anything most likely was none. */
function recogniserOf({ intent, transcript, reasons, believed }: PastDetection): boolean | null {
  if (!believed) return null;
  if (intent !== null && transcript !== null && transcript.trim() !== '') return true;
  return reasons.includes('timeout') ? false : null;
}

function stageOf(judged: ReturnType<typeof judgementsOf>['tiny']): boolean | null {
  return judged?.kind === 'accept' ? true : judged?.kind === 'reject' ? false : null;
}
