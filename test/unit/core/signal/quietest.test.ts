import { describe, expect, it } from 'vitest';
import { quietestNear, quietestReach } from '../../../../src/core/signal/quietest.js';
import { signal } from '../../../support/cascade.js';

/** One sample is one millisecond. */
const RATE_HZ = 1000;

describe('the quietest moment near a sample', () => {
  const near = (sample: number, ...parts: readonly (readonly [level: number, durationMs: number])[]) => {
    const { from, to } = quietestReach(sample, RATE_HZ);
    const whole = signal(...parts);
    const startSample = Math.max(0, from);
    return quietestNear({ startSample, data: whole.slice(startSample, to) }, RATE_HZ, sample);
  };

  it('is between two words, wherever the one was thought to end', () => {
    for (const thought of [140, 200, 260]) {
      const found = near(thought, [0.5, 180], [0.01, 30], [0.5, 300]);
      expect(found).toBeGreaterThanOrEqual(180);
      expect(found).toBeLessThanOrEqual(210);
    }
  });

  it('is where it was thought to be among moments that are alike', () => {
    expect(Math.abs(near(200, [0.5, 500]) - 200)).toBeLessThanOrEqual(10);
  });

  it('is the nearer of two that are about as quiet', () => {
    const found = near(200, [0.5, 90], [0.01, 30], [0.5, 90], [0.012, 30], [0.5, 300]);
    expect(found).toBeGreaterThanOrEqual(210);
    expect(found).toBeLessThanOrEqual(240);
  });

  it('is where the sound is as good as gone, somewhat further off', () => {
    const found = near(200, [0.5, 80], [0, 50], [0.5, 50], [0.3, 40], [0.5, 300]);
    expect(found).toBeGreaterThanOrEqual(80);
    expect(found).toBeLessThanOrEqual(130);
  });

  it('is no silence far off where the voice is less loud close by', () => {
    const found = near(350, [0, 200], [0.9, 160], [0.05, 30], [0.5, 300]);
    expect(found).toBeGreaterThanOrEqual(360);
    expect(found).toBeLessThanOrEqual(390);
  });

  it('is before the word that follows, though that has a quieter closure within', () => {
    const found = near(200, [0.5, 130], [0.02, 80], [0.5, 70], [0.003, 40], [0.5, 300]);
    expect(found).toBeGreaterThanOrEqual(130);
    expect(found).toBeLessThanOrEqual(210);
  });

  it('is a closure of the word itself no sooner than what parts it from the next', () => {
    const found = near(200, [0.5, 20], [0.01, 30], [0.5, 130], [0.02, 40], [0.5, 300]);
    expect(found).toBeGreaterThanOrEqual(180);
    expect(found).toBeLessThanOrEqual(220);
  });

  it('is that sample itself where nothing is known', () => {
    expect(quietestNear({ startSample: 0, data: new Float32Array(0) }, RATE_HZ, 200)).toBe(200);
  });
});
