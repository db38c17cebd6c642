import type { CascadeEvent } from '../core/events/events.js';
import { quantile } from '../core/quantile.js';
import { mulberry32 } from '../core/random.js';
import { DriftWatch } from '../learning/drift/drift-watch.js';
import { type Conditions, gauss, houseOf, USUAL, wakeOf } from './simulated-wake.js';

/** What changes in a simulated house, and what of its cause has to be told. */
const CHANGES = {
  'gain -12 dB': {
    conditions: { gainDb: -12, tiny: -0.6, heavy: -0.8 },
    cause: /the microphone was turned down/,
  },
  'new noise': { conditions: { floorDb: USUAL.floorDb + 10, noise: 2 }, cause: /a new noise/ },
  'new speaker': { conditions: { newcomer: 0.5 }, cause: /somebody new speaks/ },
  'sensor offset': { conditions: { tiny: 1, noise: 1 }, cause: /the sensor has an offset/ },
  'price doubled': { conditions: { price: 2 }, cause: /the provider charges more/ },
} as const satisfies Readonly<Record<string, { conditions: Partial<Conditions>; cause: RegExp }>>;

/** Of a sensor there is no sound. */
const SILENT = 'sensor offset';

/** Words that are said on average; a day has half as many to half as many more, and noises that are taken for one. */
const WORDS_A_DAY = 27;
/** Guesses: how days differ, in logits of both stages and in decibels of the noise floor. */
const MOOD = { logits: 0.4, floorDb: 2 } as const;
const DAYS = { before: 30, after: 30 } as const;

/** How soon a change is told of, and how often one is that there was not. */
export interface DriftBench {
  readonly days: { readonly before: number; readonly after: number };
  readonly wordsADay: number;
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
  /** Houses in which the first alarm names what it was, and those in which any does. */
  readonly named: number;
  readonly namedInTheEnd: number;
}

/** Simulates houses that are as usual for a month, and then change, or do not. */
export function benchDrift(houses: number, onHouse: () => void = () => {}): DriftBench {
  let falseAlarms = 0;
  const months = (houses * (DAYS.before + DAYS.after)) / 30;
  for (let house = 0; house < houses; house++) {
    falseAlarms += alarmsOf(house, {}).length;
    onHouse();
  }
  const changes = Object.entries(CHANGES).map(([change, { conditions, cause }], at) => {
    const told = Array.from({ length: houses }, (_, house) => {
      onHouse();
      const alarms = alarmsOf(house + (at + 1) * houses, conditions, change === SILENT);
      return alarms.filter(({ day }) => day >= DAYS.before);
    });
    const firsts = told.flatMap(([first]) => (first === undefined ? [] : [first]));
    const delays = firsts.map(({ day }) => day - DAYS.before);
    return {
      change,
      found: firsts.length,
      houses,
      medianDays: delays.length === 0 ? null : quantile(delays, 0.5),
      p90Days: delays.length === 0 ? null : quantile(delays, 0.9),
      toldBy: mostOften(firsts.map(({ component }) => component)),
      named: firsts.filter(({ detail }) => cause.test(detail)).length,
      namedInTheEnd: told.filter((alarms) => alarms.some(({ detail }) => cause.test(detail))).length,
    };
  });
  return { days: DAYS, wordsADay: WORDS_A_DAY, falseAlarmsAMonth: falseAlarms / months, months, changes };
}

interface Alarm {
  readonly day: number;
  readonly component: string;
  readonly detail: string;
}

function alarmsOf(seed: number, change: Partial<Conditions>, isSilent = false): readonly Alarm[] {
  const watch = new DriftWatch();
  const alarms: Alarm[] = [];
  for (const { day, event } of eventsOf(seed, change)) {
    for (const { component, state, detail } of watch.take(isSilent ? withoutSound(event) : event))
      if (state === 'degraded') alarms.push({ day, component, detail });
  }
  return alarms;
}

function withoutSound(event: CascadeEvent): CascadeEvent {
  if (!('sound' in event)) return event;
  const { sound: _, ...rest } = event;
  return rest;
}

function* eventsOf(
  seed: number,
  change: Partial<Conditions>,
): Iterable<{ day: number; event: CascadeEvent }> {
  const random = mulberry32(seed * 7919 + 1);
  const house = houseOf(random);
  let count = 0;
  for (let day = 0; day < DAYS.before + DAYS.after; day++) {
    const conditions = day < DAYS.before ? USUAL : { ...USUAL, ...change };
    // Some days are busier, and some are noisier: days are no independent draws of wakes.
    const busy = WORDS_A_DAY * (1 + conditions.noise) * (0.5 + random());
    const [mood, moodDb] = [MOOD.logits * gauss(random), MOOD.floorDb * gauss(random)];
    const times = Array.from({ length: Math.round(busy) }, () => day + (7 + 15 * random()) / 24).sort(
      (a, b) => a - b,
    );
    for (const at of times) {
      count += 1;
      for (const event of wakeOf(count, at, { ...house, mood, moodDb, conditions }, random))
        yield { day: at, event };
    }
  }
}

function mostOften(names: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
