import { describe, expect, it } from 'vitest';
import { Feeding } from '../../../../src/core/cascade/feeding.js';

const HOP = 10;
const ringTo = (endSample: number, startSample = 0) => ({ startSample, endSample });

/** Has heard `heardSamples` in one piece, from the beginning. */
function fed(heardSamples: number): Feeding {
  const feeding = new Feeding();
  feeding.restart(0);
  for (let end = HOP; end <= heardSamples; end += HOP) feeding.gave(end);
  return feeding;
}

describe('what tiny is given once the gate opens', () => {
  const all = { hopSamples: HOP, preRollHops: 5, resumeHops: null };

  it('is all of a short pause, and the pre-roll anew after a longer one', () => {
    const short = fed(100);
    expect(short.reopen(ringTo(160), all)).toBe(false);
    expect(short.nextSample).toBe(100);
    const long = fed(100);
    expect(long.reopen(ringTo(170), all)).toBe(true);
    expect(long.nextSample).toBe(110);
  });

  it('is no more than is held', () => {
    const feeding = fed(0);
    expect(feeding.reopen(ringTo(1000, 970), all)).toBe(true);
    expect(feeding.nextSample).toBe(970);
  });

  const resuming = { ...all, resumeHops: 2 };

  it('is the end of a pause, be it short or long, where enough is remembered', () => {
    for (const endSample of [150, 1000]) {
      const feeding = fed(100);
      expect(feeding.reopen(ringTo(endSample), resuming)).toBe(false);
      expect(feeding.nextSample).toBe(endSample - 3 * HOP);
    }
    const next = fed(100);
    expect(next.reopen(ringTo(120), resuming)).toBe(false);
    expect(next.nextSample).toBe(100);
  });

  it('is the whole pre-roll where too little is remembered, or all was forgotten', () => {
    const young = fed(40);
    expect(young.reopen(ringTo(1000), resuming)).toBe(true);
    expect(young.nextSample).toBe(940);
    const forgetful = fed(100);
    forgetful.forgot();
    expect(forgetful.reopen(ringTo(1000), resuming)).toBe(true);
  });
});
