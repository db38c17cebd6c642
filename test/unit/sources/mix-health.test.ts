import { expect, it } from 'vitest';
import { MixHealth } from '../../../src/sources/mix-health.js';

const RATE_HZ = 1000;
const tone = (i: number) => Math.sin(i / 3) * 0.1;
/** Sound of the same strength that has nothing to do with it. */
const other = (i: number) => Math.sin(i / 1.7 + 1) * 0.1;

/** What is told of seconds of two channels. */
function told(seconds: number, left: (i: number) => number, right: (i: number) => number, chosen = [0, 1]) {
  const health: string[] = [];
  const watch = new MixHealth(chosen, RATE_HZ, ({ state, detail }) => health.push(`${state}: ${detail}`));
  for (let i = 0; i < seconds * RATE_HZ; i += 1) watch.sample([left(i), right(i), tone(i)], 0, 1);
  return health;
}

it('tells of sides in opposite phase, after two seconds of sound', () => {
  const opposite = (i: number) => -0.9 * tone(i);
  expect(told(1, tone, opposite)).toEqual([]);
  expect(told(5, tone, opposite)).toEqual([
    'degraded: channels 0, 1 are in opposite phase and cancel; choose one: `channel: 0`',
  ]);
  const later = (i: number) => (i < 5 * RATE_HZ ? 0 : 1);
  expect(
    told(
      9,
      (i) => later(i) * tone(i),
      (i) => later(i) * opposite(i),
    ),
  ).toHaveLength(1);
});

it('tells of a channel that never moves, wherever it stands', () => {
  const dead = ['degraded: channel 0 never moves; choose another: `channel: 1`'];
  expect(told(3, () => 0, tone)).toEqual(dead);
  expect(told(3, () => 0.3, tone)).toEqual(dead);
});

it('says when all is well again', () => {
  const health = told(8, tone, (i) => (i < 4 * RATE_HZ ? -tone(i) : tone(i)));
  expect(health.map((line) => line.split(':')[0])).toEqual(['degraded', 'ok']);
});

it('has nothing to say of channels that add up, that are strangers, or that are silent', () => {
  expect(told(4, tone, tone)).toEqual([]);
  expect(told(4, tone, other)).toEqual([]);
  expect(told(4, tone, (i) => 0.05 * tone(i))).toEqual([]);
  expect(
    told(
      4,
      () => 0,
      () => 0,
    ),
  ).toEqual([]);
  expect(told(4, tone, (i) => -tone(i), [0, 2])).toEqual([]);
});
