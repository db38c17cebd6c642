// A thread whose sources do what their specs say.
import { setTimeout as delay } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { CatnapError } from '../../dist/core/errors.js';
import { serveThread } from '../../dist/runtime/worker/this-worker.js';

const PREPARED = {
  type: 'health',
  v: 1,
  id: 'x/1',
  component: 'x',
  state: 'ok',
  code: 'OK',
  detail: '',
  measured: null,
};

serveThread(async (spec, outlet) => ({
  async run(signal) {
    outlet.event({ ...PREPARED, id: `${outlet.ids}/1`, detail: outlet.ids });
    switch (spec) {
      case 'end':
        return;
      case 'throw':
        throw new Error('scripted');
      case 'refuse':
        throw new CatnapError('MODEL_MISSING', 'scripted');
      case 'hang':
        for (;;);
      case 'deaf':
        return new Promise(() => {});
      case 'thread':
        outlet.event({ ...PREPARED, detail: `thread ${threadId}` });
        await delay(60_000, undefined, { signal }).catch(() => {});
        return;
      case 'last-words':
        await delay(60_000, undefined, { signal }).catch(() => {});
        outlet.event({ ...PREPARED, detail: 'flushed' });
        return;
      case 'readings':
        for (let sample = 0; sample < 5; sample++) {
          outlet.telemetry({ type: 'level', sample });
          await delay(100);
        }
        await delay(60_000, undefined, { signal }).catch(() => {});
        return;
      case 'neighbours':
        {
          const startMs = performance.now();
          while (outlet.otherSources(performance.now(), 2000).length === 0) await delay(10);
          const detail = [startMs - 60_000, performance.now()].map((atMs) =>
            outlet.otherSources(atMs, 2000).join(),
          );
          outlet.event({ ...PREPARED, detail: detail.join('/') });
        }
        return;
      case 'heard-before':
        outlet.event({
          ...PREPARED,
          detail: `${outlet.heardAtMs !== null && outlet.heardAtMs < performance.now()}`,
        });
        throw new Error('scripted');
    }
  },
  shed() {
    outlet.event({ ...PREPARED, detail: 'shed' });
  },
  async command(text) {
    if (text === 'crash') setImmediate(() => process.exit(3));
    if (text === 'hang') for (;;);
    if (text === 'crash') await delay(60_000);
    if (text !== 'relay on') throw new CatnapError('SOURCE_UNAVAILABLE', `refused: ${text}`);
  },
  async close() {},
}));
