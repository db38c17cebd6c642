import { CatnapError } from '../core/errors.js';
import { problem } from '../core/finding.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { checkReachable } from '../egress/reachable.js';
import type { ActionKind } from './action-kind.js';
import { audited } from './audited.js';
import { asText, asTopicLevel, fill } from './template.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('mqtt'),
      topic: z.string().min(1).describe('Topic to publish on.'),
      payload: z.string().default('{value}').describe('Message.'),
      retain: z.boolean().default(false),
    })
    .describe('Publishes an MQTT message.');

/** Publishes an MQTT message. */
export const mqtt = {
  kind: 'mqtt',
  schema,
  plan(request, { mqttUrl, timeoutMs }, edges) {
    const { action, slots } = request;
    const topic = fill(action.topic, slots, asTopicLevel);
    const payload = fill(action.payload, slots, asText);
    return {
      what: `${topic} ${payload}`,
      async act() {
        if (mqttUrl === null)
          throw new CatnapError('USAGE', 'actions.mqttUrl: expected a broker, found none');
        const bytes = Buffer.byteLength(topic) + Buffer.byteLength(payload);
        const passage = { what: 'mqtt', to: new URL(mqttUrl).host, bytes } as const;
        await audited(request, passage, edges, async () => {
          // A connection a message: MQTT.js queues without bound for a broker that is away.
          const options = { reconnectPeriod: 0, connectTimeout: timeoutMs };
          const { connectAsync } = await import('mqtt');
          const client = await edges.gate.leave(passage, () => connectAsync(mqttUrl, options));
          try {
            await client.publishAsync(topic, payload, { qos: 1, retain: action.retain });
          } finally {
            await client.endAsync(true);
          }
          return 'published';
        });
      },
    };
  },
  async check(_action, { mqttUrl }, gate) {
    if (mqttUrl === null) return problem('expected actions.mqttUrl, found none', 'name the broker there');
    return checkReachable(mqttUrl, gate);
  },
} as const satisfies ActionKind<z.infer<ReturnType<typeof schema>>>;
