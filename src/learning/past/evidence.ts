import { judgementsOf, type PastDetection } from './past-detection.js';

/** Who says whether a detection was what it was taken for, the surest first. */
export const WITNESSES = ['owner', 'cloud', 'recogniser', 'heavy', 'tiny'] as const;

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
  cloud: 0.9,
  recogniser: 0.8,
  heavy: 0.7,
  tiny: 0.5,
};

/** What every witness says of a detection; who says nothing is left out. */
export function evidenceOf(past: PastDetection): readonly Evidence[] {
  const says: Readonly<Record<Witness, boolean | null>> = {
    owner: past.said === null ? null : past.said.verdict === 'right',
    cloud: cloudOf(past),
    recogniser: recogniserOf(past),
    ...stagesOf(past),
  };
  return WITNESSES.flatMap((by) => {
    const real = says[by];
    return real === null ? [] : [{ by, real, trust: TRUST[by] }];
  });
}

/** What the surest witness says of those trusted at least so far; null where there is none. */
export function realOf(past: PastDetection, leastTrust: number): boolean | null {
  return evidenceOf(past).find(({ trust }) => trust >= leastTrust)?.real ?? null;
}

/** Labels by which an answer says that there was nothing. */
const NOTHING = /^(none|nothing|noise|false[ -_]?alarm|normal|silence|unclear)$/i;

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

function stagesOf(past: PastDetection): Readonly<Record<'heavy' | 'tiny', boolean | null>> {
  const { tiny, heavy } = judgementsOf(past);
  const of = (kind: string | undefined) => (kind === 'accept' ? true : kind === 'reject' ? false : null);
  return { tiny: of(tiny?.kind), heavy: of(heavy?.kind) };
}
