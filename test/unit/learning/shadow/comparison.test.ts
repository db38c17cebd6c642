import { describe, expect, it } from 'vitest';
import type { CascadeEvent } from '../../../../src/core/events/events.js';
import { type Compared, ShadowComparison } from '../../../../src/learning/shadow/comparison.js';
import { asked, beside, said, wake } from '../../../support/past.js';

function compared(...events: readonly CascadeEvent[]): Compared | undefined {
  const comparison = new ShadowComparison();
  for (const event of events) comparison.take(event);
  return comparison.told()[0];
}

describe('a candidate that listens beside', () => {
  it('is compared with what runs wherever either noticed something', () => {
    const told = compared(
      wake(1, 0.9, 0.9, true),
      beside(1, true),
      wake(2, 0.9, 0.6, true),
      ...asked(2, 0.03),
      beside(2, false),
      wake(3, 0.9, 0.4, false),
      beside(3, true),
      beside(4, true),
      wake(5, 0.9, 0.1, false),
      beside(5, false),
    );
    expect(told).toMatchObject({ source: 'kitchen', candidate: 'strict@1', neither: 1, verdict: 'open' });
    expect(told?.both.detections).toBe(1);
    expect(told?.onlyActive).toMatchObject({ detections: 1, cloudCalls: 1, money: 0.03 });
    expect(told?.onlyCandidate.detections).toBe(2);
  });

  it('meets the same word though one is noticed a moment later, and no other', () => {
    expect(compared(wake(1, 0.9, 0.9, true), beside(1, true, 1200))?.both.detections).toBe(1);
    const apart = compared(beside(1, false), wake(2, 0.9, 0.9, true), beside(2, true, 4000));
    expect([apart?.onlyActive.detections, apart?.onlyCandidate.detections]).toEqual([1, 1]);
  });

  it('is better once what people say of where they differ says so often enough', () => {
    const night = (n: number) => [wake(n, 0.9, 0.6, true), beside(n, false), said(n, 'wrong', n)];
    const some = Array.from({ length: 5 }, (_, n) => night(n + 1)).flat();
    const more = Array.from({ length: 12 }, (_, n) => night(n + 1)).flat();
    expect(compared(...some)?.verdict).toBe('open');
    expect(compared(...more)).toMatchObject({ verdict: 'better', onlyActive: { wrong: 12, unsaid: 0 } });
  });

  it('is worse where it misses what was right', () => {
    const miss = (n: number) => [wake(n, 0.9, 0.6, true), beside(n, false), said(n, 'right', n)];
    expect(compared(...Array.from({ length: 12 }, (_, n) => miss(n + 1)).flat())?.verdict).toBe('worse');
  });

  it('goes by what a labelled folder says where the owner said nothing', () => {
    const filed = (n: number) => ({ ...said(n, 'right', n), witness: 'folder' as const });
    const about = [wake(1, 0.9, 0.6, true), beside(1, false)];
    expect(compared(...about, filed(1))).toMatchObject({ onlyActive: { right: 1, wrong: 0 } });
    expect(compared(...about, said(1, 'wrong', 1), filed(1))).toMatchObject({
      onlyActive: { right: 0, wrong: 1 },
    });
    expect(compared(...about, filed(1), said(1, 'wrong', 1))).toMatchObject({
      onlyActive: { right: 0, wrong: 1 },
    });
  });

  it('begins anew when it or what runs is set otherwise', () => {
    const told = compared(wake(1, 0.9, 0.9, true), beside(1, true), beside(2, true, 0, 'strict@2'));
    expect(told).toMatchObject({ candidate: 'strict@2', both: { detections: 0 } });
  });

  it('has seen the same where what it found later lasts since what runs found it, or the other way round', () => {
    const fault = wake(1, 0.9, 0.9, true);
    const { v, id, measured, source, sample, atMs, detection, label } = fault;
    const about = { v, id, measured, source, detection, label, startSample: 0, trail: [] };
    const over = { ...about, type: 'ended', sample: 4 * sample, atMs: 4 * atMs, endSample: 4 } as const;
    expect(compared(beside(2, false), fault, beside(3, true), over)?.both.detections).toBe(1);
    const later = { ...beside(1, true), sample: 5, atMs: 5 * atMs, endSample: 5 };
    expect(compared(beside(1, true), wake(3, 0.9, 0.9, true), later)).toMatchObject({
      both: { detections: 1 },
      onlyActive: { detections: 0 },
    });
  });
});
