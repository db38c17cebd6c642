import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { keysOf, openOutbox } from '../support/outbox.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { upload } from '../support/uplink.js';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
});

// Hundreds of cuts, each a database that is opened.
vi.setConfig({ testTimeout: 300_000 });

describe('outbox on a disk that fails', () => {
  it('row 25: is a valid prefix of what was written whichever byte the power fails at', async () => {
    const writer = await openOutbox(folder);
    await writer.outbox.put(upload({ key: 'a' }));
    await writer.outbox.put(upload({ key: 'b' }));
    const log = () => readdirSync(folder).find((name) => name.endsWith('.log')) ?? '';
    const before = readFileSync(join(folder, log())).length;
    await writer.outbox.put(upload({ key: 'c', transcript: 'short' }));
    const image = temporaryFolder();
    cpSync(folder, image, { recursive: true });
    await writer.store.close();
    const whole = readFileSync(join(image, log())).length;
    expect(whole).toBeGreaterThan(before);
    for (let cut = before; cut <= whole; cut++) {
      const copy = temporaryFolder();
      cpSync(image, copy, { recursive: true });
      truncateSync(join(copy, log()), cut);
      const { outbox, store, seen } = await openOutbox(copy);
      expect(await keysOf(outbox)).toEqual(cut === whole ? ['a', 'b', 'c'] : ['a', 'b']);
      expect(seen.damaged).toBe(0);
      await store.close();
    }
  });

  it('row 26: skips and counts what has rotted, and keeps the rest', async () => {
    const writer = await openOutbox(folder);
    for (const key of ['a', 'b', 'c'])
      await writer.outbox.put(upload({ key, transcript: `said ${key}-words` }));
    await writer.store.close();
    for (const name of readdirSync(folder).filter((file) => /\.(ldb|log)$/.test(file))) {
      const bytes = readFileSync(join(folder, name));
      const at = bytes.indexOf('said b-words');
      if (at >= 0) bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
      writeFileSync(join(folder, name), bytes);
    }
    const reader = await openOutbox(folder);
    expect(await keysOf(reader.outbox)).toEqual(['a']);
    expect(reader.store.counters.damaged).toBe(1);
    expect(reader.seen.told).toEqual([expect.stringContaining('damaged bytes were skipped')]);
    await reader.outbox.put(upload({ key: 'd' }));
    expect(await keysOf(reader.outbox)).toContain('d');
    await reader.store.close();
  });

  it('row 26: opens though any one byte of its files has rotted', async () => {
    const writer = await openOutbox(folder);
    for (const key of ['a', 'b', 'c']) await writer.outbox.put(upload({ key }));
    await writer.store.close();
    for (const name of readdirSync(folder).filter((file) => !/^(LOG|LOCK)/.test(file))) {
      const bytes = readFileSync(join(folder, name));
      const step = Math.max(1, Math.floor(bytes.length / 40));
      for (let at = 0; at < bytes.length; at += step) {
        // What is damaged is set aside in the folder above.
        const copy = join(temporaryFolder(), 'outbox');
        cpSync(folder, copy, { recursive: true });
        const rotten = Buffer.from(bytes);
        rotten.writeUInt8(rotten.readUInt8(at) ^ 0xff, at);
        writeFileSync(join(copy, name), rotten);
        const { outbox, store } = await openOutbox(copy);
        await outbox.put(upload({ key: 'after' }));
        expect(await keysOf(outbox)).toContain('after');
        await store.close();
      }
    }
  });
});
