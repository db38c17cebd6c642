import { afterEach, expect, it } from 'vitest';
import { withMicrophone } from '../support/daemon-with-microphone.js';
import { type FarEnd, startFarEnd } from '../support/far-end.js';

const microphone = withMicrophone('settled', 'complex');
let cloud: FarEnd | null = null;
afterEach(async () => {
  await cloud?.kill();
});

it('a cloud that is killed leaves the local answers standing, marked degraded, and answers what waited once it is back', async () => {
  cloud = await startFarEnd('--port', '0', '--think', '0', '--word', '0');
  const daemon = microphone.run(`
sources: [{ id: mic, kind: microphone }]
uplink:
  providers: [{ kind: plain, name: cloud, url: '${cloud.url}' }]
  retry: { maxDelayMs: 2000 }
dashboard: { enabled: false }
`);
  await daemon.event('settled', ({ degraded }) => !degraded);
  await daemon.event('verdict');
  await cloud.kill();
  await daemon.event('settled', ({ degraded }) => degraded);
  const waiting = await daemon.event('escalated', ({ degraded }) => degraded);
  cloud = await startFarEnd('--port', `${cloud.port}`, '--think', '0', '--word', '0');
  await daemon.event('verdict', ({ detection }) => detection === waiting.detection);
  const heard = daemon.events.length;
  await daemon.until(
    () => daemon.events.slice(heard).some((event) => event.type === 'settled' && !event.degraded),
    'still degraded',
  );
  expect(daemon.transitions('uplink/cloud').at(-1)).toBe('ok');
});
