import { join, resolve } from 'node:path';
import { type CascadeEvent, type EventOf, wholeDetectionOf } from '../core/events/events.js';
import type { EventBus } from '../events/bus.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { newestEvents } from '../events/journal-reading.js';
import { FollowedLabels, keptLabels } from '../events/labels-file.js';
import type { Config } from './config.js';

/** What journal and labels hold of the runs before, as far as a visitor is shown it. */
export async function earlierEvents(
  { journal, dashboard, stateDir }: Pick<Config, 'journal' | 'dashboard' | 'stateDir'>,
  onError: (where: string, error: unknown) => void,
): Promise<readonly CascadeEvent[]> {
  if (!journal.enabled || !dashboard.enabled) return [];
  try {
    const state = resolve(stateDir);
    const events = await newestEvents(join(state, JOURNAL_FOLDER), dashboard.historyEvents);
    return withLabels(events, keptLabels(state));
  } catch (error) {
    onError('journal', error);
    return [];
  }
}

/** Tells a running Catnap what is said of detections on the command line; gives what looks for more of it. */
export function followLabels(
  { stateDir }: Pick<Config, 'stateDir'>,
  bus: Pick<EventBus, 'tell'>,
  onError: (where: string, error: unknown) => void,
): () => void {
  const labels = new FollowedLabels(
    resolve(stateDir),
    (label) => bus.tell(label),
    (error) => onError('labels', error),
  );
  return () => labels.look();
}

/** Puts what was said of detections among what the journal tells of them, as of when it was said. */
function withLabels(
  events: readonly CascadeEvent[],
  labels: readonly EventOf<'label'>[],
): readonly CascadeEvent[] {
  const known = new Set(events.map(wholeDetectionOf));
  const about = labels.filter(({ detection }) => known.has(detection));
  const all: CascadeEvent[] = [];
  for (const event of events) {
    while (about[0] !== undefined && timeOf(about[0]) < timeOf(event)) all.push(...about.splice(0, 1));
    all.push(event);
  }
  return [...all, ...about];
}

function timeOf({ measured }: CascadeEvent): string {
  return measured?.wallTime ?? '';
}
