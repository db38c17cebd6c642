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

it('with duplex a question streams while it is said, and an order settled here is taken back', async () => {
  const far = await startFarEnd('--port', '0', '--think', '0', '--word', '0');
  cloud = far;
  const running = Daemon.run(`
sources: [{ id: mic, kind: file, path: '${recordingOf('settled', 'complex')}', realtime: true, loop: true }]
uplink:
  duplex: true
  providers: [{ kind: plain, name: cloud, url: '${far.url}' }]
  egress: { rules: [{ name: all, allow: [label, transcript, audio] }] }
dashboard: { enabled: false }
`);
  daemon = running;
  const verdict = await running.event('verdict');
  const settled = await running.event('settled');
  const spoken = (detection: string) => far.speech.find(({ key }) => key.endsWith(detection));
  await running.until(() => spoken(settled.detection) !== undefined, 'the far end heard nothing settled');
  expect(spoken(verdict.detection)?.outcome).toBe('asked');
  expect(spoken(settled.detection)?.outcome).toBe('abandoned');
  // More than a second of it, and it came before the event.
  expect(spoken(verdict.detection)?.samples).toBeGreaterThan(16_000);
  expect(far.events.some(({ key }) => key.endsWith(verdict.detection))).toBe(true);
});
