import { surestOf } from './evidence.js';
import { type Judged, judgementsOf, type PastDetection, recognitionOf } from './past-detection.js';

/** Whether a stage is as often right as it says. */
export interface Reliability {
  readonly source: string;
  /** By the judge who looked at it, where one did: what it is sure of is the judge's. */
  readonly stage: string;
  /** Confidences of which is known whether the label was right. */
  readonly count: number;
  /** How sure it was on average, and how often that was right. */
  readonly confidence: number;
  readonly right: number;
  /** Mean distance of the two over tenths of the confidence: the expected calibration error (Naeini et al., 2015). */
  readonly error: number;
  /** Evidence, as an e-value, that it is right less often than it says. */
  readonly over: number;
  readonly verdict: 'overconfident' | 'open';
}

/** Of the capital, what is bet each time; a mean over all of them. */
const STAKES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** At most one of twenty stages that are as good as they say is ever called overconfident. */
const ENOUGH_EVIDENCE = 20;
const TENTHS = 10;

interface Count {
  readonly tenths: { count: number; confidence: number; right: number }[];
  /** Logarithms of the capital, by {@link STAKES}. */
  readonly capitals: number[];
}

/**
 * Holds the confidence of each stage against what was labelled. Evidence that it is too high is capital after bets
 * that the next is right less often than the stage says: if it is not, the capital ever reaches 20 with a chance of at
 * most 5% (Ville 1939), however often it is looked at. Tiny is judged on what woke heavy alone.
 */
export class ReliabilityWatch {
  readonly #counts = new Map<string, Count>();

  take(past: PastDetection): void {
    const known = surestOf(past);
    if (known === null) return;
    const { tiny, heavy } = judgementsOf(past);
    if (tiny !== null) this.#add(past.source, tiny, known.real);
    if (heavy !== null) this.#add(past.source, heavy, known.real);
    // Of words only their owner says whether they were understood.
    const recogniser = recognitionOf(past);
    if (recogniser !== null && past.intent !== null && known.by === 'owner')
      this.#add(past.source, recogniser, known.real);
  }

  /** By source and stage, in the order in which they were met. */
  told(): readonly Reliability[] {
    return [...this.#counts].map(([key, { tenths, capitals }]) => {
      const [source = '', stage = ''] = JSON.parse(key) as readonly string[];
      const sum = (of: 'count' | 'confidence' | 'right') =>
        tenths.reduce((total, tenth) => total + tenth[of], 0);
      const count = sum('count');
      const apart = tenths.reduce((total, { confidence, right }) => total + Math.abs(confidence - right), 0);
      const over = capitals.reduce((total, log) => total + Math.exp(log), 0) / capitals.length;
      return {
        source,
        stage,
        count,
        confidence: sum('confidence') / count,
        right: sum('right') / count,
        error: apart / count,
        over,
        verdict: over >= ENOUGH_EVIDENCE ? 'overconfident' : 'open',
      };
    });
  }

  #add(source: string, { stage: name, judge, confidence, range }: Judged, isRight: boolean): void {
    const stage = judge === undefined ? name : `${name} by ${judge.kind}`;
    // What was not found out is taken as it speaks least against the stage.
    const said = range === undefined ? confidence : isRight ? range.most : range.least;
    const key = JSON.stringify([source, stage]);
    const known = this.#counts.get(key) ?? {
      tenths: Array.from({ length: TENTHS }, () => ({ count: 0, confidence: 0, right: 0 })),
      capitals: STAKES.map(() => 0),
    };
    this.#counts.set(key, known);
    const tenth = known.tenths[Math.min(TENTHS - 1, Math.floor(said * TENTHS))];
    if (tenth === undefined) return;
    tenth.count += 1;
    tenth.confidence += said;
    tenth.right += Number(isRight);
    for (const [at, stake] of STAKES.entries())
      known.capitals[at] = (known.capitals[at] ?? 0) + Math.log(1 + stake * (said - Number(isRight)));
  }
}

/** In a sentence. */
export function tellReliability({ stage, count, confidence, right, over, verdict }: Reliability): string {
  const said = `${stage} was ${percent(confidence)} sure and ${percent(right)} right, of ${count} labelled`;
  return verdict === 'overconfident'
    ? `${said}: overconfident (evidence ${over.toPrecision(2)}); \`catnap tune --journal\``
    : said;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}
