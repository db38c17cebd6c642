import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { parseJson, readJson } from '../../core/json.js';
import type * as z from '../../core/zod.js';
import { makePrivateFolderSync } from '../../files/private-folder.js';
import { replaceFile } from '../../files/replace-file.js';
import { FAULTS_VERSION, type FaultMemory, type FaultStore, faultMemorySchema } from './faults.js';
import {
  type AnomalyState,
  type AnomalyStore,
  anomalyStateSchema,
  STATE_VERSION,
  type Wish,
  wishSchema,
} from './state.js';

/** Keeps state in one JSON file, replaced as a whole: after a power cut there is the old one or the new one. */
export class FileAnomalyStore implements AnomalyStore {
  constructor(readonly path: string) {}

  load(): AnomalyState | null {
    return readState(this.path, STATE_VERSION, anomalyStateSchema);
  }

  /** @throws CatnapError `STORE_FULL` when it cannot be written; the old file then stands. */
  save(state: AnomalyState): void {
    save(this.path, JSON.stringify(state));
  }

  forget(): void {
    rmSync(this.path, { force: true });
  }

  /**
   * Leaves word for whoever watches the signal, now or from its next start on.
   * @throws CatnapError `STORE_FULL` when it cannot be written.
   */
  wish(wish: Wish): void {
    save(wishPathOf(this.path), JSON.stringify(wish));
  }

  /** @throws CatnapError `STATE_INVALID` when there is one that cannot be read; it is then gone. */
  wished(): Wish | null {
    const path = wishPathOf(this.path);
    const text = existsSync(path) ? readIfThere(path) : null;
    if (text === null) return null;
    const checked = wishSchema.safeParse(parseJson(text));
    if (checked.success) return checked.data;
    this.settleWish();
    throw new CatnapError('STATE_INVALID', `${path}: expected what somebody asked for, found something else`);
  }

  settleWish(): void {
    rmSync(wishPathOf(this.path), { force: true });
  }
}

/** Keeps what is known of a signal's faults, in the same way. */
export class FileFaultStore implements FaultStore {
  constructor(readonly path: string) {}

  load(): FaultMemory | null {
    return readState(this.path, FAULTS_VERSION, faultMemorySchema);
  }

  /** @throws CatnapError `STORE_FULL` when it cannot be written; the old file then stands. */
  save(memory: FaultMemory): void {
    save(this.path, JSON.stringify(memory));
  }
}

/** Where the faults of a signal are kept, beside its state. */
export function faultsPathOf(statePath: string): string {
  return statePath.replace(/\.json$/, '.faults.json');
}

function wishPathOf(statePath: string): string {
  return statePath.replace(/\.json$/, '.again');
}

function readState<T>(path: string, expected: number, schema: z.ZodType<T>): T | null {
  const text = readIfThere(path);
  if (text === null) return null;
  const found = readJson(text, path, 'STATE_INVALID', 'delete the file to learn anew');
  const version =
    typeof found === 'object' && found !== null && 'version' in found ? found.version : undefined;
  if (version !== expected) {
    throw new CatnapError(
      'STATE_INVALID',
      `${path}: expected version ${expected}, found ${JSON.stringify(version)}; delete the file to learn anew`,
    );
  }
  const checked = schema.safeParse(found);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new CatnapError(
    'STATE_INVALID',
    `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a saved state'}; delete the file to learn anew`,
  );
}

function save(path: string, text: string): void {
  try {
    makePrivateFolderSync(dirname(path));
    replaceFile(path, text);
  } catch (cause) {
    throw new CatnapError('STORE_FULL', `${path}: what was learnt could not be saved`, { cause });
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new CatnapError('STATE_INVALID', `${path}: cannot be read`, { cause });
  }
}
