import { join, resolve } from 'node:path';
import { byWallTime, type CascadeEvent } from '../core/events/events.js';
import { createPublisher, type PublisherDeps } from '../core/events/stamp.js';
import type { EventBus } from '../events/bus.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { newestEvents } from '../events/journal-reading.js';
import { DriftWatch } from '../learning/drift/drift-watch.js';
import type { Config } from './config.js';

/** Events of each kind that say what was usual: some weeks of a house. */
const EARLIER_EVENTS = 2_000;
const TELLING = ['verified', 'refused', 'settled', 'escalated', 'verdict'] as const;

/**
 * Tells of drift as health of a source: what detections look like is compared with how they looked in the journal,
 * as far as that goes back. Where none is kept, nothing is told.
 */
export async function watchDrift(
  bus: EventBus,
  { journal, stateDir }: Pick<Config, 'journal' | 'stateDir'>,
  edges: Omit<PublisherDeps, 'publish'> & { readonly onError: (where: string, error: unknown) => void },
): Promise<void> {
  if (!journal.enabled) return;
  const watch = new DriftWatch();
  // What was told by an earlier run need not be told again, and what has begun since is: told at the next detection.
  for (const event of await earlierOf(stateDir, edges.onError)) watch.take(event);
  const publish = createPublisher('drift', { ...edges, publish: (event) => bus.publish(event) });
  bus.subscribe((event) => {
    for (const health of watch.take(event)) publish({ type: 'health', ...health });
  });
}

async function earlierOf(
  stateDir: string,
  onError: (where: string, error: unknown) => void,
): Promise<readonly CascadeEvent[]> {
  const folder = join(resolve(stateDir), JOURNAL_FOLDER);
  try {
    const found: CascadeEvent[] = [];
    for (const type of TELLING)
      found.push(...(await newestEvents(folder, EARLIER_EVENTS, { facets: { type } })));
    return found.sort(byWallTime);
  } catch (error) {
    onError('drift', error);
    return [];
  }
}
