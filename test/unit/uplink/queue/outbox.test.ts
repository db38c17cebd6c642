import { beforeEach, describe, expect, it } from 'vitest';
import { CatnapError } from '../../../../src/core/errors.js';
import { SteadyClock } from '../../../../src/uplink/queue/steady-clock.js';
import { createMemoryStore } from '../../../../src/uplink/queue/store.js';
import { keysOf, openOutbox } from '../../../support/outbox.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { upload } from '../../../support/uplink.js';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
});

describe('outbox', () => {
  it('has after a restart what it accepted, whole and in order', async () => {
    const first = await openOutbox(folder);
    const clip = { rateHz: 16_000, startSample: 5, pcm: Int16Array.from([1, -2, 32_767, -32_768]) };
    await first.outbox.put(upload({ key: 'a', clip }));
    await first.outbox.put(upload({ key: 'b' }));
    await first.store.close();
    const second = await openOutbox(folder);
    expect(await keysOf(second.outbox)).toEqual(['a', 'b']);
    const [stored] = await second.outbox.list();
    expect(stored?.upload.clip).toEqual(clip);
    await second.store.close();
  });

  it('stays closed once it is closed, so that another process can have it', async () => {
    const { outbox, store } = await openOutbox(folder);
    await store.close();
    await expect(outbox.put(upload({ key: 'late' }))).rejects.toMatchObject({ code: 'STATE_INVALID' });
    const next = await openOutbox(folder);
    expect(await keysOf(next.outbox)).toEqual([]);
    await next.store.close();
  });

  it('is of one Catnap at a time, and says what a second one is to do', async () => {
    const { store } = await openOutbox(folder);
    await expect(openOutbox(folder)).rejects.toThrow('found another Catnap that runs with it; end that one');
    await store.close();
  });

  it('keeps a key that is offered twice once', async () => {
    const { outbox, store } = await openOutbox(folder);
    await Promise.all([outbox.put(upload({ key: 'a' })), outbox.put(upload({ key: 'a' }))]);
    expect(await keysOf(outbox)).toEqual(['a']);
    await store.close();
  });

  it('evicts the lowest priority and of that the oldest, and says so', async () => {
    const limits = { maxBytes: 1024 * 1024, maxCount: 3, maxAgeMs: 60_000 };
    const { outbox, store, seen } = await openOutbox(folder, { limits });
    await outbox.put(upload({ key: 'high', priority: 2 }));
    await outbox.put(upload({ key: 'old', priority: 1 }));
    await outbox.put(upload({ key: 'young', priority: 1 }));
    await outbox.put(upload({ key: 'next', priority: 1 }));
    expect(seen.losses).toEqual(['old evicted']);
    expect(await keysOf(outbox)).toEqual(['high', 'young', 'next']);
    await store.close();
  });

  it('refuses what would only fit by evicting something more important', async () => {
    const limits = { maxBytes: 1024 * 1024, maxCount: 1, maxAgeMs: 60_000 };
    const { outbox, store } = await openOutbox(folder, { limits });
    await outbox.put(upload({ key: 'high', priority: 2 }));
    const refused = outbox.put(upload({ key: 'low', priority: 1 }));
    await expect(refused).rejects.toSatisfy(
      (error) => error instanceof CatnapError && error.code === 'STORE_FULL',
    );
    expect(await keysOf(outbox)).toEqual(['high']);
    await store.close();
  });

  it('keeps the sum of bytes under its bound', async () => {
    const limits = { maxBytes: 20_000, maxCount: 1_000, maxAgeMs: 60_000 };
    const { outbox, store, seen } = await openOutbox(folder, { limits });
    for (let index = 0; index < 100; index++) {
      await outbox.put(upload({ key: `k${index}`, transcript: 'x'.repeat(100 * (index % 7)) }));
      expect(outbox.bytes).toBeLessThanOrEqual(20_000);
    }
    expect(outbox.count + seen.losses.length).toBe(100);
    await store.close();
  });

  it('drops what waited longer than it may when it is next asked', async () => {
    let now = 1_000;
    const machine = { bootId: 'one', uptimeMs: () => now, wallMs: () => 0 };
    const steady = await SteadyClock.open(createMemoryStore(), machine);
    const { outbox, store, seen } = await openOutbox(folder, { steady });
    await outbox.put(upload({ key: 'stale' }));
    now += 60_001;
    await outbox.put(upload({ key: 'fresh' }));
    expect((await outbox.take())?.key).toBe('fresh');
    expect(seen.losses).toEqual(['stale expired']);
    await store.close();
  });

  it('moves the unanswerable to the dead letters, and back when asked', async () => {
    const first = await openOutbox(folder);
    await first.outbox.put(upload({ key: 'poison' }));
    const taken = await first.outbox.take();
    if (taken === null) throw new Error('nothing to take');
    await first.outbox.bury(taken, upload({ key: 'poison' }), 'UPLINK_REJECTED', 'status 400');
    await first.store.close();
    const second = await openOutbox(folder);
    expect(second.outbox.count).toBe(0);
    expect((await second.outbox.list())[0]?.death).toMatchObject({ code: 'UPLINK_REJECTED' });
    expect(await second.outbox.retry('poison')).toBe(1);
    expect((await second.outbox.take())?.key).toBe('poison');
    expect((await second.outbox.list()).map(({ death }) => death)).toEqual([null]);
    await second.store.close();
  });
});
