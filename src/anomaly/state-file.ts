import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { type AnomalyState, type AnomalyStore, anomalyStateSchema, STATE_VERSION } from './state.js';

/** Keeps state in one JSON file, replaced as a whole: after a power cut there is the old one or the new one. */
export class FileAnomalyStore implements AnomalyStore {
  constructor(readonly path: string) {}

  load(): AnomalyState | null {
    const text = readIfThere(this.path);
    if (text === null) return null;
    const found = parse(text, this.path);
    const version =
      typeof found === 'object' && found !== null && 'version' in found ? found.version : undefined;
    if (version !== STATE_VERSION) {
      throw new CatnapError(
        'STATE_INVALID',
        `${this.path}: expected version ${STATE_VERSION}, found ${JSON.stringify(version)}; delete the file to learn anew`,
      );
    }
    const checked = anomalyStateSchema.safeParse(found);
    if (checked.success) return checked.data;
    const issue = checked.error.issues[0];
    throw new CatnapError(
      'STATE_INVALID',
      `${this.path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a saved state'}; delete the file to learn anew`,
    );
  }

  /** @throws CatnapError `STORE_FULL` when it cannot be written; the old file then stands. */
  save(state: AnomalyState): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      const partial = `${this.path}.partial`;
      const file = openSync(partial, 'w');
      try {
        writeSync(file, JSON.stringify(state));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(partial, this.path);
    } catch (cause) {
      throw new CatnapError('STORE_FULL', `${this.path}: what was learnt could not be saved`, { cause });
    }
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

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CatnapError('STATE_INVALID', `${path}: not JSON; delete the file to learn anew`, { cause });
  }
}
