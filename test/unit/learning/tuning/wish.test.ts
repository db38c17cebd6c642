import { describe, expect, it } from 'vitest';
import { Noticed } from '../../../../src/learning/tuning/noticed.js';
import type { Outcome } from '../../../../src/learning/tuning/tuning.js';
import { keptBy } from '../../../../src/learning/tuning/wish.js';

/** So many false accepts, and words believed, in so many hours. */
function outcome(falseAccepts: number, hours: number, believed = falseAccepts): Outcome {
  const none = Noticed.of([]).outcome({ notice: 0, accept: 0 });
  return { ...none, falseAccepts, hours, believed, falseAcceptsPerHour: falseAccepts / hours };
}

const wish = { falseAcceptsPerHour: 1 / 24, believedPerHour: null, weights: null };

describe('a wish', () => {
  it('cannot be kept where no thresholds accept as little, and is told what they do', () => {
    const kept = keptBy({ front: [outcome(30, 10), outcome(5, 10)], elsewhere: null, bounds: null }, wish);
    expect(kept.standing).toBe('cannot');
    expect(kept.needs[0]).toContain('fewer than 12 false alarms a day');
    const budget = { falseAcceptsPerHour: null, believedPerHour: 1, weights: null };
    const most = keptBy(
      { front: [outcome(0, 1, 10), outcome(0, 1, 5)], elsewhere: null, bounds: null },
      budget,
    );
    expect(most.needs).toEqual([
      'no thresholds believe less than 120 a day here: a budget of that, or fewer words said',
    ]);
  });

  it('is not kept where it is so only for the groups it was chosen on', () => {
    const kept = keptBy({ front: [outcome(0, 10)], elsewhere: outcome(5, 10), bounds: null }, wish);
    expect(kept.standing).toBe('not-elsewhere');
    expect(kept.needs[0]).toContain('12 false alarms a day');
  });

  it('asks for more listening where there was too little for a rate', () => {
    const needs = ['more listening: so little of it says nothing of a day'];
    const [quiet, loud] = [outcome(0, 0.002), outcome(1, 0.002)];
    expect(keptBy({ front: [loud], elsewhere: null, bounds: null }, wish)).toEqual({
      standing: 'cannot',
      needs,
    });
    expect(keptBy({ front: [quiet], elsewhere: loud, bounds: null }, wish).needs).toEqual(needs);
    const budget = { falseAcceptsPerHour: null, believedPerHour: 1, weights: null };
    expect(keptBy({ front: [loud], elsewhere: null, bounds: null }, budget).needs).toEqual(needs);
  });

  it('is promised only where there was enough to listen to', () => {
    const front = [outcome(0, 10)];
    const short = keptBy({ front, elsewhere: outcome(0, 10), bounds: { low: 0, high: 0.37 } }, wish);
    expect(short.needs).toEqual(['62 h more of listening without a false accept to promise it at 95%']);
    const long = keptBy({ front, elsewhere: outcome(0, 100), bounds: { low: 0, high: 0.036 } }, wish);
    expect(long).toEqual({ standing: 'kept', needs: [] });
  });
});
