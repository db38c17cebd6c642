import { expect, it } from 'vitest';
import { describeAsks, describeJudge, describeStep } from '../../../../src/core/events/steps.js';

it('tells a person who was asked, what became of it, and what a judge held against it', () => {
  const step = { provider: 'small', judges: [], latencyMs: 1, money: 0 } as const;
  expect(describeStep({ ...step, outcome: 'over-budget' })).toBe('small: over budget');
  const judges = [{ kind: 'completeness', confidence: 0, accept: 0.5, because: 'says that it cannot' }];
  expect(describeStep({ ...step, judges, outcome: 'passed-on' })).toBe(
    'small: passed on, completeness 0.00: says that it cannot',
  );
});

it('tells a person where a router that was learnt had a question begin, and by which figures', () => {
  const because = 'words +0.31, unknown words +0.12';
  expect(describeAsks({ begin: 'dear', because })).toBe(`began at the dear one: ${because}`);
  expect(describeAsks(undefined)).toBe('');
});

it('tells a person what a judge made of a decision, and what that was by itself', () => {
  const decision = {
    stage: 'wake-heavy',
    label: 'alexa',
    score: 3,
    contributions: [],
    sample: 0,
    measured: null,
  } as const;
  const judge = { kind: 'margin', own: 0.9, because: 'jarvis is next at 0.70' };
  expect(describeJudge({ ...decision, kind: 'reject', confidence: 0.2, judge })).toBe(
    'margin: jarvis is next at 0.70, 0.90 by itself',
  );
  expect(describeJudge({ ...decision, kind: 'accept', confidence: 0.9 })).toBe('');
});
