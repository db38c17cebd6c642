import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Judgement, Stage } from '../../../../src/core/cascade/stage.js';
import { wavOf } from '../../../../src/files/wav-header.js';
import { shippedModel } from '../../../../src/models/manifest.js';
import { createStage } from '../../../../src/runtime/stages.js';
import { readAudio } from '../../../../src/sources/recording/read-audio.js';
import { phones } from '../../../../src/voice/stages/phones/kind.js';
import { directions, everySecond } from '../../../../src/voice/words/inner-values.js';
import type { Compared, ComparedTake } from '../../../../src/voice/words/likeness.js';
import type { OwnWord } from '../../../../src/voice/words/own-word.js';
import { createOwnWordsHeavy } from '../../../../src/voice/words/own-words-heavy.js';
import { type PhoneEars, PhoneNetwork } from '../../../../src/voice/words/phone-network.js';
import { planOwnWords } from '../../../../src/voice/words/plan.js';
import type { Posteriors } from '../../../../src/voice/words/search.js';
import { goldenPcm } from '../../../support/recordings.js';
import { voiceRecording } from '../../../support/replay.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const asked = { budgetMs: 60_000 };
/** Off each value of a step, which has 144 and the length 1. */
const BLUR = 0.03;

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
    words: ['grandpa'],
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
  expect(exact.confidences).toEqual(new Map([['grandpa', exact.confidence]]));
});

it('has a word read that is believed from less than half', async () => {
  const plan = await planOwnWords([{ say: 'alaska', accept: 0.2 }], { tiny: asked, heavy: asked });
  const { contributions } = await decided(await createStage(plan.heavy));
  expect(contributions.map(({ channel }) => channel)).toContain('reading');
});

it('finds out how many everyday words are near to a word that is spelt or said in IPA', async () => {
  const words = [{ say: 'alexa' }, { say: 'alexa', name: 'said', ipa: ['əlɛksə'] }, { say: 'hello robot' }];
  const { heavy } = await planOwnWords(words, { tiny: asked, heavy: asked });
  const [spelt, said, long] = heavy.words.map(({ near }) => near);
  expect(spelt).toBeGreaterThan(10);
  expect(said).toBe(spelt);
  expect(long).toBe(0);
});

/** Judges a recording of `alexa` with a reader that answers so, one call after the other; how much it was shown. */
async function judgedWith(...answers: readonly number[]) {
  const { heavy } = await planOwnWords([{ say: 'alexa' }], { tiny: asked, heavy: asked });
  const shown: number[] = [];
  const reader = {
    score: async (_: string, samples: Float32Array) => answers[shown.push(samples.length) - 1] ?? 0,
    dispose: async () => {},
  };
  const ears = await PhoneNetwork.load(shippedModel('phones'));
  const { kind } = await decided(await createOwnWordsHeavy(heavy, { ears, reader }));
  return { shown, kind };
}

/** A folder of takes that all say `alexa`. */
function takesOfAlexa(): string {
  const folder = temporaryFolder();
  const said = goldenPcm('settled').slice(30_000, 49_000);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.wav`), wavOf(16_000, said));
  return folder;
}

/** A take said in half the time. */
function everySecondOf({ inner, pitch }: Compared): Compared {
  return { inner: everySecond(inner), pitch: pitch.filter((_, step) => step % 2 === 0) };
}

/** A take whose steps are each a little off, in what takes of one word differ in by chance. */
function blurredOf({ inner: { steps, values }, pitch }: Compared): Compared {
  const off = values.map((value, i) => value + (i % 2 === 0 ? BLUR : -BLUR));
  return { inner: directions(off, steps), pitch };
}

it('judges a word that nobody can read by how like its takes it is said', async () => {
  const { heavy } = await planOwnWords([{ name: 'hoi', takes: takesOfAlexa() }], {
    tiny: asked,
    heavy: asked,
  });
  const said = await decided(await createStage(heavy));
  expect(said).toMatchObject({ kind: 'accept', label: 'hoi' });
  expect(said.contributions.map(({ channel }) => channel)).toContain('takes');
  const [word] = heavy.words;
  if (word === undefined) throw new Error('it is listened for');
  const unlike = word.takes.map(({ inner, ...take }) => ({
    ...take,
    inner: { ...inner, values: inner.values.map((value) => -value) },
  }));
  const other = await decided(await createOwnWordsHeavy({ ...heavy, words: [{ ...word, takes: unlike }] }));
  expect(other.kind).toBe('reject');
});

it('believes the likelier of two such words where one is only said slower than its takes', async () => {
  const { heavy } = await planOwnWords([{ name: 'hoi', takes: takesOfAlexa() }], {
    tiny: asked,
    heavy: asked,
  });
  const [word] = heavy.words;
  if (word === undefined) throw new Error('it is listened for');
  const changed = (name: string, change: (take: ComparedTake) => Compared): OwnWord => ({
    ...word,
    name,
    takes: word.takes.map((take) => ({ ...take, ...change(take) })),
  });
  const quick = changed('quick', everySecondOf);
  const blurred = changed('blurred', blurredOf);
  const judgedAlone = async (each: OwnWord) =>
    (await decided(await createOwnWordsHeavy({ ...heavy, words: [each] }))).confidence;
  expect(await judgedAlone(blurred)).toBeGreaterThan(await judgedAlone(quick));
  const both = await decided(await createOwnWordsHeavy({ ...heavy, words: [blurred, quick] }));
  expect(both).toMatchObject({ kind: 'accept', label: 'quick' });
});

it('judges it also among many words that are to be read', async () => {
  const words = ['alaska', 'alexander', 'elastic', 'electric'].map((say) => ({ say }));
  const plan = await planOwnWords([...words, { name: 'hoi', takes: takesOfAlexa() }], {
    tiny: asked,
    heavy: asked,
  });
  expect(await decided(await createStage(plan.heavy))).toMatchObject({ kind: 'accept', label: 'hoi' });
});

it('asks once where the answer leaves no doubt', async () => {
  const { shown, kind } = await judgedWith(0);
  expect([shown.length, kind]).toEqual([1, 'accept']);
});

it('asks again with ever more around the word where the verdict is close, and takes the mean of the answers', async () => {
  const { shown, kind } = await judgedWith(-10, -20, -20);
  expect(shown).toHaveLength(3);
  expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
  expect(kind).toBe('reject');
  // The less likely of two answers speaks against it as much as the other one for it, whichever comes first.
  for (const further of [[-2, -6] as const, [-6, -2] as const])
    expect((await judgedWith(-11, ...further)).kind).toBe('accept');
  for (const further of [[-2, -20] as const, [-20, -2] as const])
    expect((await judgedWith(-11, ...further)).kind).toBe('reject');
});

/**
 * Judges a recording of `alexa` for words, with 1,500 ms for it and a reader that takes so long for each read.
 * @param answers of the reader by word
 */
async function judgedSlowly(readMs: number, answers: Readonly<Record<string, number>>) {
  const words = Object.keys(answers).map((say) => ({ say }));
  const { heavy } = await planOwnWords(words, { tiny: asked, heavy: { budgetMs: 1500 } });
  let nowMs = 0;
  const read: string[] = [];
  const reader = {
    score: async (word: string) => {
      nowMs += readMs;
      read.push(word);
      return answers[word] ?? 0;
    },
    dispose: async () => {},
  };
  const ears = await PhoneNetwork.load(shippedModel('phones'));
  const stage = await createOwnWordsHeavy(heavy, { ears, reader }, { monotonicMs: () => nowMs });
  const data = (await readAudio(voiceRecording('settled'))).slice(16_000, 56_000);
  const window = { source: 'kitchen', startSample: 0, rateHz: 16_000, channels: 1, data };
  const decision = await stage.decide(window, new AbortController().signal);
  await stage.dispose();
  return { decision, read, tookMs: nowMs };
}

it('asks no second time where the time for that is short, and says so', async () => {
  const unhurried = await judgedSlowly(100, { alexa: -10 });
  expect(unhurried.read).toHaveLength(3);
  expect(unhurried.decision).not.toHaveProperty('cutShort');
  const { decision, read } = await judgedSlowly(400, { alexa: -10 });
  expect(read).toHaveLength(1);
  expect(decision).toMatchObject({ kind: 'accept', label: 'alexa', cutShort: true });
});

it('goes by the words that there was time to judge, the likeliest first', async () => {
  const { decision, read, tookMs } = await judgedSlowly(800, { alexa: 0, alaska: 0, elixir: 0 });
  expect(read).toEqual(['alexa']);
  expect(decision).toMatchObject({ kind: 'accept', label: 'alexa', cutShort: true });
  expect(tookMs).toBeLessThan(1500);
  const refused = await judgedSlowly(800, { alexa: -50, alaska: 0, elixir: 0 });
  expect(refused.read).toEqual(['alexa']);
  expect(refused.decision).toMatchObject({ kind: 'reject', cutShort: true });
});

it('holds against a word that it is only a part of what is said, unless all of it is read', async () => {
  const { heavy } = await planOwnWords([{ say: 'alexa', ipa: ['alɛksat'] }], { tiny: asked, heavy: asked });
  const network = await PhoneNetwork.load(shippedModel('phones'));
  const confidence = async (isGoingOn: boolean, read: number) => {
    const ears = mumbling(network, isGoingOn ? 'after' : null);
    return (await decided(await createOwnWordsHeavy(heavy, { ears, reader: reading(read) }))).confidence;
  };
  expect(await confidence(true, -9)).toBeLessThan((await confidence(false, -9)) / 2);
  expect(await confidence(true, 0)).toBeGreaterThan(0.9 * (await confidence(false, 0)));
  await network.dispose();
});

it('asks more of a word that everyday words are near to where somebody talks right before it', async () => {
  const { heavy } = await planOwnWords([{ say: 'alexa', ipa: ['alɛksat'] }], { tiny: asked, heavy: asked });
  const network = await PhoneNetwork.load(shippedModel('phones'));
  const confidence = async (near: number, side: 'before' | null) => {
    const words = heavy.words.map((word) => ({ ...word, near }));
    const judges = { ears: mumbling(network, side), reader: reading(-7) };
    const stage = await createOwnWordsHeavy({ ...heavy, words }, judges);
    return (await decided(stage)).confidence;
  };
  expect(await confidence(49, 'before')).toBeLessThan((await confidence(0, 'before')) / 2);
  expect(await confidence(49, null)).toBeGreaterThan(0.9 * (await confidence(0, null)));
  await network.dispose();
});

/** A reader that always answers so. */
const reading = (score: number) => ({ score: async () => score, dispose: async () => {} });

/** Hears as the network does, but that somebody says m right after what is said, right before it, or not at all. */
function mumbling(network: PhoneNetwork, side: 'before' | 'after' | null): PhoneEars {
  const { inventory } = network;
  const [m = 0] = inventory.parse('m');
  const hearWithin = async (samples: Float32Array) => {
    const heard = await network.hearWithin(samples);
    const logProbs = heard.logProbs.slice();
    const sounds = soundsOf(heard, network);
    const from = side === 'after' ? (sounds.at(-1) ?? 0) + 4 : (sounds[0] ?? 0) - 5;
    for (let step = from; side !== null && step < from + 2; step++) {
      logProbs.fill(-20, step * heard.labels, (step + 1) * heard.labels);
      logProbs[step * heard.labels + m] = 0;
    }
    return { ...heard, logProbs };
  };
  return {
    inventory,
    stream: network.stream.bind(network),
    dispose: async () => {},
    hear: hearWithin,
    hearWithin,
  };
}

/** Steps at which a sound is heard. */
function soundsOf({ steps, labels, logProbs }: Posteriors, { inventory }: PhoneNetwork): readonly number[] {
  return Array.from({ length: steps }, (_, step) => step).filter((step) => {
    const row = logProbs.subarray(step * labels, (step + 1) * labels);
    const best = row.indexOf(Math.max(...row));
    return best !== inventory.blank && best !== inventory.wordBreak;
  });
}
