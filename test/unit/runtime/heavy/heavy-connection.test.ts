import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Window } from '../../../../src/core/cascade/stage.js';
import type { Health } from '../../../../src/core/events/health.js';
import { connectHeavy } from '../../../../src/runtime/heavy/heavy-connection.js';
import { HeavyHost, type HeavyThread } from '../../../../src/runtime/heavy/heavy-host.js';
import { systemTimer } from '../../../../src/runtime/process/system-clock.js';
import { MainSignals } from '../../../../src/runtime/worker/main-signals.js';
import { SourceThread } from '../../../../src/runtime/worker/source-thread.js';

const SCRIPT = fileURLToPath(new URL('../../../../dist/runtime/source-worker.js', import.meta.url));
const WINDOW: Window = {
  source: 'mic',
  startSample: 0,
  rateHz: 16_000,
  channels: 1,
  data: new Float32Array(1600),
};

it('is made anew when the thread at its other end is gone, and asks there from then on', async () => {
  const thread = new SourceThread(SCRIPT, new MainSignals());
  const threads: HeavyThread[] = [];
  const host = new HeavyHost(() => {
    const place = thread.serveHeavy(null);
    threads.push(place);
    return place;
  });
  const health: Health[] = [];
  let onHealth = (): void => {};
  const changed = () =>
    new Promise<void>((resolve) => {
      onHealth = resolve;
    });
  const { line, dispose } = connectHeavy(
    { heavy: host.open('mic', 60_000), heavyAgain: async () => host.open('mic', 60_000) },
    {
      wakeMs: 20_000,
      waitMs: 0,
      timer: systemTimer,
      onHealth: (change) => {
        health.push(change);
        onHealth();
      },
    },
  );
  const stage = line.stream('vad', 20_000, {
    kind: 'stage',
    spec: { kind: 'silero', name: 'vad', budgetMs: 20_000, thresholds: { accept: 0.5, reject: 0.5 } },
  });
  const ask = () => stage.decide(WINDOW, new AbortController().signal);
  expect(await ask()).toMatchObject({ kind: 'reject' });

  const down = changed();
  await threads[0]?.terminate();
  await down;
  expect(await ask()).toMatchObject({ kind: 'abstain', code: 'STAGE_UNAVAILABLE' });
  await changed();
  expect(health.map(({ state }) => state)).toEqual(['down', 'ok']);
  expect(await ask()).toMatchObject({ kind: 'reject' });
  expect(threads).toHaveLength(2);

  dispose();
  await host.end();
});
