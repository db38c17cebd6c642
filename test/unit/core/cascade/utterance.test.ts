import { expect, it } from 'vitest';
import { UtteranceCapture } from '../../../../src/core/cascade/utterance.js';

const RATE_HZ = 16_000;
const HOP = 1280;
const PROFILE = { leadMs: 200, endSilenceMs: 700, startTimeoutMs: 3000, maxMs: 8000 };

/** How an utterance of 2 s ends that talk in the background, of one level, follows. */
function ended(
  voiceDb: number,
  orderDb: number,
  backgroundDb: number,
): { outcome: string; ms: number } | null {
  const capture = new UtteranceCapture(PROFILE, RATE_HZ, 0, 0, voiceDb);
  for (let end = HOP; end <= 10 * RATE_HZ; end += HOP) {
    const utterance = capture.push(end, true, end <= 2 * RATE_HZ ? orderDb : backgroundDb);
    if (utterance !== null) return { outcome: utterance.outcome, ms: (utterance.endSample / RATE_HZ) * 1000 };
  }
  return null;
}

it('ends an order when who spoke the wake word stops, though a television talks on', () => {
  expect(ended(-15, -15, -35)).toEqual({ outcome: 'endpoint', ms: 2160 });
  expect(ended(-55, -55, -75)).toEqual({ outcome: 'endpoint', ms: 2160 });
});

/** Where an order of 2 s ends whose last word, much quieter, follows it for so many hops, before silence or not. */
function endedFading(fadingHops: number, silentHops: number): number {
  const capture = new UtteranceCapture(PROFILE, RATE_HZ, 0, 0, -15);
  for (let hop = 1; hop <= 60; hop++) {
    const quiet = hop - 25;
    const speaks = quiet <= fadingHops || quiet > fadingHops + silentHops;
    const utterance = capture.push(hop * HOP, speaks, quiet <= 0 ? -15 : speaks ? -35 : -70);
    if (utterance !== null) return (utterance.endSample / RATE_HZ) * 1000;
  }
  return Number.POSITIVE_INFINITY;
}

it('keeps a last word that fades away, as long as speech behind it does not go on', () => {
  expect(endedFading(5, 20)).toBe(2400);
  expect(endedFading(1, 20)).toBe(2160);
  expect(endedFading(8, 0)).toBe(2160);
});

it('follows an order that is said more quietly than its wake word', () => {
  expect(ended(-15, -27, -45)).toEqual({ outcome: 'endpoint', ms: 2160 });
});

it('cannot tell who speaks where both are about as loud', () => {
  expect(ended(-15, -15, -20)?.outcome).toBe('timeout');
});

/** Where an utterance begins whose speech, after a wake word noticed at 0, is in the hops of these numbers. */
function begun(...speech: readonly number[]): { startMs: number; apart: boolean } {
  const capture = new UtteranceCapture(PROFILE, RATE_HZ, RATE_HZ, 0, -20);
  for (let hop = 1; ; hop++) {
    const speaks = speech.includes(hop);
    const utterance = capture.push(RATE_HZ + hop * HOP, speaks, speaks ? -20 : -60);
    if (utterance === null) continue;
    return { startMs: (utterance.startSample / RATE_HZ) * 1000 - 1000, apart: utterance.apart };
  }
}

it('begins before the sample at which the word was noticed where the order follows in one breath', () => {
  expect(begun(1, 2, 3, 4, 5)).toEqual({ startMs: -200, apart: false });
  expect(begun(1, 4, 5, 6, 7)).toEqual({ startMs: -200, apart: false });
});

it('begins in the pause that parts the order from its wake word', () => {
  expect(begun(1, 2, 8, 9, 10, 11)).toEqual({ startMs: 320, apart: true });
  expect(begun(6, 7, 8, 9)).toEqual({ startMs: 160, apart: true });
});

it('does not take a softly begun order for a pause', () => {
  const capture = new UtteranceCapture(PROFILE, RATE_HZ, RATE_HZ, 0, -20);
  for (let hop = 1; hop <= 12; hop++) capture.push(RATE_HZ + hop * HOP, hop > 5, hop > 5 ? -20 : -42);
  expect(capture.end('end-of-source', 2 * RATE_HZ)).toMatchObject({
    startSample: 0.8 * RATE_HZ,
    apart: false,
  });
});

it('keeps a first word that a pause follows', () => {
  expect(begun(1, 2, 3, 4, 9, 10, 11)).toEqual({ startMs: -200, apart: false });
});

it('is not misled by a sneeze about who speaks', () => {
  const capture = new UtteranceCapture(PROFILE, RATE_HZ, 0, 0, -30);
  capture.push(HOP, true, -5);
  for (let end = 2 * HOP; end <= 2 * RATE_HZ; end += HOP) capture.push(end, true, -30);
  expect(capture.end('end-of-source', 2 * RATE_HZ)).toMatchObject({ endSample: 2 * RATE_HZ });
});

it('goes on for an order behind the rest of a word that was noticed long before its end', () => {
  const capture = new UtteranceCapture(PROFILE, RATE_HZ, RATE_HZ, 0, -20);
  const speaks = (hop: number) => hop <= 6 || (hop > 20 && hop <= 30);
  const ended: { startMs: number; apart: boolean }[] = [];
  for (let hop = 1; hop < 50 && ended.length < 2; hop++) {
    const utterance = capture.push(RATE_HZ + hop * HOP, speaks(hop), speaks(hop) ? -20 : -60);
    if (utterance === null) continue;
    ended.push({ startMs: (utterance.startSample / RATE_HZ) * 1000 - 1000, apart: utterance.apart });
    expect(capture.goOn()).toBe(ended.length === 1);
  }
  expect(ended).toEqual([
    { startMs: -200, apart: false },
    { startMs: 960, apart: true },
  ]);
});
