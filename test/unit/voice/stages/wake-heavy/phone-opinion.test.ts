import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AS_TRAINED } from '../../../../../src/core/thresholds.js';
import { shippedModel } from '../../../../../src/models/manifest.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';
import { wakeHeavy } from '../../../../../src/voice/stages/wake-heavy/kind.js';
import {
  loadPhoneOpinion,
  type PhoneOpinion,
} from '../../../../../src/voice/stages/wake-heavy/phone-opinion.js';
import { sine } from '../../../../support/wav.js';

const RATE_HZ = 16_000;
/** Where `alexa` ends in the fixture, and its order begins, by their levels. */
const WORD_END_SAMPLE = 44_000;
const ORDER_SAMPLE = 56_000;
const request = { name: 'wake-heavy', budgetMs: 1500, words: null, ...AS_TRAINED };

describe('how a word fits the phones that were said', () => {
  const { labels } = shippedModel('wake-heavy').manifest;
  let phones: PhoneOpinion;
  beforeAll(async () => {
    if (wakeHeavy.by !== 'manifest') throw new Error('expected a kind with a manifest');
    const { spec } = await wakeHeavy.plan(request, shippedModel('wake-heavy'));
    if (spec.phones?.kind !== 'model') throw new Error('expected the phone network');
    phones = await loadPhoneOpinion(spec.phones, labels, RATE_HZ);
  });
  afterAll(() => phones.dispose());

  it('adds as much as it may to the word that is said, and takes as much from words that are not', async () => {
    const audio = await readAudio('fixtures/voice/settled.wav');
    const added = await phones.of(audio.subarray(0, WORD_END_SAMPLE + 0.3 * RATE_HZ));
    expect(added[labels.indexOf('alexa')]).toBe(phones.most);
    for (const word of ['computer', 'jarvis', 'smart_mirror', 'snowboy', 'view_glass'])
      expect(added[labels.indexOf(word)]).toBe(phones.least);
    expect(added[labels.indexOf('other')]).toBe(0);
  });

  it('has a word end where its last phone has been said, whether silence follows or an order at once', async () => {
    const audio = await readAudio('fixtures/voice/settled.wav');
    const order = audio.subarray(ORDER_SAMPLE);
    const inOneBreath = Float32Array.from([...audio.subarray(0, WORD_END_SAMPLE), ...order]);
    for (const said of [audio, inOneBreath]) {
      await phones.of(said.subarray(0, WORD_END_SAMPLE + 0.3 * RATE_HZ));
      expect(Math.abs((phones.endOf('alexa') ?? 0) - WORD_END_SAMPLE)).toBeLessThan(0.2 * RATE_HZ);
    }
  });

  it('knows no end where nothing sounds like the word, nor of one that its manifest does not spell', async () => {
    await phones.of(sine(300, RATE_HZ, 2 * RATE_HZ));
    expect(phones.endOf('alexa')).toBeNull();
    await phones.of(new Float32Array(RATE_HZ));
    expect(phones.endOf('other')).toBeNull();
  });
});
