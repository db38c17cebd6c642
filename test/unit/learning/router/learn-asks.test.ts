import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../../src/core/random.js';
import type { PastDetection } from '../../../../src/learning/past/past-detection.js';
import { type AskExample, askExampleOf, learnAsks } from '../../../../src/learning/router/learn-asks.js';
import { past } from '../../../support/asks.js';

const examplesOf = (all: readonly PastDetection[]) =>
  all.map(askExampleOf).filter((example): example is AskExample => example !== null);

describe('what a past question tells of whom to ask first', () => {
  it('is whether the cheap provider was asked in vain, and what that cost', () => {
    expect(askExampleOf(past(0, { isHard: true }))).toMatchObject({
      weakCorrect: false,
      group: '2026-01-01',
      cheapMs: 400,
      cheapMoney: 0.001,
    });
    expect(askExampleOf(past(0, { isHard: false }))).toMatchObject({ weakCorrect: true });
  });

  it('is nothing where it began at the dear one, nobody judged, or nobody better answered', () => {
    const { verdict, ...rest } = past(0, { isHard: true });
    const [first] = verdict?.steps ?? [];
    const withSteps = (steps: NonNullable<typeof verdict>['steps']) =>
      askExampleOf({ ...rest, verdict: verdict && { ...verdict, steps } });
    expect(askExampleOf({ ...rest, verdict: null })).toBeNull();
    expect(withSteps(undefined)).toBeNull();
    expect(withSteps(first && [first])).toBeNull();
    expect(withSteps(first && [{ ...first, outcome: 'answered', judges: [] }])).toBeNull();
  });
});

describe('learning whom to ask first', () => {
  const random = mulberry32(3);
  const all = Array.from({ length: 300 }, (_, n) => past(n, { isHard: random() < 0.5, random }));

  it('tells on days it has not seen what is asked in vain, within the wrong turns that are wished', () => {
    const { learnt, figures } = learnAsks(examplesOf(all), { folds: 5, wrongTurns: 0.2 });
    expect(learnt.least).not.toBeNull();
    expect(figures.begunDear).toBeGreaterThan(0.7 * figures.inVain);
    expect(figures.wrongTurns).toBeLessThan(0.2 * figures.begunDear);
    expect(figures.savedMs).toBe(400 * (figures.begunDear - figures.wrongTurns));
    expect(JSON.stringify(learnt).length).toBeLessThan(200_000);
  });

  it('takes no wrong turn that reaches no more of what is asked in vain, however many are allowed', () => {
    const { figures } = learnAsks(examplesOf(all), { folds: 5, wrongTurns: 0.9 });
    expect(figures.begunDear - figures.wrongTurns).toBeGreaterThan(0.9 * figures.inVain);
    expect(figures.wrongTurns).toBeLessThan(0.1 * figures.begunDear);
  });

  it('lets all begin at the cheap one where nothing tells in time', () => {
    const chance = examplesOf(all).map((example) => ({ ...example, weakCorrect: random() < 0.5 }));
    const { learnt, figures } = learnAsks(chance, { folds: 5, wrongTurns: 0.1 });
    expect(learnt.least).toBeNull();
    expect(figures).toMatchObject({ begunDear: 0, wrongTurns: 0, savedMs: 0 });
  });
});
