import { problem } from '../core/finding.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { audited } from '../egress/audited.js';
import { checkReachable } from '../egress/reachable.js';
import { type ActionKind, auditOf, messageOf, valuesOf } from './action-kind.js';
import { asTopicLevel, fill, fillMessage } from './placeholders.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('mqtt'),
      topic: z.string().min(1).describe('Topic to publish on, with {placeholders}.'),
      payload: z
        .string()
        .nullable()
        .default(null)
        .describe('Message, with {placeholders}; null: all that is known, as JSON.'),
      retain: z.boolean().default(false).describe('Whether the broker keeps it for who subscribes later.'),
    })
    .describe('Publishes an MQTT message.');

const NO_BROKER = 'expected actions.mqttUrl or home.mqtt to name the broker, found none';

/** Publishes an MQTT message. */
export const mqtt = {
  kind: 'mqtt',
  schema,
  faults: (_action, { mqttUrl }) => (mqttUrl === null ? [{ path: [], message: NO_BROKER }] : []),
  plan(request, _place, edges) {
    const { action } = request;
    const values = valuesOf(request);
    const topic = fill(action.topic, values, asTopicLevel);
    const payload = action.payload === null ? messageOf(request) : fillMessage(action.payload, values);
    const { broker, wayOut } = edges;
    const bytes = Buffer.byteLength(topic) + Buffer.byteLength(payload);
    const passage = { what: 'mqtt', to: broker.host, bytes } as const;
    return {
      what: `${topic} ${payload}`,
      act: async (signal) => {
        await audited(auditOf(request, passage), edges, async () => {
          await wayOut.leave(passage, () => broker.publish(topic, payload, action.retain, signal));
          return 'published';
        });
      },
    };
  },
  async check(_action, { mqttUrl }, wayOut) {
    return mqttUrl === null ? problem(NO_BROKER, 'name the broker there') : checkReachable(mqttUrl, wayOut);
  },
} as const satisfies ActionKind<z.infer<ReturnType<typeof schema>>>;
