import { randomUUID } from 'node:crypto';
import { actionsSchema } from '../actions/config.js';
import { createLocalActions } from '../actions/local.js';
import type { GivenStages, StageHost, StageSpec } from '../core/cascade/assembly.js';
import type { Escalation } from '../core/cascade/escalation.js';
import type { Recogniser, Stage } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { Source } from '../core/signal/frame.js';
import * as z from '../core/zod.js';
import { createWayOut } from '../egress/way-out.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import { meterConfigSchema } from '../meter/config.js';
import { createSourceMeter } from '../meter/source-meter.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import { createBrokers } from './brokers.js';
import { buildCascade, quietEdges, stagesHere } from './build.js';
import {
  type CascadeConfig,
  type CascadeInput,
  cascadeSchema,
  type IntentsInput,
  intentsSchema,
  standardConfig,
} from './config.js';
import { actionFaults, openActions } from './configured-actions.js';
import { planCascade } from './plan.js';
import { systemClock, systemTimer } from './process/system-clock.js';

/** How long an action that is under way at the end may take. */
const CLOSE_MS = 4_000;

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
  /**
   * How the actions are run that cascade and intents name, as `actions` in a configuration; unless it says
   * `dryRun: false`, what would be done is only told. Relative paths are relative to the working directory.
   */
  readonly actions?: z.input<typeof actionsSchema>;
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
 * @throws CatnapError `CONFIG_INVALID` for a cascade, intents or actions that are none; what the source or the models
 *   throw.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const { source, onEvent, onEscalation = () => {}, stateDir } = options;
  const power = modelledPower(boardProfile(meterConfigSchema.parse({})));
  const { given, host } = hostOf(options.stages ?? {});
  const config = checked('cascade', cascadeSchema, options.cascade ?? { kind: 'voice' });
  const intents = checked('intents', intentsSchema, options.intents ?? {});
  const plan = await planCascade(config, { source: source.id, stateDir: stateDir ?? null }, given);
  const run = randomUUID();
  const actions = await openActionsOf({ source: source.id, config, intents, run }, options);
  const { cascade, dispose } = await buildCascade({ source: source.id, run, intents }, plan, {
    ...quietEdges((event) => {
      onEvent(event);
      actions.hear(event);
    }),
    stages: host,
    uplink: { prepare: () => {}, offer: onEscalation },
    meter: createSourceMeter(source.id, power, systemClock),
    timer: systemTimer,
  });
  try {
    await cascade.follow(source, options.signal ?? new AbortController().signal);
  } finally {
    await dispose();
    await actions.close();
  }
}

interface Acting {
  readonly source: string;
  readonly config: CascadeConfig;
  readonly intents: z.infer<typeof intentsSchema>;
  readonly run: string;
}

/** What does the actions that cascade and intents name, as those of a configuration with this one source. */
async function openActionsOf(
  { source: id, config, intents, run }: Acting,
  { actions, onEvent }: ListenOptions,
): Promise<{ readonly hear: (event: CascadeEvent) => void; readonly close: () => Promise<void> }> {
  const cascades = { [id]: config };
  const whole = {
    ...standardConfig(),
    cascades,
    intents,
    actions: checked('actions', actionsSchema, actions ?? {}),
  };
  const [fault] = actionFaults(whole, '.');
  if (fault !== undefined)
    throw new CatnapError('CONFIG_INVALID', `${fault.path.join('.')}: ${fault.message}`);
  const wayOut = createWayOut(false);
  const brokers = createBrokers(whole, '.', wayOut, systemTimer);
  const runner = await openActions(whole, '.', systemTimer, {
    wayOut,
    broker: brokers.actions,
    clock: systemClock,
    sendToBoard: async (board) => {
      throw new CatnapError('USAGE', `${board}: expected a board, found a source that was handed over`);
    },
  });
  const matcher = new IntentMatcher(intents);
  const answering = { sources: [{ id, cascade: id }], cascades };
  const deps = { publish: onEvent, clock: systemClock, run };
  return {
    hear: createLocalActions(answering, (intent) => matcher.actionOf(intent), runner, deps),
    async close() {
      await runner.close(CLOSE_MS);
      await brokers.close();
    },
  };
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
