import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Emulator } from '../../src/emulator/emulator.js';
import { journalEvents } from '../../src/events/journal-reading.js';
import { jsonLines } from '../../src/events/json-lines.js';
import { systemTimer } from '../../src/runtime/process/system-clock.js';
import { Daemon } from '../support/daemon.js';
import { gapEvent } from '../support/events.js';
import { recordingOf } from '../support/recordings.js';
import { temporaryFolder } from '../support/temporary-folder.js';

vi.setConfig({ testTimeout: 200_000 });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Listens to an order that only the cloud can answer, again and again, with its state on a bad disk. */
async function listening(stateDir: string): Promise<Daemon> {
  const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 });
  const daemon = Daemon.run(
    `
sources: [{ id: mic, kind: file, path: '${recordingOf('complex')}', realtime: true, loop: true }]
cascades: { voice: { kind: voice } }
journal: { flushMs: 100 }
uplink: { providers: [{ kind: plain, name: cloud, url: '${emulator.url}' }] }
`,
    { stateDir },
  );
  closers.push(
    () => daemon.end(),
    () => emulator.close(),
  );
  return daemon;
}

/** It has started on that disk, listens, and says what is the matter; once the disk is mended, nothing is missing. */
async function watchesThrough(daemon: Daemon, stateDir: string, mend: () => void): Promise<void> {
  const { code } = await daemon.health('uplink/outbox', 'degraded');
  expect(code).toBe('STORE_FULL');
  const { detection } = await daemon.event('escalated');
  expect(daemon.events.filter(({ type }) => type === 'undelivered')).toEqual([]);
  mend();
  await daemon.health('uplink/outbox', 'ok');
  await daemon.event('verdict', (verdict) => verdict.detection === detection);
  daemon.kill('SIGTERM');
  expect(await daemon.exit()).toBe(0);
  const kept: string[] = [];
  for await (const event of journalEvents(join(stateDir, 'journal'))) kept.push(event.id);
  const lasting = daemon.events.filter(({ type }) => type !== 'answer-part').map(({ id }) => id);
  expect(kept).toEqual(lasting);
}

describe('a disk that cannot be written', () => {
  it('row 24: keeps nobody from starting and listening, is told of, and gets everything once it can be', async () => {
    const folder = temporaryFolder();
    // Whoever runs this, root too, can make nothing below a file.
    const inTheWay = join(folder, 'disk');
    writeFileSync(inTheWay, '');
    const stateDir = join(inTheWay, 'state');
    const daemon = await listening(stateDir);
    await watchesThrough(daemon, stateDir, () => rmSync(inTheWay));
  });

  const isRoot = process.getuid?.() === 0;
  if (!isRoot) process.stderr.write('SKIPPED small disks: need root to mount a tmpfs\n');

  it.runIf(isRoot)('row 24: the same where it is full', async () => {
    const stateDir = join(temporaryFolder(), 'disk');
    mkdirSync(stateDir);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', stateDir]);
    closers.push(() => execFileSync('umount', [stateDir]));
    const filler = join(stateDir, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(4 * 1024 * 1024))).toThrow(/ENOSPC/);
    const daemon = await listening(stateDir);
    closers.reverse();
    await watchesThrough(daemon, stateDir, () => rmSync(filler));
  });

  it.runIf(isRoot)('row 24: the same where it may only be read', async () => {
    const stateDir = join(temporaryFolder(), 'disk');
    mkdirSync(stateDir);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m,ro', 'tmpfs', stateDir]);
    closers.push(() => execFileSync('umount', [stateDir]));
    const daemon = await listening(stateDir);
    closers.reverse();
    await watchesThrough(daemon, stateDir, () => execFileSync('mount', ['-o', 'remount,rw', stateDir]));
  });

  it.runIf(isRoot)(
    'row 24: a file of events says what it lacks, and goes on once there is room',
    async () => {
      const folder = temporaryFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
      closers.push(() => execFileSync('umount', [folder]));
      // Of its page on the disk there is room left for a part of a line.
      const before = `${'x'.repeat(4000)}\n`;
      const [file, filler] = [join(folder, 'events.jsonl'), join(folder, 'filler')];
      writeFileSync(file, before);
      expect(() => writeFileSync(filler, Buffer.alloc(64 * 1024))).toThrow(/ENOSPC/);
      const told: string[] = [];
      const sink = await jsonLines.open(
        { path: 'events.jsonl' },
        { folder, timer: systemTimer, onError: (error) => told.push((error as Error).message) },
      );
      closers.unshift(() => sink.close());
      for (const counter of [1, 2, 3]) sink.publish(gapEvent('mic', counter));
      await vi.waitFor(() =>
        expect(told).toEqual([
          `${file}: expected to write on to it, found ENOSPC: no space left on device, write`,
        ]),
      );
      rmSync(filler);
      sink.publish(gapEvent('mic', 4));
      await vi.waitFor(() => expect(told.slice(1)).toEqual([`${file}: 3 events could not be written`]));
      await sink.close();
      const [, part = '', ...whole] = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(JSON.stringify(gapEvent('mic', 1)).startsWith(part)).toBe(true);
      expect(whole).toEqual([JSON.stringify(gapEvent('mic', 4))]);
    },
  );
});
