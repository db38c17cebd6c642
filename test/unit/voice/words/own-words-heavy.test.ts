import { expect, it } from 'vitest';
import { createStage } from '../../../../src/runtime/stages.js';
import { readAudio } from '../../../../src/sources/recording/read-audio.js';
import { planOwnWords } from '../../../../src/voice/words/plan.js';
import { voiceRecording } from '../../../support/replay.js';

const asked = { budgetMs: 60_000 };

it('tells which pronunciation fitted, and how much each sound and the reading lacked', async () => {
  const plan = await planOwnWords([{ say: 'alexa', ipa: ['alɛksa', 'alɛkpa'] }], {
    tiny: asked,
    heavy: asked,
  });
  const stage = await createStage(plan.heavy);
  const data = (await readAudio(voiceRecording('settled'))).slice(16_000, 56_000);
  const window = { source: 'kitchen', startSample: 0, rateHz: 16_000, channels: 1, data };
  const decision = await stage.decide(window, new AbortController().signal);
  await stage.dispose();
  if (decision.kind === 'abstain') throw new Error('it can judge');
  const { contributions } = decision;
  expect(new Set(contributions.map(({ feature }) => feature))).toEqual(new Set(['a l ɛ k s a']));
  expect(contributions.map(({ channel }) => channel)).toEqual(
    expect.arrayContaining(['sound l', 'sound s', 'reading']),
  );
  expect(contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
});
