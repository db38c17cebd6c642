import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.js';
import type { CascadeEvent } from '../../src/core/events/events.js';
import { FileSource } from '../../src/sources/recording/file.js';
import { eventsOf } from '../support/replay.js';
import { serving } from '../support/speech-server.js';
import { root } from '../support/tools.js';

/** What becomes of a room of the demonstration whose words and orders are written down by servers on this machine. */
async function heard(heavy: string, ...recognisers: readonly string[]): Promise<readonly CascadeEvent[]> {
  const path = join(root, 'fixtures/demo/voice.wav');
  const models = recognisers.map((url) => `{ kind: openai, url: '${url}', model: small }`).join(', ');
  const config = parseConfig(
    `
sources: [{ id: mic, kind: microphone }]
cascades:
  voice:
    kind: voice
    tiny: { words: [alexa, computer] }
    heavy: { model: { kind: openai, url: '${heavy}', api: inference } }
    recogniser: { models: [${models}] }
`,
    join(root, 'catnap.yaml'),
    {},
  );
  return eventsOf(new FileSource({ id: 'kitchen', path }), config);
}

/** Writes down the wake words, each with what was said after it. */
async function writing(): Promise<string> {
  const orders = ['Turn on the kitchen light.', 'Tell me about Lisbon.', 'Stop.'];
  const words = ['Alexa.', 'Computer.', 'Alexa!'];
  const { url } = await serving(({ path }) => ({
    body: { text: (path === '/inference' ? words : orders).shift() ?? '' },
  }));
  return url;
}

const NOBODY = 'http://127.0.0.1:9';

const ends = (events: readonly CascadeEvent[]) =>
  events.flatMap((event) =>
    event.type === 'settled' || event.type === 'escalated' ? [[event.type, event.transcript]] : [],
  );
const trailOf = (events: readonly CascadeEvent[]) =>
  events.find((event) => event.type === 'settled')?.trail.map(({ kind, stage }) => `${stage}: ${kind}`);

const WRITTEN = [
  ['settled', 'Turn on the kitchen light.'],
  ['escalated', 'Tell me about Lisbon.'],
  ['settled', 'Stop.'],
];

it('verifies words and understands orders by what a server writes down', async () => {
  const url = await writing();
  const events = await heard(url, url);
  expect(ends(events)).toEqual(WRITTEN);
  expect(trailOf(events)).toEqual(['wake-tiny: accept', 'openai: accept', 'openai-2: accept']);
  expect(events.filter(({ type }) => type === 'health')).toEqual([]);
});

it('tells of each server that is away, once, whoever else answers', async () => {
  const url = await writing();
  const events = await heard(NOBODY, 'http://127.0.0.1:10', url);
  expect(ends(events)).toEqual(WRITTEN);
  expect(trailOf(events)).toEqual(['wake-tiny: accept', 'openai: abstain', 'openai-3: accept']);
  const away = { type: 'health', state: 'degraded', code: 'STAGE_UNAVAILABLE' };
  expect(events.filter(({ type }) => type === 'health')).toMatchObject([
    {
      ...away,
      component: 'kitchen/openai-answers',
      detail: expect.stringContaining(`${NOBODY}/inference: expected a server`),
    },
    {
      ...away,
      component: 'kitchen/openai-2-answers',
      detail: expect.stringContaining('http://127.0.0.1:10/v1/audio/transcriptions: expected a server'),
    },
  ]);
});
