import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Emulator } from '../../../src/emulator/emulator.js';
import { systemTimer } from '../../../src/runtime/process/system-clock.js';
import { auditRows } from '../../../src/uplink/accounts/audit.js';
import { openStoreCopy } from '../../../src/uplink/queue/store-copy.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { escalation, Published, uplinkTo } from '../../support/uplink.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(config: object) {
  const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 });
  closers.push(() => emulator.close());
  const published = new Published();
  const uplink = await uplinkTo(emulator.url, published, config);
  closers.push(() => uplink.close(0));
  return { emulator, published, uplink };
}

describe('routing', () => {
  it('lets the local answer stand when nothing that may leave is a question', async () => {
    const { emulator, published, uplink } = await start({});
    await uplink.offer(escalation({ transcript: '', reasons: ['empty-transcript'] }));
    expect(published.of('undelivered')).toMatchObject([{ outcome: 'settled' }]);
    expect(emulator.connections).toBe(0);
  });

  it('leaves in the audit what was decided, why, and on which features of the device', async () => {
    const stateDir = temporaryFolder();
    const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 });
    closers.push(() => emulator.close());
    const published = new Published();
    const uplink = await uplinkTo(emulator.url, published, {}, { stateDir });
    await uplink.offer(escalation());
    await uplink.offer(escalation({ transcript: '' }));
    await published.until((all) => all.of('verdict').length + all.of('undelivered').length === 2);
    await uplink.close(0);
    const store = await openStoreCopy(join(stateDir, 'uplink'));
    const rows = [];
    for await (const row of auditRows(store, null, null)) rows.push(row);
    await store.close();
    expect(rows.map(({ route }) => route).sort()).toEqual(['now', 'settle']);
    const asked = rows.find(({ route }) => route === 'now');
    expect(JSON.parse(asked?.features ?? '')).toMatchObject({ words: 6, local: { unknownWords: 2 } });
  });

  it('keeps what may wait until the cloud is asked anyway', async () => {
    const { emulator, published, uplink } = await start({ routing: { laterPriority: 1 } });
    const waits = escalation({ source: 'pump', priority: 1 });
    await uplink.offer(waits);
    expect(uplink.stats().waiting.count).toBe(1);
    expect(emulator.connections).toBe(0);
    const now = escalation({ source: 'mic', priority: 5 });
    await uplink.offer(now);
    await published.until((all) => all.of('verdict').length === 2);
    expect(emulator.committed).toEqual([now.key, waits.key]);
    expect(emulator.connections).toBe(1);
  });

  it('keeps the order of a source when something urgent comes behind what may wait', async () => {
    const { emulator, published, uplink } = await start({ routing: { laterReasons: ['no-match'] } });
    const waits = escalation({ reasons: ['no-match'] });
    const now = escalation({ reasons: ['unknown-fault'] });
    await uplink.offer(waits);
    await uplink.offer(now);
    await published.until((all) => all.of('verdict').length === 2);
    expect(emulator.committed).toEqual([waits.key, now.key]);
  });

  it('asks after a while even when nothing else does', async () => {
    const { emulator, published, uplink } = await start({ routing: { laterPriority: 1, laterMs: 50 } });
    const waits = escalation({ priority: 1 });
    await uplink.offer(waits);
    await published.until((all) => all.of('verdict').length === 1);
    expect(emulator.committed).toEqual([waits.key]);
  });
});
