import { describe, expect, it } from 'vitest';
import { LevelHistory } from '../../../src/events/level-history.js';
import { levelReading } from '../../support/events.js';

describe('the history of levels', () => {
  it('keeps the newest readings of a source as they were', () => {
    const history = new LevelHistory(2);
    expect(history.trace().atMs).toEqual([]);
    expect(history.state).toBeNull();
    for (const counter of [1, 2]) history.push(levelReading('mic', counter));
    const napping = { ...levelReading('mic', 3), gateOpen: false, confidence: null, state: 'napping' };
    history.push({ ...napping, levelDb: Number.NEGATIVE_INFINITY });
    expect(history.state).toBe('napping');
    expect(history.trace()).toEqual({
      atMs: [200, 300],
      levelDb: [-40, Number.NEGATIVE_INFINITY],
      floorDb: [-55, -55],
      gateOpen: [true, false],
      confidence: [0.25, null],
      values: [[], []],
    });
  });

  it('begins anew where a source has other channels than before', () => {
    const history = new LevelHistory(3);
    history.push({ ...levelReading('pump', 1), values: [1, 2] });
    history.push({ ...levelReading('pump', 2), values: [3, 4] });
    expect(history.trace().values).toEqual([
      [1, 2],
      [3, 4],
    ]);
    history.push({ ...levelReading('pump', 3), values: [5] });
    expect(history.trace()).toMatchObject({ atMs: [300], values: [[5]] });
  });
});
