import type { CascadeEvent } from '../core/events/events.js';
import { quantile } from '../core/quantile.js';
import { mulberry32 } from '../core/random.js';
import { DriftWatch } from '../learning/drift/drift-watch.js';
import { type Conditions, gauss, USUAL, wakeOf } from './simulated-wake.js';

/** What changes in a simulated house, and which measure has to tell. */
const CHANGES = {
  'gain -12 dB': { tiny: -0.6, heavy: -0.8 },
  'new noise': { noise: 2 },
  'new speaker': { heavy: -0.5, escalated: 0.25 },
  'sensor offset': { tiny: 1, noise: 1 },
  'price doubled': { price: 2 },
} as const satisfies Readonly<Record<string, Partial<Conditions>>>;

/** On average; a day has half as many to half as many more. */
const WAKES_A_DAY = 40;
const DAYS = { before: 30, after: 30 } as const;

/** How soon a change is told of, and how often one is that there was not. */
export interface DriftBench {
  readonly days: { readonly before: number; readonly after: number };
  readonly wakesADay: number;
  /** False alarms a month of a house in which nothing changes, by kinds of house. */
  readonly falseAlarmsAMonth: number;
  readonly months: number;
  readonly changes: readonly ChangeFound[];
}

/** What became of a change over all houses. */
export interface ChangeFound {
  readonly change: string;
  readonly found: number;
  readonly houses: number;
  /** Days from the change to the first alarm; of those found. */
  readonly medianDays: number | null;
  readonly p90Days: number | null;
  /** The measure that told first, most often. */
  readonly toldBy: string | null;
}

/** Simulates houses that are as usual for a month, and then change, or do not. */
export function benchDrift(houses: number, onHouse: () => void = () => {}): DriftBench {
  let falseAlarms = 0;
  const months = (houses * (DAYS.before + DAYS.after)) / 30;
  for (let house = 0; house < houses; house++) {
    falseAlarms += alarmsOf(house, {}).length;
    onHouse();
  }
  const changes = Object.entries(CHANGES).map(([change, conditions], at) => {
    const firsts = Array.from({ length: houses }, (_, house) => {
      onHouse();
      return alarmsOf(house + (at + 1) * houses, conditions).find(({ day }) => day >= DAYS.before);
    }).filter((first) => first !== undefined);
    const delays = firsts.map(({ day }) => day - DAYS.before);
    return {
      change,
      found: firsts.length,
      houses,
      medianDays: delays.length === 0 ? null : quantile(delays, 0.5),
      p90Days: delays.length === 0 ? null : quantile(delays, 0.9),
      toldBy: mostOften(firsts.map(({ component }) => component)),
    };
  });
  return { days: DAYS, wakesADay: WAKES_A_DAY, falseAlarmsAMonth: falseAlarms / months, months, changes };
}

function alarmsOf(seed: number, change: Partial<Conditions>): readonly { day: number; component: string }[] {
  const watch = new DriftWatch();
  const alarms: { day: number; component: string }[] = [];
  for (const { day, event } of houseOf(seed, change)) {
    for (const { component, state } of watch.take(event))
      if (state === 'degraded') alarms.push({ day, component });
  }
  return alarms;
}

function* houseOf(seed: number, change: Partial<Conditions>): Iterable<{ day: number; event: CascadeEvent }> {
  const random = mulberry32(seed * 7919 + 1);
  let count = 0;
  for (let day = 0; day < DAYS.before + DAYS.after; day++) {
    const conditions = day < DAYS.before ? USUAL : { ...USUAL, ...change };
    // Some days are busier, and some are noisier: days are no independent draws of wakes.
    const busy = WAKES_A_DAY * (0.5 + random());
    const mood = 0.4 * gauss(random);
    for (let n = 0; n < busy; n++) {
      count += 1;
      const at = day + (7 + (15 * n) / busy) / 24;
      for (const event of wakeOf(count, at, conditions, mood, random)) yield { day: at, event };
    }
  }
}

function mostOften(names: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
