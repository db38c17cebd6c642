import { describe, expect, it } from 'vitest';
import { quantityIn, quantityOf } from '../../../src/sources/quantity.js';

describe('a quantity', () => {
  it.each([
    ['12.3', 12.3, ''],
    ['-1.5e3', -1500, ''],
    ['12,345', 12.345, ''],
    ['1,234.5', 1234.5, ''],
    ['1.234,5', 1234.5, ''],
    ['1,234,567', 1_234_567, ''],
    ['12.3 L/min', 12.3, 'L/min'],
    ['21.5°C', 21.5, '°C'],
    ['40 %', 40, '%'],
    ['NA', Number.NaN, ''],
    ['unavailable', Number.NaN, ''],
    ['-Infinity', Number.NaN, ''],
  ])('of the text %s', (text, value, unit) => {
    expect(quantityOf(text)).toEqual({ value, unit });
  });

  it.each(['open door', 'ERR', '10:30', '2024-01-01', '1.2.3', '12 34'])('is not in the text %s', (text) => {
    expect(quantityOf(text)).toBeNull();
  });

  it('is in truths, switches and numbers of a message, not in lists', () => {
    expect([true, 'OFF', 3, null, 'open'].map((each) => quantityIn(each)?.value)).toEqual([
      1,
      0,
      3,
      Number.NaN,
      1,
    ]);
    expect(quantityIn([1])).toBeNull();
  });
});
