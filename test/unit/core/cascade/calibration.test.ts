import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Calibration, calibrator } from '../../../../src/core/cascade/calibration.js';

const all: readonly Calibration[] = [
  { kind: 'none' },
  { kind: 'temperature', temperature: 2.5 },
  { kind: 'isotonic', x: [0.1, 0.5, 0.9], y: [0.02, 0.4, 0.97] },
];

describe('calibration', () => {
  it.each(all)('of kind $kind maps any score to a confidence and keeps their order', (calibration) => {
    const calibrate = calibrator(calibration);
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(score, score, (a, b) => {
        const [low, high] = [calibrate(Math.min(a, b)), calibrate(Math.max(a, b))];
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each(all)('of kind $kind does not hide a score that is no number', (calibration) => {
    expect(calibrator(calibration)(Number.NaN)).toBeNaN();
  });

  it('by temperature pulls confidence towards one half', () => {
    const calibrate = calibrator({ kind: 'temperature', temperature: 2 });
    expect(calibrate(0.5)).toBeCloseTo(0.5);
    // logit(0.9) / 2 = 1.0986, and its sigmoid is 0.75.
    expect(calibrate(0.9)).toBeCloseTo(0.75);
  });

  it('by isotonic points is linear between them and flat beyond', () => {
    const calibrate = calibrator({ kind: 'isotonic', x: [0.25, 0.75], y: [0.125, 0.875] });
    expect([0, 0.25, 0.5, 0.75, 1].map(calibrate)).toEqual([0.125, 0.125, 0.5, 0.875, 0.875]);
  });

  it.each<[string, Calibration]>([
    ['a temperature of zero', { kind: 'temperature', temperature: 0 }],
    ['no points', { kind: 'isotonic', x: [], y: [] }],
    ['falling confidences', { kind: 'isotonic', x: [0, 1], y: [0.5, 0.4] }],
    ['more scores than confidences', { kind: 'isotonic', x: [0, 1], y: [0.5] }],
  ])('refuses %s', (_, calibration) => {
    expect(() => calibrator(calibration)).toThrowError(expect.objectContaining({ code: 'MODEL_SHAPE' }));
  });
});
