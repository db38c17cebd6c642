import { join } from 'node:path';
import type { Sink } from '../core/events/events.js';
import { tableOf } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journal } from '../events/journal-kind.js';
import { jsonLines } from '../events/json-lines.js';
import { module } from '../events/module-kind.js';
import type { SinkEdges, SinkKind } from '../events/sink-kind.js';
import { text } from '../events/text.js';

/** Every kind of sink: configuration and `doctor` are made from it. */
export const SINKS = tableOf({ journal, 'json-lines': jsonLines, text, module });

/** Settings of any kind of sink, as the configuration has checked them. */
export type SinkConfig = z.infer<ReturnType<(typeof SINKS)[keyof typeof SINKS]['schema']>>;

/** The kind of a sink. */
export function sinkKindOf({ kind }: SinkConfig): SinkKind<SinkConfig> {
  return SINKS[kind] as unknown as SinkKind<SinkConfig>;
}

/** What of a configuration says which sinks there are. */
interface SinkSections {
  readonly journal: { readonly enabled: boolean; readonly maxEvents: number; readonly flushMs: number };
  readonly sinks: readonly SinkConfig[];
}

/**
 * Opens the sinks of a configuration.
 * @returns each under its name in errors.
 * @throws CatnapError as {@link SinkKind.open}.
 */
export async function openSinks(
  { journal: { enabled, ...kept }, sinks }: SinkSections,
  stateDir: string,
  { onError, ...place }: Omit<SinkEdges, 'onError'> & { onError: (where: string, error: unknown) => void },
): Promise<ReadonlyMap<string, Sink>> {
  const named: [name: string, config: SinkConfig][] = sinks.map((config, index) => [
    `sinks.${index} (${config.kind})`,
    config,
  ]);
  if (enabled)
    named.unshift(['journal', { kind: 'journal', folder: join(stateDir, JOURNAL_FOLDER), ...kept }]);
  const opened = new Map<string, Sink>();
  for (const [name, config] of named) {
    const edges = { ...place, onError: (error: unknown) => onError(name, error) };
    opened.set(name, await sinkKindOf(config).open(config, edges));
  }
  return opened;
}
