import { describe, expect, it } from 'vitest';
import type { Decision, Judgement, Stage, Window } from '../../../../src/core/cascade/stage.js';
import { StageGroup } from '../../../../src/voice/stages/group.js';

const judgement = (kind: Judgement['kind'], label: string, confidence: number): Judgement => ({
  kind,
  stage: 'toy',
  label,
  score: confidence,
  confidence,
  contributions: [],
});

const saying = (decision: Decision | Promise<Decision>): Stage => ({
  name: 'toy',
  budgetMs: 1000,
  decide: () => decision,
  reset: () => {},
  dispose: async () => {},
});

const window: Window = {
  source: 'kitchen',
  startSample: 0,
  rateHz: 16_000,
  channels: 1,
  data: new Float32Array(16),
};

const decided = async (...decisions: readonly (Decision | Promise<Decision>)[]) => {
  const members = decisions.map((decision) => ({ stage: saying(decision), words: ['any'] }));
  const group = new StageGroup({ name: 'tiny', budgetMs: 1000 }, members);
  return group.decide(window, new AbortController().signal);
};

describe('stages that play one part together', () => {
  it('take the surest of what is believed, else of what is in doubt', async () => {
    expect(await decided(judgement('uncertain', 'a', 0.9), judgement('accept', 'b', 0.8))).toMatchObject({
      kind: 'accept',
      label: 'b',
    });
    expect(await decided({ kind: 'abstain', stage: 'toy', code: 'MODEL_OUTPUT' })).toMatchObject({
      kind: 'abstain',
    });
  });

  it('wait for as long as whoever noticed a word with them wants to hear what follows', async () => {
    const waiting = { ...judgement('uncertain', 'b', 0.6), tailMs: 480 };
    expect(await decided(judgement('uncertain', 'a', 0.9), waiting)).toMatchObject({
      label: 'a',
      tailMs: 480,
    });
  });

  it('ask whoever listens for a word that was believed where it ends, and can tell', async () => {
    const member = (endOf: Stage['endOf'], ...words: readonly string[]) => ({
      stage: { ...saying(judgement('accept', 'a', 0.9)), ...(endOf === undefined ? {} : { endOf }) },
      words,
    });
    const group = new StageGroup({ name: 'heavy', budgetMs: 1000 }, [
      member(() => 1, 'a'),
      member(undefined, 'b'),
      member(() => null, 'b'),
      member(async () => 0, 'b'),
      member(undefined, 'c'),
    ]);
    const { signal } = new AbortController();
    const ends = ['a', 'b', 'c', 'd'].map((label) => group.endOf(window, label, signal));
    expect(await Promise.all(ends)).toEqual([1, 0, null, null]);
  });

  it('place the end of a word by whichever can', async () => {
    const placed = { ...judgement('reject', 'b', 0.1), endSample: 320 };
    expect(await decided(judgement('accept', 'a', 0.9), placed)).toMatchObject({
      label: 'a',
      endSample: 320,
    });
  });

  it('name every word that any of them does not refuse', async () => {
    const own = { ...judgement('uncertain', 'b', 0.6), besides: new Map([['c', 0.5]]) };
    const decision = await decided(
      judgement('accept', 'a', 0.9),
      Promise.resolve(own),
      judgement('reject', 'd', 0.1),
    );
    expect(decision).toMatchObject({ label: 'a' });
    expect(decision.kind !== 'abstain' && decision.besides).toEqual(
      new Map([
        ['c', 0.5],
        ['b', 0.6],
      ]),
    );
  });
});
