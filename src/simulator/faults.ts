import { CLOUD_FAULTS } from './cloud-faults.js';
import {
  atOnce,
  device,
  type Fault,
  garbled,
  heavy,
  MICROPHONES,
  misfit,
  noise,
  SOURCES,
  setting,
  tiny,
  untilMended,
} from './fault.js';
import { ALL_MEMORY } from './machine.js';
import type { Nonsense } from './visitors.js';

/** Every fault that befalls a simulated house. */
export const FAULTS: readonly Fault[] = [
  ...CLOUD_FAULTS,
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
