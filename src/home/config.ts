import * as z from '../core/zod.js';
import { brokerFields, loginFaults } from '../egress/broker-settings.js';

const mqttSchema = z
  .strictObject({
    ...brokerFields(z),
    discovery: z.boolean().default(true).describe('Tell Home Assistant what there is on this device.'),
    discoveryPrefix: z
      .string()
      .min(1)
      .default('homeassistant')
      .describe('Topic below which Home Assistant listens for that.'),
    topic: z
      .string()
      .regex(/^[^+#]+$/, 'a topic without + and #')
      .default('catnap')
      .describe('What all topics of this device begin with, before its name.'),
    transcripts: z
      .boolean()
      .default(false)
      .describe(
        'Tell what was said, where a rule of `uplink.egress` lets transcripts out; redacted as there.',
      ),
    everyMs: z
      .int()
      .min(1000)
      .max(3_600_000)
      .default(10_000)
      .describe('How often levels and other figures are told, where they changed.'),
    queueMessages: z
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('Events that wait while the broker is away; beyond it the oldest are dropped and counted.'),
    queueMs: z
      .int()
      .min(1000)
      .default(60_000)
      .describe('Events that waited longer are dropped: late, they would come as a surprise.'),
  })
  .superRefine(loginFaults);

const wyomingSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/i, 'letters, digits and dashes')
      .default('wyoming')
      .describe('Name in events of what is heard by way of it.'),
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe(
        'Address to listen on. The protocol has no login: on any but loopback, who reaches it may use it.',
      ),
    port: z.int().min(0).max(65_535).default(10_400).describe('TCP port; 0 takes a free one.'),
    announce: z
      .boolean()
      .default(true)
      .describe('Let Home Assistant find it by multicast DNS, unless `host` is a loopback address.'),
    cascade: z
      .string()
      .default('voice')
      .describe('Name of the voice cascade, below `cascades`, whose words, stages and recogniser serve.'),
    handle: z
      .boolean()
      .default(false)
      .describe(
        'Have done what a text asks for, by the actions of its intent; without it a text is only explained.',
      ),
    maxClients: z
      .int()
      .min(1)
      .max(64)
      .default(8)
      .describe('Connections at one time; each is listened to by itself.'),
    idleMs: z
      .int()
      .min(1000)
      .default(300_000)
      .describe('A connection on which nothing comes is closed after this.'),
  })
  .describe('Wake words, speech to text and intents for others in the house.');

/** The `home` section: what the house is told, and what it may ask for. */
export const homeSchema = z.strictObject({
  mqtt: mqttSchema.nullable().default(null).describe('Tells an MQTT broker, and with it Home Assistant.'),
  wyoming: wyomingSchema
    .nullable()
    .default(null)
    .describe('Serves the Wyoming protocol: wake words, speech to text and intents.'),
});

export type MqttHomeConfig = z.infer<typeof mqttSchema>;
export type WyomingConfig = z.infer<typeof wyomingSchema>;
