import { describe, expect, it } from 'vitest';
import { HeldScores } from '../../../../../src/voice/stages/wake-tiny/held-scores.js';

describe('HeldScores', () => {
  const heard = (...frames: number[][]) => {
    const scores = new HeldScores(2, 3);
    for (const frame of frames) scores.push(Float32Array.from(frame));
    return [...scores.kept].map((score) => Math.round(score * 100) / 100);
  };

  it('holds what was kept up for as many frames, each label by itself', () => {
    expect(heard([0.5, 0.9], [0.6, 0.1], [0.7, 0.9])).toEqual([0.5, 0.1]);
  });

  it('takes the best of several stretches', () => {
    expect(heard([0.9, 0], [0.8, 0], [0.7, 0], [0.1, 0])).toEqual([0.7, 0]);
  });

  it('takes fewer frames for no word', () => {
    expect(heard([0.9, 0], [0.9, 0])).toEqual([0, 0]);
  });

  it('tells the highest besides', () => {
    const scores = new HeldScores(2, 3);
    for (const frame of [
      [0.5, 0.9],
      [0.7, 0.1],
    ])
      scores.push(Float32Array.from(frame));
    expect([...scores.highest].map((score) => Math.round(score * 10))).toEqual([7, 9]);
  });

  it('does not hide a score that is no number', () => {
    expect(heard([0.9, 0], [Number.NaN, 0], [0.9, 0])).toEqual([Number.NaN, 0]);
  });

  it('forgets the last stretch where one begins, and all at a reset', () => {
    const scores = new HeldScores(1, 2);
    scores.level(Float32Array.of(0.6));
    scores.begin();
    scores.push(Float32Array.of(0.4));
    expect(scores.kept[0]).toBeCloseTo(0.4);
    scores.reset();
    scores.push(Float32Array.of(0.9));
    expect(scores.kept[0]).toBe(0);
  });
});
