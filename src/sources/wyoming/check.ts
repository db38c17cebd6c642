import { type Finding, ok, problem } from '../../core/finding.js';
import type { CheckEdges } from '../source-kind.js';
import { WyomingSource, type WyomingSourceOptions } from './wyoming.js';

const WAIT_MS = 5000;

/** Connects to the satellite and listens for its first samples. */
export async function checkSatellite(
  options: WyomingSourceOptions,
  edges: Omit<CheckEdges, 'folder'>,
): Promise<Finding> {
  if (options.host === null) return ok(`waits for a satellite at ${options.listen}:${options.port}`);
  const where = `${options.host}:${options.port}`;
  const source = new WyomingSource({ ...options, silentMs: null }, edges);
  for await (const item of source.frames(AbortSignal.timeout(WAIT_MS)))
    if (item.kind === 'frame') return ok(`${where} sends audio`);
  return problem(
    `${where}: no audio within ${WAIT_MS / 1000} s`,
    'have it stream always, not only when it wakes',
  );
}
