import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AS_TRAINED } from '../../../../../src/core/thresholds.js';
import { shippedModel } from '../../../../../src/models/manifest.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';
import { wakeHeavy } from '../../../../../src/voice/stages/wake-heavy/kind.js';
import { loadWordEnds, type WordEnds } from '../../../../../src/voice/stages/wake-heavy/word-ends.js';
import { sine } from '../../../../support/wav.js';

const RATE_HZ = 16_000;
/** Where `alexa` ends in the fixture, and its order begins, by their levels. */
const WORD_END_SAMPLE = 44_000;
const ORDER_SAMPLE = 56_000;
const request = { name: 'wake-heavy', budgetMs: 1500, words: null, ...AS_TRAINED };

describe('the end of a word that was verified', () => {
  let ends: WordEnds;
  beforeAll(async () => {
    if (wakeHeavy.by !== 'manifest') throw new Error('expected a kind with a manifest');
    const { spec } = await wakeHeavy.plan(request, shippedModel('wake-heavy'));
    if (spec.ends?.kind !== 'model') throw new Error('expected the phone network');
    ends = await loadWordEnds(spec.ends, RATE_HZ);
  });
  afterAll(() => ends.dispose());

  it('lies where its last phone has been said, whether silence follows or an order at once', async () => {
    const audio = await readAudio('fixtures/voice/settled.wav');
    const order = audio.subarray(ORDER_SAMPLE);
    const inOneBreath = Float32Array.from([...audio.subarray(0, WORD_END_SAMPLE), ...order]);
    for (const said of [audio, inOneBreath]) {
      const end = await ends.in(said.subarray(0, WORD_END_SAMPLE + 0.3 * RATE_HZ), 'alexa');
      expect(Math.abs((end ?? 0) - WORD_END_SAMPLE)).toBeLessThan(0.2 * RATE_HZ);
    }
  });

  it('is not known where nothing sounds like the word', async () => {
    expect(await ends.in(sine(300, RATE_HZ, 2 * RATE_HZ), 'alexa')).toBeNull();
  });

  it('is not known of a word that its manifest does not spell', async () => {
    expect(await ends.in(new Float32Array(RATE_HZ), 'other')).toBeNull();
  });
});
