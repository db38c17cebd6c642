import { randomUUID } from 'node:crypto';
import type { GivenStages, StageHost, StageSpec } from '../core/cascade/assembly.js';
import type { Escalation } from '../core/cascade/escalation.js';
import type { Recogniser, Stage } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { Source } from '../core/signal/frame.js';
import * as z from '../core/zod.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import { meterConfigSchema } from '../meter/config.js';
import { createSourceMeter } from '../meter/source-meter.js';
import { buildCascade, quietEdges, stagesHere } from './build.js';
import { type CascadeInput, cascadeSchema, type IntentsInput, intentsSchema } from './config.js';
import { planCascade } from './plan.js';
import { systemClock, systemTimer } from './process/system-clock.js';

/** Stages that are made already. */
export interface OwnStages {
  readonly tiny?: Stage;
  readonly heavy?: Stage;
  /** Tells speech from other sounds, for the end of an utterance; voice only, as the recogniser. */
  readonly endpointer?: Stage;
  readonly recogniser?: Recogniser;
}

/** What to listen to, and who is told. */
export interface ListenOptions {
  readonly source: Source;
  /** As below `cascades` in a configuration; a voice cascade with its defaults when left out. */
  readonly cascade?: CascadeInput;
  /** Stages of your own in place of the cascade's; disposed of at the end, as those it makes are. */
  readonly stages?: OwnStages;
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
  const { given, host } = hostOf(options.stages ?? {});
  const config = checked('cascade', cascadeSchema, options.cascade ?? { kind: 'voice' });
  const { cascade, dispose } = await buildCascade(
    {
      source: source.id,
      run: randomUUID(),
      intents: checked('intents', intentsSchema, options.intents ?? {}),
    },
    await planCascade(config, { source: source.id, stateDir: stateDir ?? null }, given),
    {
      ...quietEdges(onEvent),
      stages: host,
      uplink: { prepare: () => {}, offer: onEscalation },
      meter: createSourceMeter(source.id, power, systemClock),
      timer: systemTimer,
    },
  );
  try {
    await cascade.follow(source, options.signal ?? new AbortController().signal);
  } finally {
    await dispose();
  }
}

/** Specs that stand for these stages, and a host that gives them where it is asked for those specs. */
function hostOf({ tiny, heavy, endpointer, recogniser }: OwnStages): {
  readonly given: GivenStages;
  readonly host: StageHost;
} {
  const made = new Map<StageSpec, Stage>();
  const specOf = (stage: Stage): StageSpec => {
    const spec = { kind: 'given', name: stage.name, budgetMs: stage.budgetMs };
    made.set(spec, stage);
    return spec;
  };
  return {
    given: {
      ...(tiny && { tiny: specOf(tiny) }),
      ...(heavy && { heavy: specOf(heavy) }),
      ...(endpointer && { endpointer: specOf(endpointer) }),
      ...(recogniser && {
        recogniser: { name: recogniser.name, budgetMs: recogniser.budgetMs, members: [] },
      }),
    },
    host: {
      here: async (spec, beside) => made.get(spec) ?? stagesHere.here(spec, beside),
      heavy: async (spec) => made.get(spec) ?? stagesHere.heavy(spec),
      stream: async (spec) => made.get(spec) ?? stagesHere.stream(spec),
      recogniser: async (spec) => recogniser ?? stagesHere.recogniser(spec),
    },
  };
}

function checked<T extends z.ZodType>(what: string, schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new CatnapError('CONFIG_INVALID', `${what}: ${z.prettifyError(result.error)}`);
}
