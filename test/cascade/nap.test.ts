import { describe, expect, it } from 'vitest';
import type { CascadeProfile } from '../../src/core/cascade/profile.js';
import type { Time } from '../../src/core/clock.js';
import type { Frame, Source } from '../../src/core/signal/frame.js';
import type { GateProfile } from '../../src/core/signal/gate.js';
import { LoudnessStage } from '../../src/emulator/scripted.js';
import { PacedSource } from '../../src/sources/pace.js';
import { format, frame, HOP, harness, RATE_HZ, signal, testProfile } from '../support/cascade.js';

const shut: GateProfile = {
  fromHz: 200,
  openDb: 6,
  holdMs: 50,
  preRollMs: 100,
  lowestFloorDb: -60,
  riseDbPerSecond: 0,
  napMs: 60,
};

/** Time that passes only while somebody sleeps. */
function virtualPace(): Time & { readonly slept: number[] } {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    clock: { monotonicMs: () => nowMs },
    timer: (delayMs, wake) => {
      slept.push(delayMs);
      nowMs += delayMs;
      queueMicrotask(wake);
      return () => {};
    },
  };
}

/** A recording in frames of one hop. */
function recording(data: Float32Array): Source {
  return {
    id: 'test',
    async *frames() {
      yield format;
      for (let at = 0; at < data.length; at += HOP) yield frame(data.subarray(at, at + HOP), at);
    },
  };
}

const napping = (napMs: number): Partial<CascadeProfile> => ({ gate: { ...shut, napMs } });

async function listen(profile: Partial<CascadeProfile>, data: Float32Array) {
  const tiny = new LoudnessStage('tiny');
  const { cascade, events } = harness(profile, { tiny });
  const pace = virtualPace();
  const { signal: never } = new AbortController();
  /** How late each frame was taken. */
  const lateness: number[] = [];
  for await (const item of new PacedSource(recording(data), pace).frames(never, cascade.patienceMs)) {
    if (item.kind === 'frame') lateness.push(pace.clock.monotonicMs() - arrival(item));
    await cascade.push(item);
  }
  await cascade.finish();
  return { events, lateness, wakeUps: pace.slept.length };
}

const arrival = (item: Frame) => item.arrivedMs ?? Number.NaN;

const silence = signal([0, 3000]);
const word = signal([0, 1000], [0.9, 200], [0, 800]);

describe('a cascade that naps', () => {
  it('takes silence late and several hops at once', async () => {
    const { lateness, wakeUps } = await listen(napping(60), silence);
    const hops = silence.length / HOP;
    expect(wakeUps).toBeLessThan(hops / 6);
    expect(Math.max(...lateness)).toBe(60);
  });

  it('is awake for every hop from the one that opened the gate on', async () => {
    const { lateness } = await listen(napping(60), word);
    const opened = 1000 / HOP;
    const caughtUp = opened + 60 / HOP;
    expect(lateness.slice(caughtUp, caughtUp + 10)).toEqual(new Array(10).fill(0));
  });

  it('finds the same as one that does not', async () => {
    const late = await listen(napping(60), word);
    const awake = await listen(napping(0), word);
    expect(late.events).toEqual(awake.events);
    expect(awake.events.map(({ type }) => type)).toContain('noticed');
    expect(awake.wakeUps).toBe(word.length / HOP);
  });

  it('tells when each frame could first be had', async () => {
    const pace = virtualPace();
    const { signal: never } = new AbortController();
    const arrivals: number[] = [];
    for await (const item of new PacedSource(recording(signal([0, 100])), pace).frames(never, () => 45)) {
      if (item.kind === 'frame') arrivals.push(arrival(item));
    }
    expect(arrivals).toEqual(Array.from({ length: 10 }, (_, hop) => ((hop + 1) * HOP * 1000) / RATE_HZ));
  });
});

/** Speech that is no word, and a word in it: loud at once, so that nothing tells of it before. */
const talk = signal([0.05, 1000], [0.9, 200], [0.05, 800]);
const noticedAt = 1000 / HOP + testProfile.notice.debounceHops - 1;
/** No gate, and verification a few hops behind what is noticed. */
const calm = (below: number): Partial<CascadeProfile> => ({
  notice: { ...testProfile.notice, calm: { below, waitMs: HOP } },
  verify: { ...testProfile.verify, tailMs: 3 * HOP },
});

describe('a cascade that hears nothing like a word', () => {
  it('is woken once for two hops', async () => {
    const { wakeUps } = await listen(calm(0.1), signal([0.05, 3010]));
    // The first is heard before anything is known.
    expect(wakeUps).toBe(1 + 3000 / HOP / 2);
  });

  it('is awake for every hop from a word on, and verifies it when it would have', async () => {
    const { lateness, events } = await listen(calm(0.1), talk);
    expect(lateness.slice(noticedAt, noticedAt + 10)).toEqual(new Array(10).fill(0));
    expect(events).toEqual((await listen(calm(0), talk)).events);
    expect(events.map(({ type }) => type)).toContain('verified');
  });

  it('waits for nothing while something is nearer than that', async () => {
    const { wakeUps } = await listen(calm(0.01), signal([0.05, 3000]));
    expect(wakeUps).toBe(3000 / HOP);
  });
});
