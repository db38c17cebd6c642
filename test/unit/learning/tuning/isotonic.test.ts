import { describe, expect, it } from 'vitest';
import { calibrator } from '../../../../src/core/cascade/calibration.js';
import { isotonicFit } from '../../../../src/learning/tuning/isotonic.js';

const scored = (isRight: boolean, ...scores: readonly number[]) =>
  scores.map((score) => ({ score, isRight }));

describe('a calibration by recordings', () => {
  it('draws the line between words and the rest where the one lie above the other', () => {
    const confidence = calibrator(
      isotonicFit([...scored(true, 0.9, 0.8, 0.7), ...scored(false, 0.1, 0.2, 0.3)]),
    );
    expect([0, 0.3, 0.5, 0.7, 1].map(confidence)).toEqual(
      [0.02, 0.02, 0.5, 0.98, 0.98].map((value) => expect.closeTo(value)),
    );
  });

  it('never falls as scores rise, and counts both kinds alike however many there are', () => {
    const others = scored(false, ...Array.from({ length: 90 }, (_, i) => i / 300), 0.6, 0.6, 0.6);
    const calibration = isotonicFit([...scored(true, 0.5, 0.6, 0.7, 0.8), ...others]);
    if (calibration.kind !== 'isotonic') throw new Error(calibration.kind);
    const { x, y } = calibration;
    expect(x).toEqual([...new Set(x)].sort((a, b) => a - b));
    expect(y).toEqual([...y].sort((a, b) => a - b));
    expect(calibrator(calibration)(0.6)).toBeGreaterThan(0.9);
  });
});
