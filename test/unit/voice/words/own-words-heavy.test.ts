import { expect, it } from 'vitest';
import type { Judgement, Stage } from '../../../../src/core/cascade/stage.js';
import { createStage } from '../../../../src/runtime/stages.js';
import { readAudio } from '../../../../src/sources/recording/read-audio.js';
import { phones } from '../../../../src/voice/stages/phones/kind.js';
import { planOwnWords } from '../../../../src/voice/words/plan.js';
import { voiceRecording } from '../../../support/replay.js';

const asked = { budgetMs: 60_000 };

/** What a stage says of the recording of an `alexa`. */
async function decided(stage: Stage): Promise<Judgement> {
  const data = (await readAudio(voiceRecording('settled'))).slice(16_000, 56_000);
  const window = { source: 'kitchen', startSample: 0, rateHz: 16_000, channels: 1, data };
  const decision = await stage.decide(window, new AbortController().signal);
  await stage.dispose();
  if (decision.kind === 'abstain') throw new Error('it can judge');
  return decision;
}

it('tells which pronunciation fitted, and how much each sound and the reading lacked', async () => {
  const plan = await planOwnWords([{ say: 'alexa', ipa: ['alɛksa', 'alɛkpa'] }], {
    tiny: asked,
    heavy: asked,
  });
  const { contributions } = await decided(await createStage(plan.heavy));
  expect(new Set(contributions.map(({ feature }) => feature))).toEqual(new Set(['a l ɛ k s a']));
  expect(contributions.map(({ channel }) => channel)).toEqual(
    expect.arrayContaining(['sound l', 'sound s', 'reading']),
  );
  expect(contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
});

it('has a window read that could not be believed where every confidence is to be known, and only there', async () => {
  const request = {
    name: 'phones',
    words: ['birthday'],
    thresholds: null,
    wordThresholds: {},
    budgetMs: 60_000,
  };
  const of = async (exact: boolean) => {
    if (phones.by !== 'name') throw new Error('it is planned by its name');
    const { spec } = await phones.plan({ ...request, exact });
    return decided(await createStage(spec));
  };
  const [bound, exact] = [await of(false), await of(true)];
  expect([bound.kind, exact.kind]).toEqual(['reject', 'reject']);
  expect(bound.contributions.map(({ channel }) => channel)).not.toContain('reading');
  expect(exact.contributions.map(({ channel }) => channel)).toContain('reading');
  expect(bound.range).toEqual({ least: 0, most: bound.confidence });
  expect(exact.confidence).toBeLessThan(bound.confidence);
  expect(exact.confidences).toEqual(new Map([['birthday', exact.confidence]]));
});

it('has a word read that is believed from less than half', async () => {
  const plan = await planOwnWords([{ say: 'alaska', accept: 0.2 }], { tiny: asked, heavy: asked });
  const { contributions } = await decided(await createStage(plan.heavy));
  expect(contributions.map(({ channel }) => channel)).toContain('reading');
});
