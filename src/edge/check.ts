import type { Timer } from '../core/clock.js';
import { type Finding, ok, warning } from '../core/finding.js';
import { sleep } from '../core/waiting.js';
import type { Broker } from '../egress/broker.js';
import { lookAtBroker } from '../egress/broker-check.js';
import type { EdgeTopics } from './topics.js';
import { workerAbout } from './workers.js';

/** Who is there is retained, and comes right after the connection. */
const RETAINED_MS = 500;

/**
 * Whether the broker of the edge tier lets this device in, and which workers are there, for `catnap doctor`.
 * @param isAsked whether a cascade asks workers: none of them is worth a warning then
 */
export function checkWorkers(
  broker: Broker,
  topics: EdgeTopics,
  { version, isAsked, timer }: { readonly version: string; readonly isAsked: boolean; readonly timer: Timer },
): Promise<Finding> {
  const workers = new Map<string, string>();
  return lookAtBroker(broker, {
    topics: [topics.workers],
    what: 'edge',
    onMessage: ({ topic, payload }) => {
      const about = workerAbout(payload.toString())?.version ?? 'of an unknown version';
      if (payload.length > 0) workers.set(topic.slice(topics.worker('').length), about);
    },
    found: async () => {
      await sleep(timer, RETAINED_MS);
      return found(broker.host, workers, { version, isAsked });
    },
    remedy: 'check address, user and certificates of edge.broker, or of home.mqtt where that is left out',
  });
}

/** @param workers by name, their version */
function found(
  host: string,
  workers: ReadonlyMap<string, string>,
  { version, isAsked }: { readonly version: string; readonly isAsked: boolean },
): Finding {
  const all = [...workers].sort(([one], [other]) => one.localeCompare(other));
  const same = all.flatMap(([name, its]) => (its === version ? [name] : []));
  const others = all.flatMap(([name, its]) => (its === version ? [] : [`${name} is ${its}`]));
  const lets = `${host} lets us in`;
  if (isAsked && others.length > 0)
    return warning(
      `${lets}, workers: ${same.join(', ') || 'none'}; not asked, as this device is ${version}: ${others.join(', ')}`,
      'bring workers and devices to the same version of Catnap',
    );
  if (same.length > 0) return ok(`${lets}, workers: ${same.join(', ')}`);
  if (!isAsked) return ok(lets);
  return warning(
    `${lets}, and no worker is there: this device goes on alone`,
    'start `catnap worker` at this broker on a bigger machine',
  );
}
