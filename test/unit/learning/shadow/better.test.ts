import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../../src/core/random.js';
import {
  ENOUGH_EVIDENCE,
  evidenceOfMore,
  moreOf,
  winsNeeded,
} from '../../../../src/learning/shadow/better.js';

describe('evidence of more wins', () => {
  it('is one of nothing, grows with wins and falls with losses', () => {
    expect(evidenceOfMore(0, 0)).toBe(1);
    expect(evidenceOfMore(5, 0)).toBeGreaterThan(evidenceOfMore(5, 1));
    expect(evidenceOfMore(0, 5)).toBeLessThan(1);
  });

  it('is expected not to grow where wins are no likelier, after any history', () => {
    for (const [wins, losses] of [
      [0, 0],
      [7, 1],
      [30, 12],
    ] as const) {
      const now = evidenceOfMore(wins, losses);
      const expected = (evidenceOfMore(wins + 1, losses) + evidenceOfMore(wins, losses + 1)) / 2;
      expect(expected).toBeCloseTo(now, 6 - Math.ceil(Math.log10(now + 1)));
    }
  });

  it('is seldom ever enough when it is looked at after each of a thousand draws', () => {
    const random = mulberry32(7);
    let enough = 0;
    for (let run = 0; run < 400; run += 1) {
      let [wins, losses] = [0, 0];
      for (let draw = 0; draw < 1000; draw += 1) {
        if (random() < 0.5) wins += 1;
        else losses += 1;
        if (evidenceOfMore(wins, losses) < ENOUGH_EVIDENCE) continue;
        enough += 1;
        break;
      }
    }
    expect(enough / 400).toBeLessThanOrEqual(1 / ENOUGH_EVIDENCE + 0.015);
  });

  it('tells which is more once that is sure', () => {
    expect(moreOf(winsNeeded(), 0)).toBe('first');
    expect(moreOf(winsNeeded() - 1, 0)).toBeNull();
    expect(moreOf(0, winsNeeded())).toBe('second');
  });
});
