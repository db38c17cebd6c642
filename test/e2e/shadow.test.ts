import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { EventOf } from '../../src/core/events/events.js';
import { EVENT_NAMES, eventFeatures } from '../../src/learning/router/event-features.js';
import { ChatFarEnd, says } from '../support/chat-far-end.js';
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

it('a candidate that is held to other thresholds of heavy leaves those of what runs as they are', async () => {
  const config = writeConfig(`
sources: [{ id: mic, kind: file, path: '${recordingOf('settled')}', realtime: true, loop: true }]
cascades:
  voice: { kind: voice, utterance: { enabled: false } }
  deaf:
    kind: voice
    heavy: { thresholds: { reject: 1, accept: 1 } }
    utterance: { enabled: false }
shadow: { mic: deaf }
dashboard: { enabled: false }
`);
  const running = new Daemon(['run', '--json', config]);
  daemon = running;
  const refused = await running.event('shadow', ({ trail }) => trail.length > 1);
  expect(refused).toMatchObject({ believed: false });
  expect(refused.trail.at(-1)).toMatchObject({ stage: 'wake-heavy', thresholds: { accept: 1, reject: 1 } });
  const asked = running.events.filter((event) => event.type === 'verified' || event.type === 'refused');
  const next = await running.event('verified', (event) => !asked.includes(event));
  expect(next.trail.at(-1)).toMatchObject({ stage: 'wake-heavy', kind: 'accept' });
  expect(next.trail.at(-1)).not.toMatchObject({ thresholds: { accept: 1 } });
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

it('a router that is looked at has the say in the Catnap that runs once it is promoted, and gives it back', async () => {
  const small = await ChatFarEnd.start(() => says('I cannot help with that.'));
  const big = await ChatFarEnd.start(() => says('A trowel and a pair of gloves.'));
  const config = writeConfig(`
sources: [{ id: mic, kind: file, path: '${recordingOf('complex')}', realtime: true, loop: true }]
uplink:
  providers:
    - { kind: chat, name: small, url: '${small.url}', model: small }
    - { kind: chat, name: big, url: '${big.url}', model: big }
  judges: [completeness]
  routing: { beside: new.json }
dashboard: { enabled: false }
`);
  // Takes any question that has a word of this one for a hard one.
  const transcript = 'What would be a good present for my sister, who likes gardening,';
  const known = eventFeatures({
    transcript,
    local: {},
    source: 'mic',
    wallTime: '2026-01-01T08:00:00Z',
  }).words;
  const shape = EVENT_NAMES.map(() => [0, 1, 0]);
  const weights = {
    names: EVENT_NAMES,
    intercept: 1,
    shape,
    words: known.map((word) => [word, 1, 0]),
    farthest: 1e9,
  };
  writeFileSync(join(dirname(config), 'new.json'), JSON.stringify({ version: 1, weights, least: 0.5 }));
  try {
    const running = new Daemon(['run', '--json', config]);
    daemon = running;
    const begunAt = (begun: 'cheap' | 'dear', after: number) => (event: EventOf<'verdict'>) =>
      event.routes?.begun === begun && running.events.indexOf(event) >= after;
    const first = await running.event('verdict', begunAt('cheap', 0));
    expect(first.routes).toMatchObject({ candidate: expect.stringMatching(/^new\.json@/), would: 'dear' });
    expect(first.steps?.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['small', 'passed-on'],
      ['big', 'answered'],
    ]);
    expect(catnap(['promote', '--router', '--config', config, '--force']).status).toBe(0);
    await running.event('health', ({ detail }) => detail === 'questions begin where new.json says');
    const [promoted, asked] = [running.events.length, small.requests.length];
    const dear = await running.event(
      'verdict',
      (event) =>
        event.provider === 'big' && running.events.indexOf(event) >= promoted && event.steps?.length !== 2,
    );
    expect(dear.steps ?? []).not.toContainEqual(expect.objectContaining({ provider: 'small' }));
    expect(small.requests.length - asked).toBeLessThanOrEqual(1);
    expect(catnap(['rollback', '--router', '--config', config]).status).toBe(0);
    await running.event('health', ({ detail }) => detail.startsWith('questions begin at the cheap provider'));
    await running.event('verdict', begunAt('cheap', running.events.length));
    expect(readFileSync(config, 'utf8')).toContain('beside: new.json');
    expect([...small.violations, ...big.violations]).toEqual([]);
  } finally {
    await daemon?.end();
    await Promise.all([small.close(), big.close()]);
  }
});
