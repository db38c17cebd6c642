import { expect, it } from 'vitest';
import { describeStep } from '../../../../src/core/events/steps.js';

it('tells a person who was asked, what became of it, and what a judge held against it', () => {
  const step = { provider: 'small', judges: [], latencyMs: 1, money: 0 } as const;
  expect(describeStep({ ...step, outcome: 'over-budget' })).toBe('small: over budget');
  const judges = [{ kind: 'completeness', confidence: 0, accept: 0.5, because: 'says that it cannot' }];
  expect(describeStep({ ...step, judges, outcome: 'passed-on' })).toBe(
    'small: passed on, completeness 0.00: says that it cannot',
  );
});
