import { describe, expect, it } from 'vitest';
import type { News } from '../../../src/core/events/health.js';
import { Workers } from '../../../src/edge/workers.js';

function create() {
  const told: News[] = [];
  const workers = new Workers('1.0.0', (news) => told.push(news));
  const meet = (version: string, since = '09:00') =>
    workers.meet('attic', JSON.stringify({ version, since, kinds: ['wake-heavy'] }));
  return { workers, meet, states: () => told.map(({ state, condition }) => [state, condition]) };
}

describe('the workers of a house', () => {
  it('are asked again once what one lacked something for is another question', () => {
    const { workers, meet, states } = create();
    meet('1.0.0');
    workers.lacks('attic', 'mic/verifier', 'no such model');
    workers.lacks('attic', 'hall/verifier', 'no such model');
    expect(workers.of('wake-heavy', 'mic/verifier')).toEqual({ all: ['attic'], able: [] });
    workers.renew('mic/verifier');
    expect(workers.of('wake-heavy', 'mic/verifier').able).toEqual(['attic']);
    expect(states()).toEqual([['degraded', 'attic']]);
    workers.renew('hall/verifier');
    workers.renew('hall/verifier');
    expect(states()).toEqual([
      ['degraded', 'attic'],
      ['ok', 'attic'],
    ]);
  });

  it('are not told to be well for another question while they are of another version', () => {
    const { workers, meet, states } = create();
    meet('1.0.0');
    workers.lacks('attic', 'mic/verifier', 'no such model');
    expect(meet('2.0.0')).toBe(false);
    workers.renew('mic/verifier');
    expect(workers.of('wake-heavy', 'mic/verifier').all).toEqual([]);
    expect(states()).toEqual([['degraded', 'attic']]);
    expect(meet('1.0.0', '10:00')).toBe(true);
    expect(states().at(-1)).toEqual(['ok', 'attic']);
  });
});
