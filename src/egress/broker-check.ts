import { type Finding, problem } from '../core/finding.js';
import type { Broker, LastingLine } from './broker.js';

/** What is listened to while a broker is looked at, and what is found there. */
export interface BrokerLook extends Pick<LastingLine, 'topics' | 'what' | 'onMessage'> {
  /** Asked once connected. */
  readonly found: () => Finding | Promise<Finding>;
  /** What to do where the broker does not let this device in. */
  readonly remedy: string;
}

/** Connects to a broker and closes it again: whether it lets this device in, for `catnap doctor`. */
export async function lookAtBroker(
  broker: Broker,
  { topics, what, onMessage, found, remedy }: BrokerLook,
): Promise<Finding> {
  const finding = await new Promise<Finding>((settle) =>
    broker.keep({
      // Another name than a running Catnap's, whose connection the broker would end.
      clientId: `catnap-doctor-${process.pid}`,
      will: null,
      topics,
      what,
      // Where the connection is lost while it is looked at, onDown has settled first.
      onUp: async () => settle(await found()),
      onDown: ({ message }) => settle(problem(message, remedy)),
      onMessage,
    }),
  );
  await broker.close();
  return finding;
}
