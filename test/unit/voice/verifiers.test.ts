import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { voiceSchema } from '../../../src/runtime/config.js';
import { voicePlan } from '../../../src/runtime/plan.js';
import { root } from '../../support/tools.js';

const planned = (heavy: object, tiny: object = {}) =>
  voicePlan(voiceSchema.parse({ kind: 'voice', heavy, tiny }));

/** What is wrong with a configuration whose heavy stage is this. */
function refusal(heavy: string): string {
  try {
    parseConfig(
      `sources: [{ id: mic, kind: microphone }]\ncascades: { voice: { kind: voice, heavy: ${heavy} } }\n`,
      join(root, 'catnap.yaml'),
      {},
    );
    return '';
  } catch (error) {
    return String(error);
  }
}

describe('the verifier of a voice cascade', () => {
  it('is asked about all words but those that have a specialist', async () => {
    const { heavy } = await planned({ specialists: { jarvis: 'phones', alexa: 'phones' } });
    expect(heavy).toMatchObject({
      kind: 'group',
      members: [
        { spec: { kind: 'wake-heavy' }, words: ['computer', 'smart_mirror', 'snowboy', 'view_glass'] },
        { spec: { kind: 'phones' }, words: ['jarvis', 'alexa'] },
      ],
    });
  });

  it('is nobody but specialists where every word has one', async () => {
    const { heavy, words } = await planned({ specialists: { jarvis: 'phones' } }, { words: ['jarvis'] });
    expect(words).toEqual(['jarvis']);
    expect(heavy).toMatchObject({ kind: 'phones', words: [{ name: 'jarvis' }] });
  });

  it('is left to itself, or stands behind a judge that has every confidence worked out', async () => {
    expect((await planned({})).heavy).toMatchObject({ kind: 'wake-heavy' });
    expect((await planned({ judge: 'confidence' })).heavy).not.toHaveProperty('exact');
    expect((await planned({ judge: 'margin' })).heavy).toMatchObject({
      kind: 'judged',
      name: 'wake-heavy',
      judge: { kind: 'margin' },
      stage: { kind: 'wake-heavy', exact: true },
      other: null,
    });
    const { heavy } = await planned({ judge: { kind: 'agreement', with: 'phones' } }, { words: ['alexa'] });
    expect(heavy).toMatchObject({ other: { spec: { kind: 'phones' }, words: ['alexa'] } });
  });

  it('is called otherwise than another of its kind, and as the same is elsewhere', async () => {
    const at = (port: number) => ({ kind: 'openai', url: `http://127.0.0.1:${port}` });
    const recogniser = { models: ['commands', at(8001), at(8002), at(8000)] };
    const { heavy, recogniser: asked } = await voicePlan(
      voiceSchema.parse({
        kind: 'voice',
        tiny: { words: ['alexa'] },
        heavy: { model: at(8000) },
        recogniser,
      }),
    );
    expect(heavy?.name).toBe('openai');
    expect(asked?.members.map(({ name }) => name)).toEqual(['commands', 'openai-2', 'openai-3', 'openai']);
  });

  it('has no judge or specialist that there is none of, or that cannot judge it', () => {
    expect(refusal('{ judge: channels }')).toContain('cascades.voice.heavy.judge');
    expect(refusal('{ judge: { kind: agreement, shiftsMs: [] } }')).toContain('one look agrees with nobody');
    expect(refusal('{ judge: { kind: agreement, with: ./none.json } }')).toContain('heavy.judge.with');
    expect(refusal('{ judge: { kind: learnt, path: ./none.json } }')).toContain('none.json');
    expect(refusal('{ specialists: { banana: phones } }')).toContain('expected a word that is listened for');
    expect(refusal('{ specialists: { jarvis: commands } }')).toContain('expected one of kind');
    expect(refusal('{ specialists: { jarvis: phones }, judge: margin }')).toBe('');
  });
});
