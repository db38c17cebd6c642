import { join } from 'node:path';

/** The file in which a source's normal running is kept. */
export function anomalyStatePath(stateDir: string, source: string): string {
  return join(stateDir, 'anomaly', `${source}.json`);
}
