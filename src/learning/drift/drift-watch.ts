import { type CascadeEvent, sourceOf } from '../../core/events/events.js';
import type { Health } from '../../core/events/health.js';
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
  readonly #watches = new Map<
    string,
    { readonly watch: MeanWatch; readonly times: string[]; typical: number[] }
  >();
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
      return watch.reference === null ? `${component} (too little yet)` : component;
    });
    return all.join(', ') || 'nothing yet';
  }

  #add(source: string, measure: Measure, value: number, time: string): DriftNews | null {
    const component = `${source}/drift-${measure}`;
    const known = this.#watches.get(component);
    const { referenceValues, runLength } = this.options;
    const its = known ?? { watch: new MeanWatch(referenceValues, runLength), times: [], typical: [] };
    this.#watches.set(component, its);
    its.times.push(time);
    if (its.times.length > TIMES_MAX) its.times.shift();
    const found = its.watch.take(inUnit(value, measure, its.typical));
    if (found === null) return null;
    if (found === 'recovered')
      return { component, state: 'ok', code: 'OK', detail: `${MEASURES[measure]}: as it was before` };
    return { component, state: 'degraded', code: 'DRIFT', detail: told(measure, found, its.times) };
  }
}

/** Times kept to say since when. */
const TIMES_MAX = 2_000;
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

/** A value without bound as one from 0 to 1: a half is what was typical when the watch began. */
function inUnit(value: number, measure: Measure, typical: number[]): number {
  if (measure !== 'money' && measure !== 'latency') return Math.min(1, Math.max(0, value));
  if (typical.length < TYPICAL_VALUES) typical.push(value);
  const middle = typical.toSorted((a, b) => a - b)[Math.floor(typical.length / 2)] ?? value;
  return value + middle === 0 ? 0 : value / (value + middle);
}

function told(measure: Measure, { move, values, before, since }: Shift, times: readonly string[]): string {
  const begun = times.at(-values) ?? times[0] ?? '';
  const from = `from ${shown(before, measure)} to ${shown(since, measure)}`;
  return `${MEASURES[measure]} ${move} ${from} since ${begun} (${values} of them): likely ${LIKELY[measure][move]}`;
}

/** Of money and time, as a multiple of what was typical. */
function shown(value: number, measure: Measure): string {
  if (measure !== 'money' && measure !== 'latency') return value.toFixed(2);
  return `${(value / Math.max(1e-9, 1 - value)).toFixed(2)} times the usual`;
}
