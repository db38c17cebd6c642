import type { Timer } from '../core/clock.js';
import { type Finding, ok, warning } from '../core/finding.js';
import { sleep } from '../core/waiting.js';
import type { Broker } from '../egress/broker.js';
import { lookAtBroker } from '../egress/broker-check.js';
import type { EdgeTopics } from './topics.js';

/** Who is there is retained, and comes right after the connection. */
const RETAINED_MS = 500;

/**
 * Whether the broker of the edge tier lets this device in, and which workers are there, for `catnap doctor`.
 * @param isAsked whether a cascade asks workers: none of them is worth a warning then
 */
export function checkWorkers(
  broker: Broker,
  topics: EdgeTopics,
  { isAsked, timer }: { readonly isAsked: boolean; readonly timer: Timer },
): Promise<Finding> {
  const workers = new Set<string>();
  return lookAtBroker(broker, {
    topics: [topics.workers],
    what: 'edge',
    onMessage: ({ topic, payload }) => {
      if (payload.length > 0) workers.add(topic.slice(topics.worker('').length));
    },
    found: async () => {
      await sleep(timer, RETAINED_MS);
      return found(broker.host, [...workers].sort(), isAsked);
    },
    remedy: 'check address, user and certificates of edge.broker, or of home.mqtt where that is left out',
  });
}

function found(host: string, workers: readonly string[], isAsked: boolean): Finding {
  if (workers.length > 0) return ok(`${host} lets us in, workers: ${workers.join(', ')}`);
  if (!isAsked) return ok(`${host} lets us in`);
  return warning(
    `${host} lets us in, and no worker is there: this device goes on alone`,
    'start `catnap worker` at this broker on a bigger machine',
  );
}
