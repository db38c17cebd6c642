import * as z from '../core/zod.js';
import { brokerFields, certificateFaults } from '../egress/broker-settings.js';

const edgeBroker = z
  .strictObject(brokerFields(z))
  .superRefine(certificateFaults)
  .describe('Broker that this device shares with workers and other devices; it has to speak MQTT 5.');

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
});
