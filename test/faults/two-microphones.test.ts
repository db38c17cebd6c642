import { afterEach, describe, expect, it } from 'vitest';
import { Daemon } from '../support/daemon.js';
import { type FarEnd, startFarEnd } from '../support/far-end.js';
import { voiceRecording } from '../support/replay.js';

let daemon: Daemon | null = null;
let cloud: FarEnd | null = null;
afterEach(async () => {
  await daemon?.end();
  await cloud?.kill();
});

describe('an order that two microphones hear', () => {
  it.each(['no', 'a dead', 'a live'])('is done once, with %s cloud', async (kind) => {
    cloud = kind === 'no' ? null : await startFarEnd('--port', '0', '--think', '0', '--word', '0');
    if (kind === 'a dead') await cloud?.kill();
    const path = voiceRecording('settled');
    const running = Daemon.run(`
sources:
  - { id: kitchen, kind: file, path: '${path}', realtime: true }
  - { id: hall, kind: file, path: '${path}', realtime: true }
uplink: { providers: [${cloud === null ? '' : `{ kind: plain, name: cloud, url: '${cloud.url}' }`}] }
dashboard: { enabled: false }
`);
    daemon = running;
    const lost = await running.event('refused');
    const done = await running.event('settled');
    expect(lost.reasons).toEqual(['heard-elsewhere']);
    expect(new Set([lost.source, done.source])).toEqual(new Set(['kitchen', 'hall']));
    const count = (type: string) => running.events.filter((event) => event.type === type).length;
    expect([count('settled'), count('escalated'), count('refused')]).toEqual([1, 0, 1]);
    // Whatever native libraries have to say of themselves in either thread, a terminal is told none of it.
    expect(running.stderr.split('\n').filter((line) => line !== '')).toEqual(['catnap listens']);
  });
});
