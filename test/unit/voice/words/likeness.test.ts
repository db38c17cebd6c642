import { describe, expect, it } from 'vitest';
import { HeldTakes } from '../../../../src/voice/words/held-takes.js';
import {
  directions,
  everySecond,
  type InnerValues,
  stretchOf,
} from '../../../../src/voice/words/inner-values.js';
import { type Compared, comparison, melodyOf } from '../../../../src/voice/words/likeness.js';

/** Steps that point so many degrees round. */
function pointing(...degrees: readonly number[]): InnerValues {
  const radians = degrees.map((each) => (each * Math.PI) / 180);
  const values = Float32Array.from(radians.flatMap((each) => [3 * Math.cos(each), 3 * Math.sin(each)]));
  return directions(values, degrees.length);
}

function likeness(take: Compared, heard: Compared, phoneSteps = take.inner.steps) {
  return comparison({ ...take, phoneSteps }, new HeldTakes())(heard);
}

/** How like a take a sound is, by what is said in it alone. */
function like(take: InnerValues, heard: InnerValues): number {
  const whispered = { pitch: new Float64Array(0) };
  return likeness({ inner: take, ...whispered }, { inner: heard, ...whispered }).sounds;
}

const take = pointing(0, 60, 120, 180);

it('finds a take within a sound, whatever is around it', () => {
  expect(like(take, pointing(270, 300, 0, 60, 120, 180, 250))).toBeCloseTo(0, 6);
});

it('finds it said slower, and faster', () => {
  expect(like(take, pointing(270, 0, 0, 60, 60, 60, 120, 180, 180, 270))).toBeCloseTo(0, 6);
  expect(like(pointing(0, 0, 60, 60, 120, 120), pointing(270, 0, 60, 120, 270))).toBeCloseTo(0, 6);
});

it('tells where its last phone is heard, said faster or slower, whatever follows that in the take', () => {
  const whispered = { pitch: new Float64Array(0) };
  const end = (phoneSteps: number, ...heard: readonly number[]) =>
    likeness({ inner: take, ...whispered }, { inner: pointing(...heard), ...whispered }, phoneSteps).end;
  expect(end(4, 270, 0, 60, 120, 180, 250)).toBe(5);
  expect(end(3, 270, 0, 60, 120, 180, 250)).toBe(4);
  expect(end(3, 270, 0, 60, 60, 60, 120, 120, 180, 250)).toBe(7);
});

it('is less where steps differ, by their mean cosine distance', () => {
  expect(like(pointing(0, 0, 0), pointing(60, 60, 60))).toBeCloseTo(-0.5, 6);
  expect(like(pointing(0, 180), pointing(0, 90))).toBeCloseTo(-0.5, 6);
});

it('is less for another order of the same steps', () => {
  expect(like(take, pointing(180, 120, 60, 0))).toBeLessThan(-0.3);
});

it('tells how much of the way the one waits for the other', () => {
  const whispered = { pitch: new Float64Array(0) };
  const warpOf = (heard: InnerValues) =>
    likeness({ inner: take, ...whispered }, { inner: heard, ...whispered }).warp;
  expect(warpOf(pointing(270, 0, 60, 120, 180, 270))).toBe(0);
  expect(warpOf(pointing(270, 0, 60, 60, 60, 120, 180, 270))).toBeCloseTo(2 / 6, 6);
  expect(warpOf(pointing(270, 0, 60, 180, 270))).toBeCloseTo(1 / 4, 6);
});

it('takes a stretch as far as there is one, and every second step', () => {
  expect(stretchOf(take, -3, 2)).toEqual(pointing(0, 60));
  expect(stretchOf(take, 2, 9).steps).toBe(2);
  expect(everySecond(pointing(0, 60, 120))).toEqual(pointing(0, 120));
});

describe('the melody of a word', () => {
  const turned = [0, 20, 40, 60, 80, 100, 120, 140];
  /** A word that is said at such pitches. */
  const said = (...pitch: readonly number[]) => ({
    inner: pointing(...turned),
    pitch: Float64Array.from(pitch),
  });
  const rising = said(60, 61, 62, 63, 64, 65, 66, 67);

  it('is the same in a high voice as in a low one', () => {
    expect(likeness(rising, said(72, 73, 74, 75, 76, 77, 78, 79)).melody).toBeCloseTo(0, 6);
  });

  it('tells words apart that differ by nothing else', () => {
    const falling = said(67, 66, 65, 64, 63, 62, 61, 60);
    expect(likeness(rising, falling).sounds).toBeCloseTo(0, 6);
    expect(likeness(rising, falling).melody).toBeGreaterThan(3);
  });

  it('is not known where hardly anything is voiced', () => {
    const [none] = [Number.NaN];
    expect(likeness(rising, said(60, 61, none, none, none, none, none, none)).melody).toBe(2);
  });

  it('is heard in semitones, and nowhere in noise', () => {
    const hum = Float32Array.from({ length: 8_000 }, (_, i) => Math.sin((2 * Math.PI * 220 * i) / 16_000));
    for (const semitones of melodyOf(hum, 16_000)) expect(semitones).toBeCloseTo(12 * Math.log2(220), 0);
    expect(melodyOf(new Float32Array(8_000), 16_000).every(Number.isNaN)).toBe(true);
  });
});
