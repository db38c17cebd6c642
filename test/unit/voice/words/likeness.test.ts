import { expect, it } from 'vitest';
import { directions, type InnerValues, likeness, stretchOf } from '../../../../src/voice/words/likeness.js';

/** Steps that point so many degrees round. */
function pointing(...degrees: readonly number[]): InnerValues {
  const radians = degrees.map((each) => (each * Math.PI) / 180);
  const values = Float32Array.from(radians.flatMap((each) => [3 * Math.cos(each), 3 * Math.sin(each)]));
  return directions(values, degrees.length);
}

const take = pointing(0, 60, 120, 180);

it('finds a take within a sound, whatever is around it', () => {
  expect(likeness(take, pointing(270, 300, 0, 60, 120, 180, 250))).toBeCloseTo(0, 6);
});

it('finds it said slower, and faster', () => {
  expect(likeness(take, pointing(270, 0, 0, 60, 60, 60, 120, 180, 180, 270))).toBeCloseTo(0, 6);
  expect(likeness(pointing(0, 0, 60, 60, 120, 120), pointing(270, 0, 60, 120, 270))).toBeCloseTo(0, 6);
});

it('is less where steps differ, by their mean cosine distance', () => {
  expect(likeness(pointing(0, 0, 0), pointing(60, 60, 60))).toBeCloseTo(-0.5, 6);
  expect(likeness(pointing(0, 180), pointing(0, 90))).toBeCloseTo(-0.5, 6);
});

it('is less for another order of the same steps', () => {
  expect(likeness(take, pointing(180, 120, 60, 0))).toBeLessThan(-0.3);
});

it('takes a stretch as far as there is one', () => {
  expect(stretchOf(take, -3, 2)).toEqual(pointing(0, 60));
  expect(stretchOf(take, 2, 9).steps).toBe(2);
});
