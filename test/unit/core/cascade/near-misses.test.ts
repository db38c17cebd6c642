import { describe, expect, it } from 'vitest';
import { NearMisses } from '../../../../src/core/cascade/near-misses.js';
import type { Judgement } from '../../../../src/core/cascade/stage.js';

const RATE_HZ = 16_000;
const HOP = 1_280;

const said = (confidence: number, kind: Judgement['kind'] = 'reject'): Judgement => ({
  ...{ kind, stage: 'tiny', label: 'alexa', score: confidence, confidence, contributions: [] },
  thresholds: { accept: 0.9, reject: 0.4 },
});

/** Hears a hop for each confidence, and gives how sure it was of what it tells. */
function heard(misses: NearMisses, confidences: readonly number[], from = 0) {
  return confidences.flatMap((confidence, at) => {
    const kind = confidence >= 0.4 ? 'uncertain' : 'reject';
    return misses.hear(said(confidence, kind), (from + at + 1) * HOP, true)?.entry.confidence ?? [];
  });
}

describe('what was almost noticed', () => {
  it('is told once, as sure as it became, when it is over', () => {
    expect(heard(new NearMisses(RATE_HZ), [0, 0.1, 0.25, 0.35, 0.3, 0.1, 0.1, 0.21, 0])).toEqual([
      0.35, 0.21,
    ]);
  });

  it('is nothing that was noticed after all, and nothing before a gap', () => {
    const misses = new NearMisses(RATE_HZ);
    expect(heard(misses, [0.3, 0.39, 0.6, 0.7, 0])).toEqual([]);
    heard(misses, [0.3]);
    misses.reset();
    expect(heard(misses, [0])).toEqual([]);
    heard(misses, [0.3]);
    expect([misses.hear(said(0.3), HOP, false), misses.hear(said(0), HOP, true)]).toEqual([null, null]);
  });

  it('is told of thirty times an hour at most, and how many more there were', () => {
    const misses = new NearMisses(RATE_HZ);
    const often = Array.from({ length: 70 }, (_, at) => (at % 2 === 0 ? 0.3 : 0));
    expect(heard(misses, often)).toHaveLength(30);
    misses.hear(said(0.3), RATE_HZ * 3_700, true);
    expect(misses.hear(said(0), RATE_HZ * 3_701, true)).toMatchObject({
      skipped: 5,
      entry: { sample: RATE_HZ * 3_700 - 1 },
    });
  });

  it('needs a stage that says what it held itself to', () => {
    const misses = new NearMisses(RATE_HZ);
    const { thresholds: _, ...silent } = said(0.3);
    misses.hear(silent, HOP, true);
    expect(misses.hear({ ...silent, confidence: 0 }, 2 * HOP, true)).toBeNull();
  });
});
