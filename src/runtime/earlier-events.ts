import { join, resolve } from 'node:path';
import type { CascadeEvent } from '../core/events/events.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { newestEvents } from '../events/journal-reading.js';
import type { Config } from './config.js';

/** What the journal holds of the runs before, as far as a visitor is shown it. */
export async function earlierEvents(
  { journal, dashboard, stateDir }: Pick<Config, 'journal' | 'dashboard' | 'stateDir'>,
  onError: (where: string, error: unknown) => void,
): Promise<readonly CascadeEvent[]> {
  if (!journal.enabled || !dashboard.enabled) return [];
  try {
    return await newestEvents(join(resolve(stateDir), JOURNAL_FOLDER), dashboard.historyEvents);
  } catch (error) {
    onError('journal', error);
    return [];
  }
}
