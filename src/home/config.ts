import * as z from '../core/zod.js';
import { secretText } from '../files/secrets.js';

const mqttSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^(mqtts?|wss?)$/ })
      .describe('Broker of the house, as mqtt://host:1883 or mqtts://host:8883.'),
    username: z.string().nullable().default(null).describe('User at the broker.'),
    password: secretText(z)
      .nullable()
      .default(null)
      .describe('Password there, as ${NAME} or ${file:PATH}; read again at every connection.'),
    caFile: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('PEM file of the authority that the broker is trusted by, relative to this file.'),
    certFile: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('PEM file of the certificate that the broker wants to see; with `keyFile`.'),
    keyFile: z.string().min(1).nullable().default(null).describe('PEM file of its key.'),
    discovery: z.boolean().default(true).describe('Tell Home Assistant what there is on this device.'),
    discoveryPrefix: z
      .string()
      .min(1)
      .default('homeassistant')
      .describe('Where Home Assistant listens for that.'),
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
  .superRefine(({ certFile, keyFile }, context) => {
    if ((certFile === null) === (keyFile === null)) return;
    const path = [certFile === null ? 'certFile' : 'keyFile'];
    context.addIssue({ code: 'custom', path, message: 'expected both certFile and keyFile, found one' });
  });

/** The `home` section: what the house is told, and what it may ask for. */
export const homeSchema = z.strictObject({
  mqtt: mqttSchema.nullable().default(null).describe('Tells an MQTT broker, and with it Home Assistant.'),
});

export type MqttHomeConfig = z.infer<typeof mqttSchema>;
