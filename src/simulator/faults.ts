import type { Chance } from './chance.js';
import type { Device } from './device.js';
import type { SimulatedDisk } from './disk.js';
import type { Reaction, SimulatedFarEnd, Weather } from './far-end.js';
import type { HeavyState } from './heavy.js';
import type { SimulatedThread } from './thread.js';
import type { VirtualTime } from './virtual-time.js';

/** What faults befall. */
export interface World {
  readonly time: VirtualTime;
  readonly disk: SimulatedDisk;
  readonly farEnd: SimulatedFarEnd;
  /** Reactions in place of an answer while faults last; the newest counts. */
  readonly reactions: ((key: string) => Reaction | null)[];
  readonly devices: Readonly<Record<string, Device>>;
  heavyState: HeavyState;
  /** How the broker does that switches are reached by. */
  switches: 'ok' | 'away' | 'mute';
  /** The thread of a source, where there is one. */
  thread(source: string): SimulatedThread | null;
  /** Kills the process and starts it again. */
  crash(): void;
  /** The same with the whole machine. */
  cutPower(): void;
  /** A stored upload rots. */
  rot(): void;
}

/** One kind of fault. */
export interface Fault {
  readonly name: string;
  /** Its row in docs/FAULTS.md. */
  readonly row: number;
  /** Mean time from the end of one to the beginning of the next. */
  readonly everyHours: number;
  /** Mean time it lasts; 0: it happens at once. */
  readonly lastsSeconds: number;
  /** Begins it; what it returns ends it. */
  begin(world: World, chance: Chance): () => void;
}

const SOURCES = ['kitchen', 'hall', 'pump'] as const;

const atOnce = (happen: (world: World, chance: Chance) => void): Fault['begin'] => {
  return (world, chance) => {
    happen(world, chance);
    return () => {};
  };
};

const weather = (draw: (chance: Chance) => Weather, breaks = false): Fault['begin'] => {
  return ({ farEnd }, chance) => {
    const mine = draw(chance);
    farEnd.weather = mine;
    if (breaks) farEnd.disconnectAll();
    return () => {
      if (farEnd.weather === mine) farEnd.weather = { kind: 'fair' };
    };
  };
};

const reaction = (share: number, draw: (chance: Chance) => Reaction): Fault['begin'] => {
  return ({ reactions }, chance) => {
    const mine = () => (chance.isTrue(share) ? draw(chance) : null);
    reactions.push(mine);
    return () => {
      reactions.splice(reactions.indexOf(mine), 1);
    };
  };
};

const device = (state: Device['state']): Fault['begin'] => {
  return ({ devices }, chance) => {
    const mine = devices[chance.oneOf(SOURCES)] as Device;
    mine.state = state;
    return () => {
      if (mine.state === state) mine.state = 'ok';
    };
  };
};

const heavy = (state: HeavyState): Fault['begin'] => {
  return (world) => {
    world.heavyState = state;
    return () => {
      if (world.heavyState === state) world.heavyState = 'ok';
    };
  };
};

const switches = (state: World['switches']): Fault['begin'] => {
  return (world) => {
    world.switches = state;
    return () => {
      world.switches = 'ok';
    };
  };
};

const refusing = (status: number, retryAfterSeconds: number | null = null): Weather => ({
  kind: 'refusing',
  status,
  retryAfterSeconds,
});

/** Every fault that befalls a simulated house. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'secret refused',
    row: 16,
    everyHours: 90,
    lastsSeconds: 900,
    begin: weather((c) => refusing(c.oneOf([401, 403])), true),
  },
  {
    name: 'quota spent',
    row: 16,
    everyHours: 120,
    lastsSeconds: 1800,
    begin: weather(() => refusing(402), true),
  },
  {
    name: 'gateway too busy',
    row: 17,
    everyHours: 30,
    lastsSeconds: 300,
    begin: weather((c) => refusing(c.oneOf([429, 503]), c.oneOf([null, 1, 30, 7200]))),
  },
  {
    name: 'too busy',
    row: 17,
    everyHours: 20,
    lastsSeconds: 300,
    begin: reaction(0.8, (c) => ({
      status: c.oneOf([429, 503]),
      retryAfterMs: c.oneOf([null, 500, 60_000]),
    })),
  },
  {
    name: 'event refused',
    row: 18,
    everyHours: 40,
    lastsSeconds: 120,
    begin: reaction(0.5, (c) => ({ status: c.oneOf([400, 413, 422]), retryAfterMs: null })),
  },
  {
    name: 'login page',
    row: 18,
    everyHours: 80,
    lastsSeconds: 1200,
    begin: weather((c) => refusing(c.oneOf([302, 200, 404])), true),
  },
  {
    name: 'failing',
    row: 19,
    everyHours: 15,
    lastsSeconds: 300,
    begin: reaction(0.7, (c) =>
      c.oneOf<Reaction>([{ status: 500, retryAfterMs: null }, 'disconnect', 'mute']),
    ),
  },
  {
    name: 'unreachable',
    row: 19,
    everyHours: 25,
    lastsSeconds: 1800,
    begin: weather(() => ({ kind: 'unreachable' }), true),
  },
  {
    name: 'away for a day',
    row: 19,
    everyHours: 300,
    lastsSeconds: 100_000,
    begin: weather(() => ({ kind: 'unreachable' }), true),
  },
  {
    name: 'half-open',
    row: 20,
    everyHours: 20,
    lastsSeconds: 120,
    begin: weather(() => ({ kind: 'half-open' })),
  },
  {
    name: 'endless answers',
    row: 21,
    everyHours: 40,
    lastsSeconds: 120,
    begin: reaction(0.5, (c) => c.oneOf<Reaction>(['drip', 'flood'])),
  },
  {
    name: 'look-up hangs',
    row: 22,
    everyHours: 30,
    lastsSeconds: 300,
    begin: weather(() => ({ kind: 'hanging' }), true),
  },
  {
    name: 'acknowledgements lost',
    row: 23,
    everyHours: 20,
    lastsSeconds: 120,
    begin: reaction(0.5, () => 'lost-ack'),
  },
  {
    name: 'garbled answers',
    row: 21,
    everyHours: 30,
    lastsSeconds: 120,
    begin: reaction(0.5, (c) => c.oneOf<Reaction>(['garbage', 'bad-answer', 'worse-answer'])),
  },
  {
    name: 'disk full',
    row: 24,
    everyHours: 40,
    lastsSeconds: 1800,
    begin: ({ disk }) => {
      disk.state = 'full';
      return () => {
        disk.state = 'ok';
      };
    },
  },
  {
    name: 'disk read-only',
    row: 24,
    everyHours: 90,
    lastsSeconds: 900,
    begin: ({ disk }) => {
      disk.state = 'read-only';
      return () => {
        disk.state = 'ok';
      };
    },
  },
  {
    name: 'disk slow',
    row: 24,
    everyHours: 40,
    lastsSeconds: 600,
    begin: ({ disk }, c) => {
      const before = disk.writeMs;
      disk.writeMs = c.between(500, 8000);
      return () => {
        disk.writeMs = before;
      };
    },
  },
  {
    name: 'process killed',
    row: 25,
    everyHours: 25,
    lastsSeconds: 0,
    begin: atOnce((world) => world.crash()),
  },
  { name: 'power cut', row: 25, everyHours: 50, lastsSeconds: 0, begin: atOnce((world) => world.cutPower()) },
  { name: 'bit rot', row: 26, everyHours: 100, lastsSeconds: 0, begin: atOnce((world) => world.rot()) },
  {
    name: 'wall clock jumps',
    row: 27,
    everyHours: 60,
    lastsSeconds: 3600,
    begin: ({ time }, c) => {
      const by = c.oneOf([-1, 1]) * c.between(60_000, 31_536_000_000);
      time.wallOffsetMs += by;
      return () => {
        time.wallOffsetMs -= by;
      };
    },
  },
  { name: 'device unplugged', row: 2, everyHours: 10, lastsSeconds: 120, begin: device('absent') },
  { name: 'device away for hours', row: 1, everyHours: 150, lastsSeconds: 14_400, begin: device('absent') },
  { name: 'device hangs', row: 4, everyHours: 15, lastsSeconds: 60, begin: device('hung') },
  {
    name: 'overrun',
    row: 3,
    everyHours: 3,
    lastsSeconds: 0,
    begin: atOnce(({ devices }, c) => {
      (devices[c.oneOf(SOURCES)] as Device).overrunSamples += Math.ceil(c.between(0, 50));
    }),
  },
  { name: 'heavy hangs', row: 14, everyHours: 12, lastsSeconds: 300, begin: heavy('hung') },
  { name: 'heavy slow', row: 14, everyHours: 12, lastsSeconds: 300, begin: heavy('slow') },
  { name: 'heavy crashes', row: 15, everyHours: 12, lastsSeconds: 600, begin: heavy('crashing') },
  { name: 'heavy does not start', row: 15, everyHours: 30, lastsSeconds: 600, begin: heavy('unstartable') },
  {
    name: 'thread crashes',
    row: 37,
    everyHours: 20,
    lastsSeconds: 0,
    begin: atOnce((world, c) => world.thread(c.oneOf(SOURCES))?.crash()),
  },
  {
    name: 'thread hangs',
    row: 37,
    everyHours: 30,
    lastsSeconds: 0,
    begin: atOnce((world, c) => world.thread(c.oneOf(SOURCES))?.hang()),
  },
  { name: 'broker away', row: 28, everyHours: 20, lastsSeconds: 600, begin: switches('away') },
  { name: 'broker silent', row: 28, everyHours: 30, lastsSeconds: 300, begin: switches('mute') },
];
