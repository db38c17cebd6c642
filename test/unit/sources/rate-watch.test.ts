import { expect, it } from 'vitest';
import { RateWatch } from '../../../src/sources/rate-watch.js';

const ASKED_HZ = 16_000;

/** Feeds lots of `lotMs` at a rate; when it was told and which rate, null where it never was. */
function watch(rateHz: number, seconds: number, lotMs = 80, lost = 0) {
  const watched = new RateWatch(ASKED_HZ, 2000);
  for (let nowMs = 0; nowMs <= seconds * 1000; nowMs += lotMs) {
    watched.lost(lost);
    const foundHz = watched.heard((rateHz * lotMs) / 1000 - lost, nowMs);
    if (foundHz !== null) return { foundHz, afterS: nowMs / 1000 };
  }
  return null;
}

it.each([
  ['three times as fast', 48_000, 4.1],
  ['half as fast', 8000, 6],
  ['a trickle', 15, 4.1],
  ['a card of 44.1 kHz for one of 48', (16_000 * 44_100) / 48_000, 32],
])('%s is found, with the rate that really comes', (_, rateHz, withinS) => {
  const found = watch(rateHz, 60);
  expect(found?.afterS).toBeLessThanOrEqual(withinS);
  expect((found?.foundHz ?? 0) / rateHz).toBeCloseTo(1, 1);
});

it('lets a crystal drift for hours', () => {
  expect(watch(15_984, 4 * 3600)).toBeNull();
});

it('counts what the recorder says was lost', () => {
  expect(watch(ASKED_HZ, 120, 80, 640)).toBeNull();
});

it('lets a reader that was late catch up', () => {
  const watched = new RateWatch(ASKED_HZ, 2000);
  for (let nowMs = 0; nowMs < 30_000; nowMs += 80) {
    const late = nowMs > 10_000 && nowMs < 11_900;
    if (!late) expect(watched.heard(nowMs > 11_900 && nowMs < 12_000 ? 32_000 : 1280, nowMs)).toBeNull();
  }
});

it('begins anew after a pause in which nobody can have read', () => {
  const watched = new RateWatch(ASKED_HZ, 2000);
  const play = (fromMs: number) => {
    for (let nowMs = fromMs; nowMs < fromMs + 8000; nowMs += 80)
      expect(watched.heard(1280, nowMs)).toBeNull();
  };
  play(0);
  play(3_600_000);
});
