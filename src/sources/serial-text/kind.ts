import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { channelSettings, sensorSettings, timeSettings } from '../settings.js';
import { deviceOf, type SourceKind } from '../source-kind.js';
import { TIME_UNITS } from '../times.js';

const channelSchema = (z: Zod) =>
  z.strictObject(
    channelSettings(
      z,
      'Name of the value in a line, or a.b.0 in JSON; without it the name, or its place in the line.',
    ),
  );

const schema = (z: Zod) =>
  z.strictObject({
    ...sensorSettings(z),
    kind: z.literal('serial-text'),
    path: z
      .string()
      .min(1)
      .describe('Serial device; a stable name such as /dev/serial/by-id/... is found again.'),
    baud: z.int().min(300).max(4_000_000).default(115_200).describe('Bits a second of the line.'),
    rateHz: z.number().positive().describe('Lines a second that are expected.'),
    channels: z
      .array(channelSchema(z))
      .min(1)
      .max(64)
      .nullable()
      .default(null)
      .describe('Values to take from each line; without it all that the first line holds.'),
    time: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Name of the time in a line; it tells how much was lost.'),
    ...timeSettings(z),
    silentMs: z
      .int()
      .min(100)
      .nullable()
      .default(null)
      .describe('Silence after which the line counts as lost; without it ten lines, and at least 5 s.'),
  });

type SerialTextConfig = z.infer<ReturnType<typeof schema>>;

/** Lines of text on a serial port, as boards print them. */
export const serialText = {
  kind: 'serial-text',
  schema,
  async open(config, { clock, timer, onHealth }) {
    const { SerialTextSource } = await import('./serial-text.js');
    const source = new SerialTextSource({ ...optionsOf(config), clock, timer, onHealth });
    return deviceOf(source, config.path);
  },
  async check(config, { folder, clock, timer }) {
    const remedy = 'check the path, or plug the board in; `catnap devices` lists what there is';
    const found = (await import('../path-check.js')).checkPath(folder, config.path, remedy);
    if (found.level !== 'ok') return found;
    return (await import('./check.js')).checkLines({ ...optionsOf(config), clock, timer });
  },
} as const satisfies SourceKind<SerialTextConfig>;

function optionsOf({ timeUnit, ...config }: SerialTextConfig) {
  return { ...config, timeUnitSeconds: timeUnit === null ? null : (TIME_UNITS[timeUnit] ?? null) };
}
