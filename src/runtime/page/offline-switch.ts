import { join } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import { parseJson } from '../../core/json.js';
import * as z from '../../core/zod.js';
import { keepIn, keptIn } from './kept-file.js';

const OFFLINE_FILE = 'offline.json';
const keptSchema = z.strictObject({ version: z.literal(1), offline: z.boolean(), by: z.string() });

export interface OfflineSwitchDeps {
  /** Folder in which it is kept: who asked that no cloud be asked is obeyed after a power cut, too. */
  readonly stateDir: string;
  /** Told whenever it changes, and how it is from then on. */
  readonly onChange: (isOffline: boolean, health: Health) => void;
}

/** Whether somebody said, while Catnap runs, that no cloud is to be asked. */
export class OfflineSwitch {
  #isOn = false;

  constructor(private readonly deps: OfflineSwitchDeps) {}

  get isOn(): boolean {
    return this.#isOn;
  }

  /** @returns whether it could be kept for the next start. */
  set(isOn: boolean, by: string): boolean {
    this.#become(isOn, by);
    return keepIn(join(this.deps.stateDir, OFFLINE_FILE), { version: 1, offline: isOn, by });
  }

  /**
   * Is offline if it was when Catnap ended.
   * @throws CatnapError `STATE_INVALID` when what was kept cannot be read; then no cloud is asked.
   */
  restore(): void {
    const kept = readKept(this.deps.stateDir);
    if (kept === null) return;
    if (kept.offline) this.#become(true, kept.by);
    if (kept.isReadable) return;
    const found = 'expected whether the cloud may be asked, found something else';
    throw new CatnapError('STATE_INVALID', `${OFFLINE_FILE}: ${found}; it is not until somebody says so`);
  }

  #become(isOn: boolean, by: string): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    const health: Health = isOn
      ? { state: 'down', code: 'OK', detail: `offline until somebody says otherwise, by ${by}` }
      : { state: 'ok', code: 'OK', detail: 'the cloud may be asked again' };
    this.deps.onChange(isOn, health);
  }
}

/** Whether it was offline when it ended, or may have been. */
export function wasOffline(stateDir: string): boolean {
  return readKept(stateDir)?.offline === true;
}

interface Kept {
  readonly offline: boolean;
  readonly by: string;
  readonly isReadable: boolean;
}

/** Null where nothing was kept. */
function readKept(stateDir: string): Kept | null {
  const text = keptIn(join(stateDir, OFFLINE_FILE));
  if (text === null) return null;
  const kept = keptSchema.safeParse(parseJson(text));
  if (kept.success) return { ...kept.data, isReadable: true };
  return { offline: true, by: 'a file that cannot be read', isReadable: false };
}
