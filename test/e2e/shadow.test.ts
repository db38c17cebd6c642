import { appendFileSync, readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { catnap } from '../support/cli.js';
import { Daemon, writeConfig } from '../support/daemon.js';
import { recordingOf } from '../support/recordings.js';

let daemon: Daemon | null = null;
afterEach(async () => {
  await daemon?.end();
});

it('a candidate beside what runs decides and does nothing, takes its place when it is promoted, and gives it back', async () => {
  const config = writeConfig(`
sources: [{ id: mic, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }]
cascades:
  voice: { kind: voice, heavy: { enabled: false }, utterance: { enabled: false } }
  deaf:
    kind: voice
    tiny: { thresholds: { reject: 0.1, accept: 1 } }
    heavy: { enabled: false }
    utterance: { enabled: false }
shadow: { mic: deaf }
dashboard: { enabled: false }
`);
  const running = new Daemon(['run', '--json', config]);
  daemon = running;
  const shadow = await running.event('shadow');
  expect(shadow).toMatchObject({ source: 'mic', believed: false, detection: 'mic~shadow/d1' });
  expect(shadow.candidate).toMatch(/^deaf@[0-9a-f]{8}$/);
  expect(running.events.filter(({ type }) => type === 'verified')).toHaveLength(1);
  expect(catnap(['promote', 'mic', '--config', config, '--force']).status).toBe(0);
  await running.event(
    'health',
    ({ component, detail }) => component === 'mic/cascade' && detail === 'goes by deaf',
  );
  await running.event('shadow', ({ candidate, believed }) => candidate.startsWith('voice@') && believed);
  await running.event('refused');
  expect(catnap(['rollback', 'mic', '--config', config]).status).toBe(0);
  await running.event(
    'health',
    ({ component, detail }) => component === 'mic/cascade' && detail === 'goes by voice',
  );
  expect(readFileSync(config, 'utf8')).toContain('shadow: { mic: deaf }');
});

it('a candidate that is written into the file while Catnap runs listens beside from then on', async () => {
  const config = writeConfig(`
sources: [{ id: mic, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }]
cascades:
  voice: { kind: voice, heavy: { enabled: false }, utterance: { enabled: false } }
  other: { kind: voice, tiny: { refractoryMs: 1000 }, heavy: { enabled: false }, utterance: { enabled: false } }
dashboard: { enabled: false }
`);
  const running = new Daemon(['run', '--json', config]);
  daemon = running;
  await running.event('verified');
  expect(running.events.filter(({ type }) => type === 'shadow')).toEqual([]);
  appendFileSync(config, 'shadow: { mic: other }\n');
  const shadow = await running.event('shadow', ({ believed }) => believed);
  expect(shadow).toMatchObject({
    source: 'mic',
    candidate: expect.stringMatching(/^other@/),
  });
});
