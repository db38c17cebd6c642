import { expect, it } from 'vitest';
import { createStage } from '../../../../src/runtime/stages.js';
import { readAudio } from '../../../../src/sources/recording/read-audio.js';
import { planOwnWords } from '../../../../src/voice/words/plan.js';
import { voiceRecording } from '../../../support/replay.js';

const HOP = 1280;

/** Every word that is named while a recording of `alexa` is heard from its `first` sample on. */
async function named(first: number, ...phrases: readonly string[]): Promise<readonly string[]> {
  const words = phrases.map((say) => ({ say }));
  const asked = { budgetMs: 1000 };
  const plan = await planOwnWords(words, { tiny: asked, heavy: asked });
  const stage = await createStage(plan.tiny);
  const samples = (await readAudio(voiceRecording('settled'))).subarray(first);
  const found = new Set<string>();
  for (let startSample = 0; startSample + HOP <= samples.length; startSample += HOP) {
    const data = samples.slice(startSample, startSample + HOP);
    const window = { source: 'kitchen', startSample, rateHz: 16_000, channels: 1, data };
    const decision = await stage.decide(window, new AbortController().signal);
    if (decision.kind === 'abstain' || decision.kind === 'reject') continue;
    for (const label of [decision.label, ...(decision.besides?.keys() ?? [])]) found.add(label);
  }
  await stage.dispose();
  return [...found].sort();
}

it('names every word that may have been said, not only the likeliest', async () => {
  expect(await named(0, 'alexa', 'alexis', 'wildfire')).toEqual(['alexa', 'alexis']);
});

it('hears a word wherever it lies between two looks', async () => {
  for (const hops of [1, 3, 5]) expect(await named(hops * HOP, 'alexa')).toEqual(['alexa']);
});
