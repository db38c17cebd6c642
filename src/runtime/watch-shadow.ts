import { join, resolve } from 'node:path';
import { createPublisher, type PublisherDeps } from '../core/events/stamp.js';
import type { EventBus } from '../events/bus.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents, newestEvents } from '../events/journal-reading.js';
import { keptLabels } from '../events/labels-file.js';
import { type Compared, ShadowComparison } from '../learning/shadow/comparison.js';
import { RouteComparison } from '../learning/shadow/route-comparison.js';
import { verdictOf } from '../learning/shadow/tell.js';
import type { Config } from './config.js';

/** Decisions of candidates that a comparison goes back to: some weeks of a house. */
const EARLIER_DECISIONS = 2_000;
/** Questions that a comparison of routers goes back to: some months of a house. */
const EARLIER_QUESTIONS = 10_000;

/**
 * Tells as health of a source once a candidate that listens beside it is known to be better or worse; the journal's
 * decisions count, where one is kept.
 */
export async function watchShadow(
  bus: EventBus,
  { journal, stateDir }: Pick<Config, 'journal' | 'stateDir'>,
  edges: Omit<PublisherDeps, 'publish'> & { readonly onError: (where: string, error: unknown) => void },
): Promise<void> {
  const comparison = new ShadowComparison();
  try {
    if (journal.enabled) await compareKept(comparison, resolve(stateDir));
  } catch (error) {
    edges.onError('shadow', error);
  }
  const told = new Map(comparison.told().map((compared) => [compared.source, newsOf(compared)]));
  const publish = createPublisher('shadow', { ...edges, publish: (event) => bus.publish(event) });
  bus.subscribe((event) => {
    if (!comparison.take(event)) return;
    for (const compared of comparison.told()) {
      const news = newsOf(compared);
      if (compared.verdict === 'open' || told.get(compared.source) === news) continue;
      told.set(compared.source, news);
      const component = `${compared.source}/candidate`;
      publish({ type: 'health', component, state: 'ok', code: 'OK', detail: verdictOf(compared) });
    }
  });
}

/** Takes what a state folder holds of the candidates that were beside last. */
export async function compareKept(comparison: ShadowComparison, stateDir: string): Promise<void> {
  const folder = join(stateDir, JOURNAL_FOLDER);
  const [first] = await newestEvents(folder, EARLIER_DECISIONS, { facets: { type: 'shadow' } });
  if (first === undefined) return;
  const from = first.measured?.wallTime ?? null;
  for await (const event of journalEvents(folder, { from })) comparison.take(event);
  for (const label of keptLabels(stateDir)) comparison.take(label);
}

function newsOf({ candidate, verdict }: Compared): string {
  return `${candidate} ${verdict}`;
}

/** Compares a router that is only looked at with where the questions of a journal began. */
export async function routesKept(stateDir: string): Promise<RouteComparison> {
  const comparison = new RouteComparison();
  const folder = join(stateDir, JOURNAL_FOLDER);
  for (const event of await newestEvents(folder, EARLIER_QUESTIONS, { facets: { type: 'verdict' } }))
    comparison.take(event);
  return comparison;
}
