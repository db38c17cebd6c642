import { describe, expect, it } from 'vitest';
import { Listener } from '../../src/bench/listener.js';
import { voiceSchema } from '../../src/runtime/config.js';
import { readAudio } from '../../src/sources/recording/read-audio.js';
import { voiceRecording } from '../support/replay.js';

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
