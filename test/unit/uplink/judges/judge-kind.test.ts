import { describe, expect, it } from 'vitest';
import { uplinkSchema } from '../../../../src/runtime/config.js';
import { createJudge } from '../../../../src/runtime/judges.js';
import type { Answer } from '../../../../src/uplink/providers/answer.js';
import { upload } from '../../../support/uplink.js';

const RAIN: Answer = { label: 'weather', text: 'Rain is expected in the afternoon.', action: null };
const LAMP = { name: 'lamp', parameters: { room: 'hall', level: '40' } };

/** What a judge makes of an answer that a configuration names by its word, or by such settings. */
async function opinion(judge: string | object, answer: Partial<Answer>, second: Partial<Answer> | null = {}) {
  const [config] = uplinkSchema.parse({ judges: [judge] }).judges;
  if (config === undefined) throw new Error('expected a judge');
  const asked = upload({ transcript: 'what is the weather like tomorrow' });
  const another = async () => (second === null ? null : { ...RAIN, ...second });
  const said = await createJudge(config, { folder: '.' }).judge({ ...RAIN, ...answer }, asked, { another });
  return { ...said, willDo: said.confidence >= config.accept };
}

describe('completeness', () => {
  it.each([
    ['is whole', {}, true],
    ['asks for an action', { action: LAMP, text: '' }, true],
    ['says nothing', { text: '  ' }, false],
    ['says that it cannot', { text: 'I am not able to tell what tomorrow brings.' }, false],
    ['says that it cannot', { text: 'Das weiß ich nicht.' }, false],
    ['has no label', { label: 'unknown' }, false],
    ['repeats the question', { text: 'What is the weather like tomorrow?' }, false],
    ['breaks off', { text: 'Rain is expected in the afternoon, and later in the' }, false],
    ['asks back', { text: 'For which town would that be?' }, false],
  ] as const)('finds that an answer %s: %j', async (because, answer, willDo) => {
    expect(await opinion('completeness', answer)).toMatchObject({ because, willDo });
  });

  it('has a bar of its own', async () => {
    const judge = { kind: 'completeness', accept: 0.3 };
    expect(await opinion(judge, { text: 'For which town?' })).toMatchObject({ willDo: true });
  });
});

describe('rules', () => {
  const schema = { type: 'object', properties: { label: { enum: ['weather'] } } };
  it.each([
    ['keeps to the rules', { labels: ['weather'], expect: 'rain', refuse: 'snow', schema }, true],
    ['another label than the allowed', { labels: ['news'] }, false],
    ['lacks what is expected', { expect: '^sun' }, false],
    ['holds what is refused', { refuse: 'RAIN' }, false],
    ['fewer than 100 characters', { minChars: 100 }, false],
    [
      'not of the schema',
      { schema: { type: 'object', properties: { text: { type: 'string', maxLength: 3 } } } },
      false,
    ],
  ] as const)('say that an answer %s', async (because, its, willDo) => {
    expect(await opinion({ kind: 'rule', ...its }, {})).toMatchObject({ because, willDo });
  });
});

describe('agreement of two answers', () => {
  it.each([
    ['the same label, 100% of the words', {}, {}, true],
    ['the same label, 75% of the words', {}, { text: 'Rain expected all afternoon, friend.' }, true],
    ['another label, 0% of the words', {}, { label: 'news', text: 'Nobody said so.' }, false],
    ['other numbers', { text: 'At 7 degrees.' }, { text: 'At 17 degrees.' }, false],
    ['the same action', { action: LAMP }, { action: LAMP, text: 'Done.' }, true],
    ['another action', { action: LAMP }, { action: { ...LAMP, parameters: { room: 'hall' } } }, false],
    ['another action', { action: LAMP }, {}, false],
  ] as const)('finds %s', async (because, answer, second, willDo) => {
    expect(await opinion('agreement', answer, second)).toMatchObject({ because, willDo });
  });

  it('is none where there is no second answer', async () => {
    expect(await opinion('agreement', {}, null)).toMatchObject({
      confidence: 0,
      because: 'no second answer',
    });
  });
});
