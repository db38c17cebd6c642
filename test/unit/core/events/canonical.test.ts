import { describe, expect, it } from 'vitest';
import { canonicalLine } from '../../../../src/core/events/canonical.js';
import type { CascadeEvent } from '../../../../src/core/events/events.js';

function event(score: number, latencyMs: number): CascadeEvent {
  return {
    type: 'noticed',
    v: 1,
    id: 'mic/1',
    measured: { wallTime: '2026-01-01T00:00:00.000Z', run: 'r', latencyMs },
    source: 'mic',
    sample: 16_000,
    atMs: 1000,
    detection: 'mic/d1',
    label: 'alexa',
    trail: [
      {
        kind: 'accept',
        stage: 'tiny',
        label: 'alexa',
        score,
        confidence: score,
        contributions: [],
        sample: 15_999,
        measured: { latencyMs, cpuMs: 1, energyMj: 1, basis: 'modelled' },
      },
    ],
  };
}

describe('the canonical form', () => {
  it('is the same whatever was measured and in the last bits of a score', () => {
    expect(canonicalLine(event(0.87654321, 12))).toBe(canonicalLine(event(0.876543, 99)));
    expect(canonicalLine(event(0.5, 1))).not.toContain('measured');
  });

  it('tells another score apart', () => {
    expect(canonicalLine(event(0.876, 1))).not.toBe(canonicalLine(event(0.878, 1)));
  });

  it('does not depend on the order of keys', () => {
    const { type, ...rest } = event(0.5, 1);
    expect(canonicalLine({ ...rest, type } as CascadeEvent)).toBe(canonicalLine(event(0.5, 1)));
  });
});
