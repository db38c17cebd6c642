import { expect, it } from 'vitest';
import { createStage } from '../../../../src/runtime/stages.js';
import { readAudio } from '../../../../src/sources/recording/read-audio.js';
import { planOwnWords } from '../../../../src/voice/words/plan.js';
import { voiceRecording } from '../../../support/replay.js';

const HOP = 1280;

it('names every word that may have been said, not only the likeliest', async () => {
  const words = [{ say: 'alexa' }, { say: 'electra' }, { say: 'wildfire' }];
  const asked = { budgetMs: 1000, wordThresholds: {} };
  const plan = await planOwnWords(words, { tiny: asked, heavy: asked });
  const stage = await createStage(plan.tiny);
  const samples = await readAudio(voiceRecording('settled'));
  const named = new Set<string>();
  for (let startSample = 0; startSample + HOP <= samples.length; startSample += HOP) {
    const data = samples.slice(startSample, startSample + HOP);
    const window = { source: 'kitchen', startSample, rateHz: 16_000, channels: 1, data };
    const decision = await stage.decide(window, new AbortController().signal);
    if (decision.kind === 'abstain' || decision.kind === 'reject') continue;
    for (const label of [decision.label, ...(decision.besides?.keys() ?? [])]) named.add(label);
  }
  await stage.dispose();
  expect([...named].sort()).toEqual(['alexa', 'electra']);
});
