import { type CascadeEvent, sourceOf } from '../../core/events/events.js';
import type { Health } from '../../core/events/health.js';
import { median } from '../../core/quantile.js';
import { MeanWatch, type Move, type Shift } from './mean-watch.js';

/** What is watched of every source, as values from 0 to 1. */
const MEASURES = {
  tiny: "tiny's confidence in what it noticed",
  heavy: "heavy's confidence in what it was shown",
  refused: 'share of wake-ups that heavy refuses',
  escalated: 'share of what is believed that the cloud is asked about',
  money: 'money a call',
  latency: 'time a call takes',
} as const;

type Measure = keyof typeof MEASURES;

/** What most likely is behind a shift, and what to do. */
const LIKELY: Readonly<Record<Measure, Readonly<Record<Move, string>>>> = {
  tiny: {
    fell: 'the microphone was moved, covered or turned down, or a sensor has an offset; look at its level, then `catnap tune --journal`',
    rose: 'the microphone was turned up or moved closer, or a sensor has an offset; look at its level, then `catnap tune --journal`',
  },
  heavy: {
    fell: 'the microphone was moved, there is a new noise, or somebody new speaks; label some, then `catnap tune --journal`',
    rose: 'less noise than before; thresholds may be higher now: `catnap tune --journal`',
  },
  refused: {
    rose: 'a new noise is taken for it, or a sensor has an offset; `catnap events disagreements`, then `catnap tune --journal`',
    fell: 'less is taken for it than before; thresholds may be lower now: `catnap tune --journal`',
  },
  escalated: {
    rose: 'somebody new speaks, asks for something new, or the microphone understands less; see `catnap events --type escalated --detections`',
    fell: 'more is settled here than before',
  },
  money: {
    rose: 'the provider charges more or is asked longer; look at its prices',
    fell: 'the provider charges less',
  },
  latency: { rose: 'the provider or the line is slower', fell: 'the provider or the line is faster' },
};

/** How a watch of drift is set. */
export interface DriftOptions {
  /** Values of a measure that say what is usual. */
  readonly referenceValues: number;
  /** Values of one measure between two false alarms, at least and on average. */
  readonly runLength: number;
}

/** A hundred values are some days of a house, and five thousand some months. */
export const USUAL_DRIFT: DriftOptions = { referenceValues: 100, runLength: 5_000 };

/** A change of what is told of a measure. */
export interface DriftNews extends Health {
  /** `<source>/drift-<measure>`. */
  readonly component: string;
}

/**
 * Compares what detections look like with how they looked when the watch began, source by source. Fed with the events
 * of a journal and then live ones, it says the same as if it had been there all the time.
 */
export class DriftWatch {
  readonly #watches = new Map<string, Watched>();
  readonly #seen = new Set<string>();

  constructor(private readonly options: DriftOptions = USUAL_DRIFT) {}

  /** Takes the next event; what there is to tell. */
  take(event: CascadeEvent): readonly DriftNews[] {
    return valuesOf(event, this.#seen).flatMap(([source, measure, value]) => {
      const news = this.#add(source, measure, value, event.measured?.wallTime ?? '');
      return news === null ? [] : [news];
    });
  }

  /** What is watched, and what of it has no reference yet, for a person. */
  told(): string {
    const all = [...this.#watches].map(([component, { watch }]) => {
      return !watch.hasReference ? `${component} (too little yet)` : component;
    });
    return all.join(', ') || 'nothing yet';
  }

  #add(source: string, measure: Measure, value: number, time: string): DriftNews | null {
    const component = `${source}/drift-${measure}`;
    const known = this.#watches.get(component);
    const { referenceValues, runLength } = this.options;
    const its = known ?? { watch: new MeanWatch(referenceValues, runLength), newest: [], typical: [] };
    this.#watches.set(component, its);
    its.newest.push({ value, time });
    if (its.newest.length > NEWEST_MAX) its.newest.shift();
    const found = its.watch.take(inUnit(value, measure, its.typical));
    if (found === null) return null;
    if (found === 'recovered')
      return { component, state: 'ok', code: 'OK', detail: `${MEASURES[measure]}: as it was before` };
    return { component, state: 'degraded', code: 'DRIFT', detail: told(measure, found, its.newest) };
  }
}

/** What is known of one measure of a source. */
interface Watched {
  readonly watch: MeanWatch;
  /** To say from where to where, and since when. */
  readonly newest: { readonly value: number; readonly time: string }[];
  /** The first values. */
  readonly typical: number[];
}

const NEWEST_MAX = 2_000;
/** Detections that two events may tell of. */
const SEEN_MAX = 1_000;
/** Values whose middle is what is typical. */
const TYPICAL_VALUES = 25;

/** What an event says of the measures. The first that tells whether a detection is believed counts. */
function valuesOf(event: CascadeEvent, seen: Set<string>): readonly (readonly [string, Measure, number])[] {
  switch (event.type) {
    case 'verified':
    case 'refused': {
      if (seen.has(event.detection)) return [];
      seen.add(event.detection);
      if (seen.size > SEEN_MAX) for (const oldest of [...seen].slice(0, SEEN_MAX / 2)) seen.delete(oldest);
      const [tiny, heavy] = event.trail;
      const of = (measure: 'tiny' | 'heavy', entry: typeof tiny) =>
        entry === undefined || entry.kind === 'abstain'
          ? []
          : [[event.source, measure, entry.confidence] as const];
      const refused = [event.source, 'refused', event.type === 'refused' ? 1 : 0] as const;
      return [...of('tiny', tiny), ...of('heavy', heavy), refused];
    }
    case 'settled':
    case 'escalated':
      return [[event.source, 'escalated', event.type === 'escalated' ? 1 : 0]];
    case 'verdict': {
      const { money, latencyMs } = event.cost;
      const source = sourceOf(event.detection);
      return [...(money > 0 ? [[source, 'money', money] as const] : []), [source, 'latency', latencyMs]];
    }
    default:
      return [];
  }
}

/**
 * A value as one from 0 to 1 by how usual it is: a half is the middle of what there was when the watch began, and most
 * of that lay between a fifth and four fifths.
 */
function inUnit(value: number, measure: Measure, typical: number[]): number {
  if (measure === 'refused' || measure === 'escalated') return value;
  const level = levelOf(value, measure);
  if (typical.length < TYPICAL_VALUES) typical.push(level);
  const middle = median(typical);
  const spread = median(typical.map((each) => Math.abs(each - middle)));
  return 1 / (1 + Math.exp(-(level - middle) / Math.max(spread, 0.05)));
}

function levelOf(value: number, measure: Measure): number {
  if (measure === 'money' || measure === 'latency') return Math.log(Math.max(value, 1e-9));
  const p = Math.min(0.999, Math.max(0.001, value));
  return Math.log(p / (1 - p));
}

function told(measure: Measure, { move, values }: Shift, newest: Watched['newest']): string {
  const [before, since] = [newest.slice(0, -values), newest.slice(-values)];
  const from = `from ${shown(before, measure)} to ${shown(since, measure)}`;
  const begun = since[0]?.time ?? '';
  return `${MEASURES[measure]} ${move} ${from} since ${begun} (${values} of them): likely ${LIKELY[measure][move]}`;
}

/** The mean, in the measure's own unit. */
function shown(values: Watched['newest'], measure: Measure): string {
  const mean = values.reduce((sum, { value }) => sum + value, 0) / Math.max(1, values.length);
  switch (measure) {
    case 'money':
      return mean.toPrecision(2);
    case 'latency':
      return `${mean.toFixed(0)} ms`;
    default:
      return mean.toFixed(2);
  }
}
