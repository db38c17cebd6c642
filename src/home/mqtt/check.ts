import { type Finding, ok, problem } from '../../core/finding.js';
import type { Broker } from '../../egress/broker.js';

/** Whether the broker of the house lets this device in, for `catnap doctor`. */
export async function checkBroker(broker: Broker): Promise<Finding> {
  const finding = await new Promise<Finding>((settle) =>
    broker.keep({
      // Another name than a running Catnap's, whose connection the broker would end.
      clientId: `catnap-doctor-${process.pid}`,
      will: null,
      topics: [],
      what: 'home',
      onUp: () => settle(ok(`${broker.host} lets us in`)),
      onDown: ({ message }) =>
        settle(problem(`${broker.host}: ${message}`, 'check address, user and certificates below home.mqtt')),
      onMessage: () => {},
    }),
  );
  await broker.close();
  return finding;
}
