import type { CascadeEvent } from '../../core/events/events.js';
import type { Health } from '../../core/events/health.js';
import { mean, variance } from '../../core/moments.js';
import { median } from '../../core/quantile.js';
import { likely, SOUND_MEASURES, type SoundMoves } from './likely.js';
import { MeanWatch, type Shift } from './mean-watch.js';
import { fromTo, MEASURES, type Measure, MeasureReader, onScale } from './measures.js';

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
  readonly #reader = new MeasureReader();

  constructor(private readonly options: DriftOptions = USUAL_DRIFT) {}

  /** Takes the next event; what there is to tell. */
  take(event: CascadeEvent): readonly DriftNews[] {
    return this.#reader.of(event).flatMap(([source, measure, value]) => {
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
    const sound = this.#soundMoves(source, its.newest.at(-found.values)?.time ?? '');
    return { component, state: 'degraded', code: 'DRIFT', detail: told(measure, found, its.newest, sound) };
  }

  /** How the sound of a source moved with a shift that began then; null of what is no sound. */
  #soundMoves(source: string, begun: string): SoundMoves {
    const of = (measure: (typeof SOUND_MEASURES)[number]) =>
      this.#watches.get(`${source}/drift-${measure}`)?.newest ?? [];
    if (SOUND_MEASURES.every((measure) => of(measure).length === 0)) return null;
    const [level, floor, pitch] = SOUND_MEASURES.map((measure) => moveOf(of(measure), begun, measure));
    return { level: level ?? 0, floor: floor ?? 0, pitch: pitch ?? 0 };
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
/** What the sound has to have moved by to be named as a cause: standard errors, and decibels or semitones. */
const MOVED_ERRORS = 3;
const MEANT_MIN = { level: 2, floor: 2, pitch: 0.7 } as const;
/** No narrower is usual taken to be, decibels or semitones: somebody steps back, or asks. Of others 0.05. */
const SPREAD_MIN: Partial<Record<Measure, number>> = { level: 1, floor: 1, pitch: 0.5 };
/** Values on each side of a shift without which nothing is said of the sound. */
const SIDE_MIN = 5;
/** Values whose middle is what is typical. */
const TYPICAL_VALUES = 25;

/**
 * A value as one from 0 to 1 by how usual it is: a half is the middle of what there was when the watch began, and most
 * of that lay between a fifth and four fifths.
 */
function inUnit(value: number, measure: Measure, typical: number[]): number {
  if (measure === 'refused' || measure === 'escalated') return value;
  const at = onScale(value, measure);
  if (typical.length < TYPICAL_VALUES) typical.push(at);
  const middle = median(typical);
  const spread = median(typical.map((each) => Math.abs(each - middle)));
  return 1 / (1 + Math.exp(-(at - middle) / Math.max(spread, SPREAD_MIN[measure] ?? 0.05)));
}

function told(
  measure: Measure,
  { move, values }: Shift,
  newest: Watched['newest'],
  sound: SoundMoves,
): string {
  const [before, since] = [newest.slice(0, -values), newest.slice(-values)];
  const meanOf = (part: Watched['newest']): number => mean(part.map(({ value }) => value));
  const by = fromTo(meanOf(before), meanOf(since), measure);
  const begun = since[0]?.time ?? '';
  return `${MEASURES[measure]} ${move} ${by} since ${begun} (${values} of them): likely ${likely(measure, move, sound)}`;
}

/** How far the mean moved at a time, on its scale; 0 where it may be chance, or means nothing. */
function moveOf(newest: Watched['newest'], begun: string, measure: (typeof SOUND_MEASURES)[number]): number {
  const [before, since] = [false, true].map((isSince) =>
    newest.filter(({ time }) => time >= begun === isSince).map(({ value }) => onScale(value, measure)),
  ) as [number[], number[]];
  if (Math.min(before.length, since.length) < SIDE_MIN) return 0;
  const by = mean(since) - mean(before);
  const error = Math.sqrt(variance(before) / before.length + variance(since) / since.length);
  return Math.abs(by) < MOVED_ERRORS * error || Math.abs(by) < MEANT_MIN[measure] ? 0 : by;
}
