import { expect, it } from 'vitest';
import { fromInt16, toInt16 } from '../../../../src/core/signal/pcm.js';

it('16 bits keep a sample within half a step, and clip what is louder', () => {
  for (const value of [-1, -0.5, 0, 1 / 3, 0.999]) {
    expect(Math.abs(fromInt16(toInt16(value)) - value)).toBeLessThanOrEqual(0.5 / 0x8000);
  }
  expect([toInt16(1), toInt16(-3), toInt16(3)]).toEqual([32_767, -32_768, 32_767]);
});
