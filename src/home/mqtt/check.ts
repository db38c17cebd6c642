import { type Finding, ok } from '../../core/finding.js';
import type { Broker } from '../../egress/broker.js';
import { lookAtBroker } from '../../egress/broker-check.js';

/** Whether the broker of the house lets this device in, for `catnap doctor`. */
export function checkBroker(broker: Broker): Promise<Finding> {
  return lookAtBroker(broker, {
    topics: [],
    what: 'home',
    onMessage: () => {},
    found: () => ok(`${broker.host} lets us in`),
    remedy: 'check address, user and certificates below home.mqtt',
  });
}
