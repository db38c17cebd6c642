import { describe, expect, it } from 'vitest';
import { tuneSelective } from '../../../../src/learning/tuning/selective.js';

/** Orders of so many days, each with the same confidences: what is below .6 is wrong every other time. */
const items = Array.from({ length: 10 }, (_, day) => day).flatMap((day) =>
  [0.3, 0.4, 0.5, 0.55, 0.7, 0.8, 0.9].map((confidence, at) => ({
    group: `2026-01-${String(day + 10)}`,
    confidence,
    isRight: confidence > 0.6 || at % 2 === 0,
  })),
);

describe('from when on it is decided here', () => {
  it('decides as much as can be within the wish, on days it was not chosen on too', () => {
    const tuned = tuneSelective(items, { most: 0.05, folds: 5, inForce: 0.4 });
    expect(tuned).toMatchObject({ graded: 70, now: { decided: 60, wrong: 20 } });
    expect(tuned.chosen).toEqual({ least: 0.625, decided: 30, wrong: 0 });
    expect(tuned.crossValidated).toEqual({ decided: 30, wrong: 0, effect: 1 });
    // Exact: none of 30 is at most 11.6%.
    expect(tuned.wrongShare?.high).toBeCloseTo(0.116, 3);
  });

  it('gives the choices there are, from the one that decides most on, and none beside them that is worse', () => {
    const { front, chosen } = tuneSelective(items, { most: 0.4, folds: 5, inForce: 0 });
    const shares = front.map(({ decided, wrong }) => wrong / decided);
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(front.map(({ decided }) => decided)).toEqual([70, 50, 30]);
    expect(chosen?.decided).toBe(70);
  });

  it('says so where no confidence is sure enough, and where there is one group alone', () => {
    const wrong = items.map((item) => ({ ...item, group: 'a', isRight: false }));
    expect(tuneSelective(wrong, { most: 0.1, folds: 5, inForce: 0 })).toMatchObject({
      chosen: null,
      crossValidated: null,
      wrongShare: null,
    });
    expect(tuneSelective([], { most: 0.1, folds: 5, inForce: 0 }).chosen).toBeNull();
  });
});
