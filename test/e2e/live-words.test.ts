import { afterEach, expect, it } from 'vitest';
import { catnap } from '../support/cli.js';
import { Daemon, writeConfig } from '../support/daemon.js';
import { recordingOf } from '../support/recordings.js';

let daemon: Daemon | null = null;
afterEach(async () => {
  await daemon?.end();
});

it('a word that is added is heard by the Catnap that runs, and one that is removed no longer, without a gap', async () => {
  const config = writeConfig(`
sources: [{ id: mic, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }]
cascades: { voice: { kind: voice, tiny: { words: [{ say: operator }] }, utterance: { enabled: false } } }
dashboard: { enabled: false }
`);
  const running = new Daemon(['run', '--json', config]);
  daemon = running;
  await running.until(() => running.stderr.includes('catnap listens'), 'does not listen');
  expect(catnap(['words', 'add', 'alexa', '--ipa', 'əlɛksə', '--config', config]).status).toBe(0);
  const added = await running.health('mic/words', 'ok');
  expect(added.detail).toBe('listens for operator, alexa');
  await running.event('verified', ({ label }) => label === 'alexa');
  expect(catnap(['words', 'remove', 'alexa', '--config', config]).status).toBe(0);
  await running.event('health', ({ detail }) => detail === 'listens for operator');
  // Where the recording begins anew is the only one.
  expect(running.events.filter((event) => event.type === 'gap' && event.reason !== 'reset')).toEqual([]);
  expect(new Set(running.events.map(({ id }) => id)).size).toBe(running.events.length);
});

it('a word that is removed takes along what the Catnap that runs has of it, which could not go on with that', async () => {
  const config = writeConfig(`
sources: [{ id: mic, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }]
cascades:
  voice:
    kind: voice
    tiny: { words: [computer, jarvis, { say: operator }], wordThresholds: { jarvis: { accept: 0.9, reject: 0.2 } } }
    leadsTo: { jarvis: office }
    utterance: { enabled: false }
  office: { kind: voice, utterance: { enabled: false } }
dashboard: { enabled: false }
`);
  const running = new Daemon(['run', '--json', config]);
  daemon = running;
  await running.until(() => running.stderr.includes('catnap listens'), 'does not listen');
  expect(catnap(['words', 'remove', 'jarvis', '--config', config]).status).toBe(64);
  expect(catnap(['words', 'remove', 'jarvis', '--anyway', '--config', config]).status).toBe(0);
  await running.event('health', ({ detail }) => detail === 'listens for computer, operator');
});
