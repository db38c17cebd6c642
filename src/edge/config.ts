import * as z from '../core/zod.js';
import { brokerFields, loginFaults } from '../egress/broker-settings.js';

const edgeBroker = z
  .strictObject(brokerFields(z))
  .superRefine(loginFaults)
  .describe('Broker that this device shares with workers and other devices; it has to speak MQTT 5.');

const fleetSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Say at the broker what this device is and how it is.'),
    everyMs: z
      .int()
      .min(1000)
      .max(86_400_000)
      .default(60_000)
      .describe('How often its figures are told, where they changed.'),
    accept: z
      .boolean()
      .default(false)
      .describe(
        'Take configurations and models from whoever may publish at the broker (`catnap fleet roll-out`).',
      ),
    confirmMs: z
      .int()
      .min(5000)
      .default(300_000)
      .describe('What was rolled out and is not confirmed within this is taken back.'),
  })
  .describe('What `catnap fleet` sees of this device.');

/** The `edge` section: what this device shares with other machines of the house. */
export const edgeSchema = z.strictObject({
  broker: edgeBroker
    .nullable()
    .default(null)
    .describe('A broker that speaks MQTT 5; null: that of `home.mqtt`.'),
  topic: z
    .string()
    .regex(/^[^+#]+$/, 'a topic without + and #')
    .default('catnap-edge')
    .describe('What all topics of the edge tier begin with; whoever shares it shares workers and words.'),
  neighbours: z
    .string()
    .regex(/^[\p{L}\p{N}-]+$/u, 'letters, digits and dashes')
    .nullable()
    .default('house')
    .describe(
      'Devices of the same name agree who acts on a word that several heard; null: this one asks nobody.',
    ),
  fleet: fleetSchema.prefault({}),
});
