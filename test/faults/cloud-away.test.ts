import { afterEach, expect, it } from 'vitest';
import { Daemon } from '../support/daemon.js';
import { type FarEnd, startFarEnd } from '../support/far-end.js';
import { recordingOf } from '../support/recordings.js';

let daemon: Daemon | null = null;
let cloud: FarEnd | null = null;
afterEach(async () => {
  await daemon?.end();
  await cloud?.kill();
});

it('a cloud that is killed leaves the local answers standing, marked degraded, and answers what waited once it is back', async () => {
  cloud = await startFarEnd('--port', '0', '--think', '0', '--word', '0');
  const running = Daemon.run(`
sources: [{ id: mic, kind: file, path: '${recordingOf('settled', 'complex')}', realtime: true, loop: true }]
uplink:
  providers: [{ kind: plain, name: cloud, url: '${cloud.url}' }]
  retry: { maxDelayMs: 2000 }
dashboard: { enabled: true, port: 0 }
`);
  daemon = running;
  await running.event('settled', ({ degraded }) => !degraded);
  await running.event('verdict');
  expect(await running.metrics()).toMatch(/^catnap_outbox_left_total\{outcome="delivered"\} [1-9]/m);
  await cloud.kill();
  await running.event('settled', ({ degraded }) => degraded);
  const waiting = await running.event('escalated', ({ degraded }) => degraded);
  await expect.poll(() => running.metrics()).toMatch(/^catnap_outbox_waiting [1-9]/m);
  cloud = await startFarEnd('--port', `${cloud.port}`, '--think', '0', '--word', '0');
  await running.event('verdict', ({ detection }) => detection === waiting.detection);
  const heard = running.events.length;
  await running.until(
    () => running.events.slice(heard).some((event) => event.type === 'settled' && !event.degraded),
    'still degraded',
  );
  expect(running.transitions('uplink/cloud').at(-1)).toBe('ok');
});
