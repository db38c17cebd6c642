import type { SettingFault, Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { userFaults } from '../../egress/broker-settings.js';
import { readSecret, secretText } from '../../files/secrets.js';
import { channelSettings, sensorSettings, timeSettings } from '../settings.js';
import { deviceOf, type SourceKind, type SourcePlace } from '../source-kind.js';
import { TIME_UNITS } from '../times.js';
import type { MqttOptions } from './options.js';

const topicSetting = (z: Zod) => z.string().min(1).nullable().default(null);

const channelSchema = (z: Zod) =>
  z.strictObject({
    ...channelSettings(
      z,
      'Where the value stands in the message, as a.b.0; without it the name, or the message itself.',
    ),
    topic: topicSetting(z).describe('Topic that this value comes by; without it that of the source.'),
  });

const schema = (z: Zod) =>
  z.strictObject({
    ...sensorSettings(z),
    kind: z.literal('mqtt'),
    url: z.string().min(1).describe('Broker, as mqtt://host:1883 or mqtts://host:8883.'),
    topic: topicSetting(z).describe('Topic whose messages are rows; of one device, so without + and #.'),
    username: z.string().nullable().default(null).describe('User at the broker.'),
    password: secretText(z)
      .nullable()
      .default(null)
      .describe('Password there, as ${NAME} or ${file:PATH}; read again at every connection.'),
    rateHz: z.number().positive().describe('Messages a second that are expected.'),
    channels: z.array(channelSchema(z)).min(1).max(64).describe('Values to take from each message.'),
    time: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Where the time of a message stands in it; it tells how much was lost.'),
    ...timeSettings(z),
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

type MqttConfig = z.infer<ReturnType<typeof schema>>;

/** Rows that others publish at an MQTT broker. */
export const mqtt = {
  kind: 'mqtt',
  schema,
  faults: ({ topic, channels, ...login }) => [
    ...userFaults(login, 'username'),
    ...topicFaults(topic, ['topic']),
    ...channels.flatMap((channel, index) => [
      ...topicFaults(channel.topic, ['channels', index, 'topic']),
      ...(topic === null && channel.topic === null ? [noTopic(['channels', index, 'topic'])] : []),
    ]),
  ],
  async open(config, edges) {
    const { MqttSource } = await import('./mqtt.js');
    const source = new MqttSource(optionsOf(config, edges), edges);
    const topics = config.topic ?? config.channels.map(({ topic }) => topic).join(', ');
    return deviceOf(source, `${new URL(config.url).host} ${topics}`);
  },
  async check(config, edges) {
    return (await import('./check.js')).checkTopics(optionsOf(config, edges), edges);
  },
} as const satisfies SourceKind<MqttConfig>;

function optionsOf(config: MqttConfig, { folder }: SourcePlace): MqttOptions {
  const { timeUnit, password: written } = config;
  return {
    ...config,
    password: written === null ? null : () => readSecret(written, { folder }, 'SOURCE_UNAVAILABLE'),
    timeUnitSeconds: timeUnit === null ? null : (TIME_UNITS[timeUnit] ?? null),
  };
}

/** Topics of several devices would become one row of channels after the other, as if they were one device. */
function topicFaults(topic: string | null, path: readonly PropertyKey[]): readonly SettingFault[] {
  if (topic === null || !/[+#]/.test(topic)) return [];
  const message = `expected the topic of one device, found the wildcard ${topic}; give each device a source, or each channel its topic (channels[].topic)`;
  return [{ path, message }];
}

const noTopic = (path: readonly PropertyKey[]): SettingFault => ({
  path,
  message: 'expected a topic here or of the source, found none',
});
