import { describe, expect, it } from 'vitest';
import { patienceOf, runsOf } from '../../../../src/sensor/normal/runs.js';

describe('the runs of a channel', () => {
  it('are rows that repeat the value before, and missing ones', () => {
    const raw = Float64Array.of(1, 1, 1, 2, Number.NaN, Number.NaN, 2, 3, 3, Number.NaN);
    expect(runsOf(raw)).toEqual({ same: [2, 1, 1], missing: [2, 1] });
  });
});

describe('how long a run may last', () => {
  it('is half a minute of rows where none was seen', () => {
    expect(patienceOf([], 600)).toBe(30);
  });

  it('is ten times the longest while few were seen', () => {
    expect(patienceOf([20], 600)).toBe(200);
    expect(patienceOf([20, 12], 600)).toBe(200);
  });

  it('is what the tail of many says, and never below twice the longest', () => {
    const many = Array.from({ length: 40 }, (_, i) => 1 + (i % 10));
    expect(patienceOf(many, 600)).toBeGreaterThan(30);
    expect(patienceOf(many, 600)).toBeLessThan(70);
    expect(patienceOf([...many, 60], 600)).toBeGreaterThanOrEqual(120);
  });
});
