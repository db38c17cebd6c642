import type { LineNoise } from './board.js';
import type { Chance } from './chance.js';
import type { Device } from './device.js';
import type { Reaction, Weather } from './far-end.js';
import type { HeavyState } from './heavy.js';
import { ALL_MEMORY, type Machine } from './machine.js';
import type { Upset } from './recovery.js';
import type { Nonsense } from './visitors.js';

/** One kind of fault. */
export interface Fault extends Upset {
  /** Its row in docs/FAULTS.md; null: it is in none. */
  readonly row: number | null;
  /** Mean time from the end of one to the beginning of the next. */
  readonly everyHours: number;
  /** Begins it; what it returns ends it. */
  begin(machine: Machine, chance: Chance): () => void;
}

const SOURCES = ['kitchen', 'hall', 'pump'] as const;
const MICROPHONES = ['kitchen', 'hall'] as const;

const atOnce = (happen: (machine: Machine, chance: Chance) => void): Fault['begin'] => {
  return (machine, chance) => {
    happen(machine, chance);
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

const device = (
  state: Device['state'],
  among: readonly [keyof Machine['devices'], ...(keyof Machine['devices'])[]] = SOURCES,
): Fault['begin'] => {
  return ({ devices, board }, chance) => {
    const source = chance.oneOf(among);
    const mine = devices[source];
    mine.state = state;
    if (source === 'pump' && state === 'absent') board.unplug();
    return () => {
      if (mine.state !== state) return;
      mine.state = 'ok';
      // What is unplugged loses its power, unless it has one of its own.
      if (source === 'pump' && state === 'absent' && chance.isTrue(0.5)) board.reset(chance.isTrue(0.5));
    };
  };
};

const tiny = (state: Device['tiny']): Fault['begin'] => {
  return ({ devices }, chance) => {
    const mine = devices[chance.oneOf(MICROPHONES)];
    mine.tiny = state;
    return () => {
      if (mine.tiny === state) mine.tiny = 'ok';
    };
  };
};

/** Something of the machine is otherwise for a while. */
const setting = <Name extends 'heavyState' | 'switches' | 'freeMemory' | 'descriptors'>(
  name: Name,
  value: Machine[Name],
  usual: Machine[Name],
): Fault['begin'] => {
  return (machine) => {
    machine[name] = value;
    return () => {
      if (machine[name] === value) machine[name] = usual;
    };
  };
};

const heavy = (state: HeavyState): Fault['begin'] => setting('heavyState', state, 'ok');

/** Frames of the board's line are not what was sent. */
const noise = (share: number, draw: (frame: Uint8Array, chance: Chance) => Uint8Array): Fault['begin'] => {
  return ({ board }, chance) => {
    const mine: LineNoise = (frame) => (chance.isTrue(share) ? draw(frame, chance) : frame);
    board.noise = mine;
    return () => {
      if (board.noise === mine) board.noise = null;
    };
  };
};

function garbled(frame: Uint8Array, chance: Chance): Uint8Array {
  const bytes = Uint8Array.from(frame);
  bytes[Math.floor(chance.random() * bytes.length)] = Math.floor(chance.random() * 256);
  return bytes;
}

/** Half a frame, or one that never ends. */
function misfit(frame: Uint8Array, chance: Chance): Uint8Array {
  if (chance.isTrue(0.5)) return frame.subarray(0, Math.floor(chance.random() * frame.length));
  return new Uint8Array(Math.floor(chance.between(1_000, 4_000))).fill(7);
}

/** What only a person mends, who then starts it again; a restart alone would not. */
const untilMended = (
  break_: (machine: Machine, chance: Chance) => void,
  mend: (machine: Machine) => void,
): Fault['begin'] => {
  return (machine, chance) => {
    break_(machine, chance);
    machine.crash();
    return () => {
      mend(machine);
      machine.start();
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
    upsets: ['cloud'],
    everyHours: 90,
    lastsSeconds: 900,
    begin: weather((c) => refusing(c.oneOf([401, 403])), true),
  },
  {
    name: 'quota spent',
    row: 16,
    upsets: ['cloud'],
    everyHours: 120,
    lastsSeconds: 1800,
    begin: weather(() => refusing(402), true),
  },
  {
    name: 'gateway too busy',
    row: 17,
    upsets: ['cloud'],
    everyHours: 30,
    lastsSeconds: 300,
    begin: weather((c) => refusing(c.oneOf([429, 503]), c.oneOf([null, 1, 30, 7200]))),
  },
  {
    name: 'too busy',
    row: 17,
    upsets: ['cloud'],
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
    upsets: ['cloud'],
    everyHours: 40,
    lastsSeconds: 120,
    begin: reaction(0.5, (c) => ({ status: c.oneOf([400, 413, 422]), retryAfterMs: null })),
  },
  {
    name: 'login page',
    row: 18,
    upsets: ['cloud'],
    everyHours: 80,
    lastsSeconds: 1200,
    begin: weather((c) => refusing(c.oneOf([302, 200, 404])), true),
  },
  {
    name: 'failing',
    row: 19,
    upsets: ['cloud'],
    everyHours: 15,
    lastsSeconds: 300,
    begin: reaction(0.7, (c) =>
      c.oneOf<Reaction>([{ status: 500, retryAfterMs: null }, 'disconnect', 'mute']),
    ),
  },
  {
    name: 'unreachable',
    row: 19,
    upsets: ['cloud'],
    toldWithinMs: 7_200_000,
    everyHours: 25,
    lastsSeconds: 1800,
    begin: weather(() => ({ kind: 'unreachable' }), true),
  },
  {
    name: 'away for a day',
    row: 19,
    upsets: ['cloud'],
    toldWithinMs: 7_200_000,
    everyHours: 300,
    lastsSeconds: 100_000,
    begin: weather(() => ({ kind: 'unreachable' }), true),
  },
  {
    name: 'half-open',
    row: 20,
    upsets: ['cloud'],
    everyHours: 20,
    lastsSeconds: 120,
    begin: weather(() => ({ kind: 'half-open' })),
  },
  {
    name: 'endless answers',
    row: 21,
    upsets: ['cloud'],
    everyHours: 40,
    lastsSeconds: 120,
    begin: reaction(0.5, (c) => c.oneOf<Reaction>(['drip', 'flood'])),
  },
  {
    name: 'look-up hangs',
    row: 22,
    upsets: ['cloud'],
    everyHours: 30,
    lastsSeconds: 300,
    begin: weather(() => ({ kind: 'hanging' }), true),
  },
  {
    name: 'acknowledgements lost',
    row: 23,
    upsets: ['cloud'],
    everyHours: 20,
    lastsSeconds: 120,
    begin: reaction(0.5, () => 'lost-ack'),
  },
  {
    name: 'garbled answers',
    row: 21,
    upsets: ['cloud'],
    everyHours: 30,
    lastsSeconds: 120,
    begin: reaction(0.5, (c) => c.oneOf<Reaction>(['garbage', 'bad-answer', 'worse-answer'])),
  },
  {
    name: 'disk full',
    row: 24,
    upsets: ['outbox', 'cloud'],
    toldWithinMs: 7_200_000,
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
    upsets: ['outbox', 'cloud'],
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
    upsets: ['outbox', 'cloud'],
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
    upsets: [],
    everyHours: 25,
    lastsSeconds: 0,
    begin: atOnce((machine) => machine.crash()),
  },
  {
    name: 'power cut',
    row: 25,
    upsets: [],
    everyHours: 50,
    lastsSeconds: 0,
    begin: atOnce((machine) => machine.cutPower()),
  },
  {
    name: 'bit rot',
    row: 26,
    upsets: ['outbox'],
    everyHours: 100,
    lastsSeconds: 0,
    begin: atOnce((machine) => machine.rot()),
  },
  {
    name: 'wall clock jumps',
    row: 27,
    upsets: [],
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
  {
    name: 'device unplugged',
    row: 2,
    upsets: ['source'],
    toldWithinMs: 300_000,
    everyHours: 10,
    lastsSeconds: 120,
    begin: device('absent'),
  },
  {
    name: 'device away for hours',
    row: 1,
    upsets: ['source'],
    toldWithinMs: 300_000,
    everyHours: 150,
    lastsSeconds: 14_400,
    begin: device('absent'),
  },
  {
    name: 'device hangs',
    row: 4,
    upsets: ['source'],
    toldWithinMs: 300_000,
    everyHours: 15,
    lastsSeconds: 60,
    begin: device('hung'),
  },
  {
    name: 'overrun',
    row: 3,
    upsets: [],
    everyHours: 3,
    lastsSeconds: 0,
    begin: atOnce(({ devices }, c) => {
      devices[c.oneOf(MICROPHONES)].overrunSamples += Math.ceil(c.between(0, 50));
    }),
  },
  {
    name: 'heavy hangs',
    row: 14,
    upsets: ['heavy'],
    everyHours: 12,
    lastsSeconds: 300,
    begin: heavy('hung'),
  },
  { name: 'heavy slow', row: 14, upsets: ['heavy'], everyHours: 12, lastsSeconds: 300, begin: heavy('slow') },
  {
    name: 'heavy crashes',
    row: 15,
    upsets: ['heavy'],
    everyHours: 12,
    lastsSeconds: 600,
    begin: heavy('crashing'),
  },
  {
    name: 'heavy does not start',
    row: 15,
    upsets: ['heavy'],
    everyHours: 30,
    lastsSeconds: 600,
    begin: heavy('unstartable'),
  },
  {
    name: 'thread crashes',
    row: null,
    upsets: ['worker', 'source', 'heavy'],
    toldWithinMs: 1_000,
    everyHours: 20,
    lastsSeconds: 0,
    begin: atOnce(({ house }, c) => house?.threads.get(c.oneOf(SOURCES))?.crash()),
  },
  {
    name: 'thread hangs',
    row: null,
    upsets: ['worker', 'source', 'heavy'],
    toldWithinMs: 150_000,
    everyHours: 30,
    lastsSeconds: 0,
    begin: atOnce(({ house }, c) => house?.threads.get(c.oneOf(SOURCES))?.hang()),
  },
  {
    name: 'broker away',
    row: 28,
    upsets: [],
    everyHours: 20,
    lastsSeconds: 600,
    begin: setting('switches', 'away', 'ok'),
  },
  {
    name: 'broker silent',
    row: 28,
    upsets: [],
    everyHours: 30,
    lastsSeconds: 300,
    begin: setting('switches', 'mute', 'ok'),
  },
  {
    name: 'audio all zero',
    row: 5,
    upsets: ['source'],
    toldWithinMs: 300_000,
    everyHours: 40,
    lastsSeconds: 300,
    begin: device('zero', MICROPHONES),
  },
  {
    name: 'audio clipped',
    row: 5,
    upsets: ['source'],
    toldWithinMs: 300_000,
    everyHours: 40,
    lastsSeconds: 300,
    begin: device('clipped', MICROPHONES),
  },
  {
    name: 'line garbled',
    row: 6,
    upsets: ['source'],
    everyHours: 15,
    lastsSeconds: 60,
    begin: noise(0.3, garbled),
  },
  {
    name: 'frames cut or too long',
    row: 7,
    upsets: ['source'],
    everyHours: 15,
    lastsSeconds: 60,
    begin: noise(0.3, misfit),
  },
  {
    name: 'board resets',
    row: 8,
    upsets: ['source'],
    everyHours: 20,
    lastsSeconds: 0,
    begin: atOnce(({ board }, c) => board.reset(c.isTrue(0.5))),
  },
  {
    name: 'board under another tty',
    row: 9,
    upsets: ['source'],
    everyHours: 30,
    lastsSeconds: 5,
    begin: device('absent', ['pump']),
  },
  {
    name: 'heavy corrupt',
    row: 10,
    upsets: ['heavy'],
    everyHours: 60,
    lastsSeconds: 1800,
    begin: heavy('corrupt'),
  },
  {
    name: 'tiny corrupt',
    row: 10,
    upsets: [],
    everyHours: 200,
    lastsSeconds: 1800,
    begin: untilMended(
      (machine) => {
        machine.tinyWeights = 'corrupt';
      },
      (machine) => {
        machine.tinyWeights = 'whole';
      },
    ),
  },
  {
    name: 'heavy of a wrong shape',
    row: 11,
    upsets: ['heavy'],
    everyHours: 60,
    lastsSeconds: 1800,
    begin: heavy('misshapen'),
  },
  {
    name: 'no number now and then',
    row: 12,
    upsets: ['stages', 'worker'],
    everyHours: 10,
    lastsSeconds: 0,
    begin: atOnce(({ devices }, c) => {
      devices[c.oneOf(SOURCES)].badHops += c.oneOf([1, 2]);
    }),
  },
  {
    name: 'tiny gives no number',
    row: 12,
    upsets: ['stages', 'worker'],
    everyHours: 100,
    lastsSeconds: 60,
    begin: tiny('no-number'),
  },
  {
    name: 'heavy gives no number',
    row: 12,
    upsets: ['stages', 'worker'],
    everyHours: 30,
    lastsSeconds: 3600,
    begin: heavy('no-number'),
  },
  {
    name: 'tiny slow',
    row: 13,
    upsets: ['source', 'worker'],
    everyHours: 30,
    lastsSeconds: 300,
    begin: tiny('slow'),
  },
  {
    name: 'visitor stops reading',
    row: 29,
    upsets: [],
    everyHours: 15,
    lastsSeconds: 0,
    begin: atOnce(({ house }) => house?.visitors.stopReading()),
  },
  {
    name: 'visitor sends nonsense',
    row: 30,
    upsets: [],
    everyHours: 15,
    lastsSeconds: 0,
    begin: atOnce(({ house }, c) =>
      house?.visitors.sendNonsense(c.oneOf<Nonsense>(['text', 'unknown', 'binary'])),
    ),
  },
  {
    name: 'strangers on the page',
    row: 31,
    upsets: [],
    everyHours: 15,
    lastsSeconds: 0,
    begin: atOnce(({ house }) => house?.visitors.comeFromElsewhere()),
  },
  {
    name: 'configuration broken',
    row: 32,
    upsets: [],
    everyHours: 150,
    lastsSeconds: 900,
    begin: untilMended(
      ({ configuration }, c) => configuration.damage(c),
      ({ configuration }) => configuration.mend(),
    ),
  },
  {
    name: 'SIGTERM',
    row: 33,
    upsets: [],
    everyHours: 25,
    lastsSeconds: 0,
    begin: atOnce((machine, c) => machine.terminate(c.isTrue(0.2) ? c.between(0, 5_000) : null)),
  },
  {
    name: 'memory short',
    row: 34,
    upsets: ['memory', 'heavy'],
    toldWithinMs: 10_000,
    everyHours: 20,
    lastsSeconds: 600,
    begin: setting('freeMemory', 0.03, ALL_MEMORY),
  },
  {
    name: 'main thread stalls',
    row: 35,
    upsets: ['worker', 'source'],
    everyHours: 60,
    lastsSeconds: 0,
    begin: atOnce((machine) => machine.stall()),
  },
  {
    name: 'out of descriptors',
    row: 36,
    upsets: ['source', 'cloud', 'outbox', 'heavy'],
    everyHours: 30,
    lastsSeconds: 600,
    begin: setting('descriptors', 'none', 'some'),
  },
  {
    name: 'heavy killed at an order',
    row: 37,
    upsets: ['heavy'],
    everyHours: 10,
    lastsSeconds: 0,
    begin: atOnce((machine, c) => {
      const { time, orderMs } = machine;
      time.timer(orderMs - time.nowMs + c.between(500, 4_000), () => machine.house?.killHeavy());
    }),
  },
];
