import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { holdFile } from '../../../src/files/hold-file.js';
import { thisProcess } from '../../../src/files/running-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A file, and what holds it. */
function heldFile(holder: string): string {
  const file = join(temporaryFolder(), 'catnap.yaml');
  writeFileSync(`${file}.lock`, holder);
  return file;
}

/** What was held by a process that is gone. */
function gone(): string {
  return `${spawnSync(process.execPath, ['-e', '']).pid}-1`;
}

it('is free of a process that is gone, also where another one has its id now', () => {
  for (const holder of [gone(), `${process.pid}-1`]) {
    const file = heldFile(holder);
    const letGo = holdFile(file);
    expect(readFileSync(`${file}.lock`, 'utf8')).toBe(thisProcess());
    letGo();
    expect(existsSync(`${file}.lock`)).toBe(false);
  }
});

it('waits for another process that frees it of the same one that is gone, and then holds it', async () => {
  const file = heldFile(gone());
  const other = spawn('sh', [
    '-c',
    'printf "$$-" >"$0.lock.lock"; echo; sleep 0.3; printf "$$-" >"$0.lock"; rm "$0.lock.lock"; sleep 0.3; cp "$0.lock" "$0.kept"; rm "$0.lock"',
    file,
  ]);
  await once(other.stdout, 'data');
  const letGo = holdFile(file);
  expect(readFileSync(`${file}.kept`, 'utf8')).toBe(`${other.pid}-`);
  expect(readFileSync(`${file}.lock`, 'utf8')).toBe(thisProcess());
  letGo();
});
