import { randomUUID } from 'node:crypto';
import type { Escalation } from '../core/cascade/escalation.js';
import { CatnapError } from '../core/errors.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { Source } from '../core/signal/frame.js';
import * as z from '../core/zod.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import { meterConfigSchema } from '../meter/config.js';
import { createSourceMeter } from '../meter/source-meter.js';
import { buildCascade, quietEdges } from './build.js';
import { type CascadeInput, cascadeSchema, type IntentsInput, intentsSchema } from './config.js';
import { systemTimer } from './process/system-clock.js';

/** What to listen to, and who is told. */
export interface ListenOptions {
  readonly source: Source;
  /** As below `cascades` in a configuration; a voice cascade with its defaults when left out. */
  readonly cascade?: CascadeInput;
  /** As `intents` in a configuration; the templates that come with Catnap when left out. */
  readonly intents?: IntentsInput;
  readonly onEvent: (event: CascadeEvent) => void;
  /** Given what would go to the cloud; without it nothing leaves the device. */
  readonly onEscalation?: (escalation: Escalation) => void;
  /** Where what a sensor cascade learns is kept; nothing is kept when left out. */
  readonly stateDir?: string;
  readonly signal?: AbortSignal;
}

/**
 * Runs a source through its cascade on the calling thread, heavy stages included, until the source ends or
 * `signal` aborts. `catnap run` does the same with a worker thread and a heavy process for each source.
 * @throws CatnapError `CONFIG_INVALID` for a cascade or intents that are none; what the source or the models throw.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const { source, onEvent, onEscalation = () => {}, stateDir } = options;
  const power = modelledPower(boardProfile(meterConfigSchema.parse({})));
  const { cascade, dispose } = await buildCascade(
    {
      source: source.id,
      run: randomUUID(),
      cascade: checked('cascade', cascadeSchema, options.cascade ?? { kind: 'voice' }),
      intents: checked('intents', intentsSchema, options.intents ?? {}),
      ...(stateDir === undefined ? {} : { stateDir }),
    },
    {
      ...quietEdges(onEvent),
      uplink: { prepare: () => {}, offer: onEscalation },
      meter: createSourceMeter(source.id, power),
      timer: systemTimer,
    },
  );
  try {
    await cascade.follow(source, options.signal ?? new AbortController().signal);
  } finally {
    await dispose();
  }
}

function checked<T extends z.ZodType>(what: string, schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new CatnapError('CONFIG_INVALID', `${what}: ${z.prettifyError(result.error)}`);
}
