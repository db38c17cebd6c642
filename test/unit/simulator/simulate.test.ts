import { describe, expect, it, vi } from 'vitest';
import { FAULTS } from '../../../src/simulator/faults.js';
import { simulate } from '../../../src/simulator/simulate.js';

vi.setConfig({ testTimeout: 300_000 });

describe('a simulated run', () => {
  it.each([1])('of half a day (seed %i) loses nothing, does nothing twice and ends well', async (seed) => {
    const { violations, tail, offered } = await simulate({ seed, days: 0.5 });
    expect(violations, tail.join('\n')).toEqual([]);
    expect(offered).toBeGreaterThan(50);
  });

  it.each([2])('with faults ten times as often (seed %i) ends well, too', async (seed) => {
    const { violations, tail } = await simulate({ seed, days: 0.5, often: 10 });
    expect(violations, tail.join('\n')).toEqual([]);
  });

  it('that ends while the disk cannot be written asks again what it could not forget', async () => {
    const faults = ['disk full', 'secret refused', 'configuration broken'];
    const { violations, tail } = await simulate({ seed: 1, days: 2, often: 6, faults });
    expect(violations, tail.join('\n')).toEqual([]);
  });

  it('is the same to the byte for the same seed, and another for another', async () => {
    const digestOf = async (seed: number) => (await simulate({ seed, days: 0.1 })).digest;
    const [first, again, other] = [await digestOf(4), await digestOf(4), await digestOf(5)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('draws each fault by itself: without one the others befall it as before', async () => {
    const { faults } = await simulate({ seed: 6, days: 0.1, often: 10 });
    const [without = ''] = Object.keys(faults);
    const { [without]: _, ...others } = faults;
    const names = FAULTS.map(({ name }) => name).filter((name) => name !== without);
    expect((await simulate({ seed: 6, days: 0.1, often: 10, faults: names })).faults).toEqual(others);
  });
});
