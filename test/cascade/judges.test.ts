import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Listener } from '../../src/bench/listener.js';
import { needsNothing, parseConfig } from '../../src/config/load.js';
import { voiceSchema } from '../../src/runtime/config.js';
import { readAudio } from '../../src/sources/recording/read-audio.js';
import { SerialRecording } from '../../src/sources/serial/serial-recording.js';
import { voiceRecording, watched } from '../support/replay.js';
import { root } from '../support/tools.js';

/** What heavy made of the words in recordings of the fixtures, with this said of it. */
async function looks(heavy: object, name = 'settled') {
  const listener = await Listener.open(
    voiceSchema.parse({ kind: 'voice', heavy, utterance: { enabled: false } }),
  );
  try {
    const { events } = await listener.hear(await readAudio(voiceRecording(name)));
    return events.flatMap((event) =>
      event.type === 'verified' || event.type === 'refused'
        ? [{ type: event.type, look: event.trail.at(-1) }]
        : [],
    );
  } finally {
    await listener.close();
  }
}

describe('a judge of heavy', () => {
  it.each([
    ['margin', /is next at 0\.\d\d$/],
    ['entropy', /% is left open$/],
    ['agreement', /^\d of 3 looks say the same$/],
    [{ kind: 'agreement', shiftsMs: [], with: 'phones' }, /^\d of 2 looks say the same$/],
    ['rule', /^keeps to the rules$/],
    ['learnt', /^[a-z' ]+ [+-]\d/],
  ] as const)('%o says in the trail what it held of a word in a recording', async (judge, because) => {
    const [first] = await looks({ judge });
    const kind = typeof judge === 'string' ? judge : judge.kind;
    expect(first).toMatchObject({
      type: 'verified',
      look: { judge: { kind, own: expect.any(Number), because: expect.stringMatching(because) } },
    });
  });

  it('refuses what breaks its rules', async () => {
    const heard = await looks({ judge: { kind: 'rule', labels: ['jarvis'] } });
    expect(heard).toMatchObject([
      { type: 'refused', look: { confidence: 0, judge: { because: 'another label than the allowed' } } },
    ]);
  });

  it('is not there where heavy is left to itself', async () => {
    const [first] = await looks({ judge: 'confidence' });
    expect(first?.look).not.toHaveProperty('judge');
  });
});

describe('a specialist', () => {
  it('is asked about its word, and heavy about the others', async () => {
    const heard = await looks({ specialists: { alexa: 'phones' } }, 'two-words');
    const believed = heard.filter(({ type }) => type === 'verified').map(({ look }) => look);
    expect(believed).toContainEqual(expect.objectContaining({ stage: 'phones', label: 'alexa' }));
    expect(believed).toContainEqual(expect.objectContaining({ stage: 'wake-heavy', label: 'jarvis' }));
  });
});

describe('a judge of a sensor', () => {
  const watching = async (judge: string) => {
    const path = join(root, 'fixtures/demo/pump.bridge');
    const config = parseConfig(
      `sources: [{ id: pump, kind: file, path: pump.wav }]
cascades: { sensor: { kind: sensor, learnSeconds: 400, heavy: { judge: ${judge} } } }`,
      'test',
      {},
      needsNothing,
    );
    const { events } = await watched(new SerialRecording({ id: 'pump', path }), config);
    return events.flatMap((event) =>
      event.type === 'verified' || event.type === 'refused'
        ? [[event.type, event.trail.at(-1)] as const]
        : [],
    );
  };

  it('believes a fault that stands out in a channel, and says in which', async () => {
    const heard = await watching('channels');
    expect(heard.map(([type]) => type)).toEqual(['verified', 'verified']);
    expect(heard[0]?.[1]).toMatchObject({
      judge: { kind: 'channels', because: expect.stringMatching(/^\w+ strayed most, \d+% of it$/) },
    });
  });

  it('believes none that stands out in others than it may', async () => {
    const heard = await watching('{ kind: channels, among: [humidity] }');
    expect(heard.filter(([type]) => type === 'verified')).toEqual([]);
  });
});
