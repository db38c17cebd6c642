import * as z from '../core/zod.js';

const common = {
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/i, 'letters, digits and dashes')
    .describe('Name of the source in every event.'),
  cascade: z
    .string()
    .default('sensor')
    .describe('Name of the cascade, below `cascades`, that watches this source.'),
  hopRows: z
    .int()
    .min(1)
    .max(100_000)
    .nullable()
    .default(null)
    .describe('Rows judged at a time; without it one up to 10 Hz, else about 100 ms.'),
};

const speed = z
  .number()
  .min(0)
  .default(1)
  .describe('Pace of the recording: 1 is real time, 20 twenty times as fast, 0 as fast as it goes.');

export const serialConfigSchema = z.strictObject({
  ...common,
  kind: z.literal('serial'),
  path: z
    .string()
    .min(1)
    .describe('Serial device; a stable name such as /dev/serial/by-id/... is found again after unplugging.'),
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
  idleMs: z.int().min(100).default(2000).describe('Silence after which the board is asked for a new hello.'),
  answerMs: z.int().min(100).default(3000).describe('How long the board may take to answer.'),
});

export const serialRecordingConfigSchema = z.strictObject({
  ...common,
  kind: z.literal('serial-recording'),
  path: z.string().min(1).describe('Recorded bytes of a board (.bridge), relative to this file.'),
  speed,
  loop: z.boolean().default(false).describe('Start again at the end, as a board that was reset does.'),
});

const channel = z.strictObject({
  name: z.string().min(1).describe('Name of the channel in events.'),
  unit: z.string().default('').describe('Unit of its values.'),
});

/** How a CSV file is read. */
export const tableFields = {
  separator: z
    .enum([',', ';', '\t', '|', 'auto'])
    .default('auto')
    .describe('Between fields; auto takes the one the header has most of.'),
  time: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'Column of times (ISO 8601, or seconds); without it a column named like time, if there is one.',
    ),
  rateHz: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Rows a second; needed where there is no time column.'),
  columns: z
    .array(z.string().min(1))
    .nullable()
    .default(null)
    .describe('Columns to watch; without it every column of numbers.'),
  ignore: z.array(z.string().min(1)).default([]).describe('Columns to leave out, such as labels.'),
  fillRows: z
    .int()
    .min(0)
    .max(10_000)
    .default(5)
    .describe('Up to this many rows missing between two times count as missing values; more are a gap.'),
  raggedRows: z
    .enum(['skip', 'refuse'])
    .default('skip')
    .describe('Rows with too few or too many fields: counted as a gap, or an error.'),
};

export const csvConfigSchema = z.strictObject({
  ...common,
  kind: z.literal('csv'),
  path: z.string().min(1).describe('CSV file with a header line, relative to this file.'),
  speed,
  ...tableFields,
});

export const mqttSourceConfigSchema = z.strictObject({
  ...common,
  kind: z.literal('mqtt'),
  url: z.string().min(1).describe('Broker, as mqtt://host:1883 or mqtts://host:8883.'),
  topic: z.string().min(1).describe('Topic whose messages are rows, as JSON.'),
  username: z.string().nullable().default(null).describe('User at the broker.'),
  password: z.string().nullable().default(null).describe('Password, from the environment or a file.'),
  rateHz: z.number().positive().describe('Messages a second that are expected.'),
  channels: z
    .array(
      channel.extend({
        path: z
          .string()
          .min(1)
          .nullable()
          .default(null)
          .describe('Where the value stands in the message, as a.b.0; without it the name.'),
      }),
    )
    .min(1)
    .max(64)
    .describe('Values to take from each message.'),
  time: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Where the time of a message stands in it (ISO 8601 or milliseconds); it tells how much was lost.',
    ),
  queueRows: z
    .int()
    .min(1)
    .max(100_000)
    .default(1024)
    .describe('Rows that wait for a late cascade; beyond it the oldest are dropped.'),
  silentMs: z
    .int()
    .min(100)
    .nullable()
    .default(null)
    .describe('Silence after which the topic counts as lost; without it ten rows, and at least 5 s.'),
});
