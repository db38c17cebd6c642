import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { sensorSettings } from '../settings.js';
import { deviceOf, type SourceKind } from '../source-kind.js';

const channelSchema = (z: Zod) =>
  z.strictObject({
    name: z.string().min(1).describe('Name of the channel in events.'),
    unit: z.string().default('').describe('Unit of its values.'),
    path: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Where the value stands in the message, as a.b.0; without it the name.'),
  });

const schema = (z: Zod) =>
  z.strictObject({
    ...sensorSettings(z),
    kind: z.literal('mqtt'),
    url: z.string().min(1).describe('Broker, as mqtt://host:1883 or mqtts://host:8883.'),
    topic: z.string().min(1).describe('Topic whose messages are rows, as JSON.'),
    username: z.string().nullable().default(null).describe('User at the broker.'),
    password: z.string().nullable().default(null).describe('Password, from the environment or a file.'),
    rateHz: z.number().positive().describe('Messages a second that are expected.'),
    channels: z.array(channelSchema(z)).min(1).max(64).describe('Values to take from each message.'),
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

/** Rows that others publish at an MQTT broker. */
export const mqtt = {
  kind: 'mqtt',
  schema,
  async open(config, { wayOut }) {
    const { MqttSource } = await import('./mqtt.js');
    return deviceOf(new MqttSource(config, wayOut), `${new URL(config.url).host} ${config.topic}`);
  },
} as const satisfies SourceKind<z.infer<ReturnType<typeof schema>>>;
