import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DotProduct } from '../../../src/dsp/dot-product.js';

const numbers = fc.float({ min: -1, max: 1, noNaN: true });

it('sums the products of two rows, wherever they stand', () => {
  const rows = new DotProduct(0);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(numbers, numbers), { minLength: 1, maxLength: 40 }),
      fc.nat(20_000),
      (pairs, at) => {
        const length = DotProduct.rowLength(pairs.length);
        const other = at + length;
        rows.reserve(other + length);
        rows.numbers.fill(0, at, other + length);
        for (const [i, [a, b]] of pairs.entries()) {
          rows.numbers[at + i] = a;
          rows.numbers[other + i] = b;
        }
        const sum = pairs.reduce((total, [a, b]) => total + a * b, 0);
        expect(rows.of(at, other, length)).toBeCloseTo(sum, 4);
      },
    ),
  );
});

it('keeps what it holds when more room is made', () => {
  const rows = new DotProduct(8);
  rows.numbers.set([1, 2, 3], 5);
  rows.reserve(1_000_000);
  expect(rows.numbers.length).toBeGreaterThanOrEqual(1_000_000);
  expect([...rows.numbers.subarray(5, 8)]).toEqual([1, 2, 3]);
});
