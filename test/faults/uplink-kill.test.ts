import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { FaultRun } from '../../src/bench/uplink-faults.js';
import { root } from '../support/tools.js';

it('loses, repeats and reorders nothing through a failing cloud and kill -9', async () => {
  const args = ['bench', 'uplink', '--json', '--events', '400', '--kill-every', '1500', '--rounds', '1'];
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'dist/cli.js'), ...args]);
  const { faults } = JSON.parse(stdout) as { faults: FaultRun };
  expect(faults).toMatchObject({ offered: 400, lost: 0, duplicates: 0, wronglyDead: 0, outOfOrder: 0 });
  expect(faults.delivered + faults.deadLettered).toBe(400);
  expect(faults.deadLettered).toBe(faults.poisonous);
  expect(Object.values(faults.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
}, 300_000);
