import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { sensorSettings } from '../settings.js';
import { deviceOf, type SourceKind } from '../source-kind.js';

const schema = (z: Zod) =>
  z.strictObject({
    ...sensorSettings(z),
    kind: z.literal('serial'),
    path: z
      .string()
      .min(1)
      .describe(
        'Serial device; a stable name such as /dev/serial/by-id/... is found again after unplugging.',
      ),
    baud: z.int().min(300).max(4_000_000).default(115_200).describe('Bits a second of the line.'),
    rateHz: z.number().positive().nullable().default(null).describe('Rows a second to set on the board.'),
    rowsPerFrame: z
      .int()
      .min(1)
      .max(2000)
      .nullable()
      .default(null)
      .describe('Rows a frame to set on the board.'),
    gateThreshold: z
      .number()
      .min(0)
      .max(4000)
      .nullable()
      .default(null)
      .describe("Multiple of the mean deviation that opens the board's own gate; 0 turns the gate off."),
    idleMs: z
      .int()
      .min(100)
      .default(2000)
      .describe('Silence after which the board is asked for a new hello.'),
    answerMs: z.int().min(100).default(3000).describe('How long the board may take to answer.'),
  });

/** A board on a serial line. */
export const serial = {
  kind: 'serial',
  schema,
  async open(config, { clock, timer, onHealth }) {
    const { SerialSource } = await import('./serial.js');
    const board = new SerialSource({ ...config, clock, timer, onHealth: onHealth('values') });
    return deviceOf(board, config.path, (text) => board.command(text));
  },
  async check({ path }, { folder }) {
    const { listSerialDevices } = await import('./devices.js');
    const { checkPath } = await import('../path-check.js');
    const there = (await listSerialDevices()).map((device) => device.path);
    return checkPath(
      folder,
      path,
      there.length > 0 ? `there is: ${there.join(', ')}` : 'check the path, or plug the board in',
    );
  },
  async attached() {
    const { listSerialDevices } = await import('./devices.js');
    const devices = (await listSerialDevices()).map(({ path, tty }) => ({
      line: `${path}  now ${tty}`,
      about: { path, tty },
    }));
    return { name: 'serial', title: 'Serial boards (path:)', devices, problem: null };
  },
  async question(ask) {
    return {
      id: 'board',
      settings: { path: await ask('Path', '/dev/serial/by-id/') },
      notes: { path: 'a stable path below /dev/serial/by-id' },
    };
  },
} as const satisfies SourceKind<z.infer<ReturnType<typeof schema>>>;
