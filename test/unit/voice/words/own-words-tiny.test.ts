import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Judgement, Stage } from '../../../../src/core/cascade/stage.js';
import { wavOf } from '../../../../src/files/wav-header.js';
import { createStage } from '../../../../src/runtime/stages.js';
import { readAudio } from '../../../../src/sources/recording/read-audio.js';
import type { OwnWordConfig } from '../../../../src/voice/words/config.js';
import { planOwnWords } from '../../../../src/voice/words/plan.js';
import { goldenPcm } from '../../../support/recordings.js';
import { voiceRecording } from '../../../support/replay.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const HOP = 1280;

async function listening(words: readonly OwnWordConfig[]): Promise<Stage> {
  const asked = { budgetMs: 60_000 };
  const plan = await planOwnWords(words, { tiny: asked, heavy: asked });
  return createStage(plan.tiny);
}

/** What is said while a recording of `alexa` is heard from its `first` sample on, but for refusals. */
async function noticed(first: number, words: readonly OwnWordConfig[]): Promise<readonly Judgement[]> {
  const stage = await listening(words);
  const decisions = await decisionsOn(stage, (await readAudio(voiceRecording('settled'))).subarray(first));
  await stage.dispose();
  return decisions.filter(({ kind }) => kind !== 'reject');
}

async function decisionsOn(stage: Stage, samples: Float32Array): Promise<readonly Judgement[]> {
  const found: Judgement[] = [];
  for (let startSample = 0; startSample + HOP <= samples.length; startSample += HOP) {
    const data = samples.slice(startSample, startSample + HOP);
    const window = { source: 'kitchen', startSample, rateHz: 16_000, channels: 1, data };
    const decision = await stage.decide(window, new AbortController().signal);
    if (decision.kind !== 'abstain') found.push(decision);
  }
  return found;
}

/** Every word that is named meanwhile. */
async function named(first: number, ...phrases: readonly string[]): Promise<readonly string[]> {
  const found = await noticed(
    first,
    phrases.map((say) => ({ say })),
  );
  return [...new Set(found.flatMap(({ label, besides }) => [label, ...(besides?.keys() ?? [])]))].sort();
}

/** Takes of a part of the recording, as a folder. */
function takesOf(from: number, to: number): string {
  const folder = temporaryFolder();
  const said = goldenPcm('settled').slice(from, to);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.wav`), wavOf(16_000, said));
  return folder;
}

it('names every word that may have been said, not only the likeliest', async () => {
  expect(await named(0, 'alexa', 'alexis', 'wildfire')).toEqual(['alexa', 'alexis']);
});

it('hears a word wherever it lies between two looks', async () => {
  for (const hops of [1, 3, 5]) expect(await named(hops * HOP, 'alexa')).toEqual(['alexa']);
});

it('notices a word that was only ever spoken where it is like its takes, and all such words with it', async () => {
  const found = await noticed(0, [
    { name: 'hoi', takes: takesOf(30_000, 49_000) },
    { name: 'reversed', takes: takesOf(60_000, 76_000) },
    { say: 'wildfire' },
  ]);
  const [first] = found.filter(({ label }) => label === 'hoi');
  expect(first?.startSample).toBeGreaterThan(28_000);
  expect(first?.startSample).toBeLessThan(40_000);
  expect([...(first?.besides?.keys() ?? [])]).toEqual(['reversed']);
});

it('has the judges wait for what follows such a word, not for a typed one', async () => {
  const [spoken] = await noticed(0, [{ name: 'hoi', takes: takesOf(30_000, 49_000) }]);
  const [typed] = await noticed(0, [{ say: 'alexa' }]);
  expect([spoken?.tailMs, typed?.tailMs]).toEqual([480, undefined]);
});

it('looks again within a quarter of a second whether such a word fits better yet', async () => {
  const said = await noticed(0, [{ name: 'hoi', takes: takesOf(30_000, 49_000) }]);
  const looks = [...new Set(said)].map((look) => said.indexOf(look));
  expect(looks.slice(0, 3)).toEqual([0, 3, 6]);
});

it('forgets at a gap how far it was in a word, spoken or typed', async () => {
  const words = [{ name: 'hoi', takes: takesOf(30_000, 49_000) }, { say: 'alexa' }];
  const samples = await readAudio(voiceRecording('settled'));
  // The look at 36 hops is sure of 33 of them; the word goes on there.
  const [within, rest] = [samples.subarray(0, 36 * HOP), samples.subarray(33 * HOP)];
  const [broken, fresh] = [await listening(words), await listening(words)];
  await decisionsOn(broken, within);
  broken.reset();
  expect(await decisionsOn(broken, rest)).toEqual(await decisionsOn(fresh, rest));
  for (const stage of [broken, fresh]) await stage.dispose();
});
