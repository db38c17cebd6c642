import type { ActionRunner } from '../actions/runner.js';
import type { Uplink } from '../core/cascade/escalation.js';
import type { SourceHosts } from './worker/source-hosts.js';

/** From the first signal to the end; what is not flushed then stays where it is. */
export const STOP_DEADLINE_MS = 5000;
const SOURCES_DEADLINE_MS = 3500;
/** For the uplink, and for actions beside it. */
const UPLINK_DEADLINE_MS = 1000;

/** What is ended before the events of a run are over. */
export interface Stoppable {
  readonly hosts: Pick<SourceHosts, 'stop'>;
  readonly actions: Pick<ActionRunner, 'close'>;
  readonly heavy: { end(): Promise<void> };
  readonly uplink: Pick<Uplink, 'close'>;
}

/**
 * Brings what is under way to its end, in the order in which it goes from a source to the cloud.
 * @param settle waits for one part, whatever goes wrong there
 */
export async function stopInOrder(
  { hosts, actions, heavy, uplink }: Stoppable,
  settle: (where: string, closing: Promise<unknown>) => Promise<void>,
): Promise<void> {
  await settle('sources', hosts.stop(SOURCES_DEADLINE_MS));
  const acting = settle('actions', actions.close(UPLINK_DEADLINE_MS));
  await Promise.all([
    settle('heavy', heavy.end()),
    settle('uplink', uplink.close(UPLINK_DEADLINE_MS, acting)),
    acting,
  ]);
}
