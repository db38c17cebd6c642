import { describe, expect, it } from 'vitest';
import type { News } from '../../../../src/core/events/health.js';
import { Oddities } from '../../../../src/sensor/normal/oddities.js';

const ANYTHING = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/** What stands of each condition after rows of `a`, which drifts, and of `b` and `c`, which begin late. */
function standing(rows: number, begins: { readonly b: number; readonly c: number }) {
  const channels = ['a', 'b', 'c'].map((name) => ({ name, unit: '' }));
  const oddities = new Oddities(
    channels,
    channels.map(() => ANYTHING),
    { rowSeconds: 1, rowsPerDay: 86_400 },
  );
  const stands = new Map<string | undefined, News>();
  for (let row = 0; row < rows; row++) {
    const begun = [true, row >= begins.b, row >= begins.c].map((hasBegun) => ({ hasBegun }));
    const news = oddities.push(
      [row + Math.sin(row), 1, 1],
      ['measure', 'measure', 'measure'],
      [0, 0, 0],
      begun,
    );
    for (const told of news) stands.set(told.condition, told);
  }
  return stands;
}

describe('what is odd about channels', () => {
  it('is told by condition: a channel that begins says nothing of one that drifts', () => {
    const stands = standing(2000, { b: 1900, c: 1950 });
    expect(stands.get('drift')).toMatchObject({ state: 'degraded', code: 'DRIFT' });
    expect(stands.get('channels')).toMatchObject({ state: 'ok', detail: 'c has begun, and is watched' });
  });

  it('is well only once all channels have begun', () => {
    const stands = standing(200, { b: 100, c: 300 });
    expect(stands.get('channels')).toMatchObject({
      state: 'degraded',
      detail: 'b has begun, and is watched; no value came yet of c',
    });
  });
});
