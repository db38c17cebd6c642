import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config/load.js';
import { Emulator } from '../emulator/emulator.js';
import type { Config } from '../runtime/config.js';
import { systemTimer } from '../runtime/process/system-clock.js';
import { faultsPathOf } from '../sensor/normal/state-file.js';
import { anomalyStatePath } from '../sensor/normal/state-path.js';

/** The same from `src` and from `dist`. */
const FOLDER = fileURLToPath(new URL('../../fixtures/demo/', import.meta.url));
const THINK_MS = 250;
const WORD_MS = 35;

/** The demonstration's configuration and the cloud it talks to. */
export interface Demo {
  readonly config: Config;
  /** What the configuration's paths are relative to. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts the bundled cloud on a free port and loads the bundled configuration against it. */
export async function startDemo(): Promise<Demo> {
  const cloud = await Emulator.start(systemTimer, {
    host: '127.0.0.1',
    port: 0,
    token: null,
    stateFile: null,
    thinkMs: THINK_MS,
    wordMs: WORD_MS,
  });
  const state = mkdtempSync(join(tmpdir(), 'catnap-demo-'));
  // The fault that somebody named before: it is known from the first time it shows.
  const known = faultsPathOf(anomalyStatePath(state, 'pump'));
  mkdirSync(dirname(known), { recursive: true });
  copyFileSync(`${FOLDER}pump.faults.json`, known);
  const env = { ...process.env, CATNAP_DEMO_CLOUD: cloud.url, CATNAP_DEMO_STATE: state };
  return {
    config: loadConfig(`${FOLDER}demo.yaml`, env),
    folder: FOLDER,
    async close() {
      await cloud.close();
      rmSync(state, { recursive: true, force: true });
    },
  };
}
