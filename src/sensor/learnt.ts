import { CatnapError } from '../core/errors.js';
import { readJson } from '../core/json.js';
import * as z from '../core/zod.js';
import { type AnomalyState, anomalyStateSchema, checkShape } from './normal/state.js';
import { FileAnomalyStore } from './normal/state-file.js';
import { anomalyStatePath } from './normal/state-path.js';

const FORMAT = 'catnap-normal';
const VERSION = 1;

const learntSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** The source that it was learnt from. */
  source: z.string(),
  state: anomalyStateSchema,
});

/** What a device learnt of a source, as a file that another device may take over. */
export type Learnt = z.infer<typeof learntSchema>;

/** What was learnt of the sources of a state folder. */
export class LearntStates {
  constructor(readonly stateDir: string) {}

  /** @throws CatnapError `INPUT_MISSING` while nothing was learnt, `STATE_INVALID` when it is damaged. */
  read(source: string): AnomalyState {
    const store = this.#storeOf(source);
    const state = store.load();
    if (state !== null) return state;
    throw new CatnapError(
      'INPUT_MISSING',
      `${store.path}: nothing was learnt of "${source}" yet; --state or --config say where else to look`,
    );
  }

  /** Without a fault that may be under way here, for it is none of the other's. */
  export(source: string): Learnt {
    const state = { ...this.read(source), recording: null, fault: null };
    return { format: FORMAT, version: VERSION, source, state };
  }

  /**
   * Has what was learnt elsewhere taken over, by a running Catnap at once, else from its next start on.
   * @throws CatnapError `STATE_INVALID` for what was learnt from another signal than is known here.
   */
  takeOver(source: string, state: AnomalyState, from: string, by: string): void {
    const store = this.#storeOf(source);
    const known = store.load();
    if (known !== null)
      checkShape(state, known.shape, from, `it is not for "${source}"; what was learnt here stands`);
    store.wish({ by, fromMs: null, state });
  }

  /** Has everything learnt again from a time on; null: from now on. */
  learnAgain(source: string, fromMs: number | null, by: string): void {
    this.#storeOf(source).wish({ by, fromMs, state: null });
  }

  #storeOf(source: string): FileAnomalyStore {
    return new FileAnomalyStore(anomalyStatePath(this.stateDir, source));
  }
}

/**
 * Reads what {@link LearntStates.export} gave.
 * @param path where it stands, for errors
 * @throws CatnapError `STATE_INVALID` naming what was expected and what was found.
 */
export function parseLearnt(text: string, path: string): Learnt {
  const remedy = 'expected a file of `catnap learn export`';
  const found = readJson(text, path, 'STATE_INVALID', remedy);
  const head = z.looseObject({ format: z.literal(FORMAT), version: z.number() }).safeParse(found);
  if (!head.success) throw new CatnapError('STATE_INVALID', `${path}: ${remedy}, found something else`);
  if (head.data.version !== VERSION) {
    throw new CatnapError(
      'STATE_INVALID',
      `${path}: expected version ${VERSION}, found ${head.data.version}; export it with this version of Catnap`,
    );
  }
  const checked = learntSchema.safeParse(found);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw new CatnapError('STATE_INVALID', `${path}: ${where}: ${issue?.message ?? 'not what was learnt'}`);
}
