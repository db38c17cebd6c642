import { describe, expect, it } from 'vitest';
import type { Time } from '../../src/core/clock.js';
import type { Frame, Source } from '../../src/core/signal/frame.js';
import type { GateProfile } from '../../src/core/signal/gate.js';
import { LoudnessStage } from '../../src/emulator/scripted.js';
import { PacedSource } from '../../src/sources/pace.js';
import { format, frame, HOP, harness, RATE_HZ, signal } from '../support/cascade.js';

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

async function listen(napMs: number, data: Float32Array) {
  const tiny = new LoudnessStage('tiny');
  const { cascade, events } = harness({ gate: { ...shut, napMs } }, { tiny });
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
    const { lateness, wakeUps } = await listen(60, silence);
    const hops = silence.length / HOP;
    expect(wakeUps).toBeLessThan(hops / 6);
    expect(Math.max(...lateness)).toBe(60);
  });

  it('is awake for every hop from the one that opened the gate on', async () => {
    const { lateness } = await listen(60, word);
    const opened = 1000 / HOP;
    const caughtUp = opened + 60 / HOP;
    expect(lateness.slice(caughtUp, caughtUp + 10)).toEqual(new Array(10).fill(0));
  });

  it('finds the same as one that does not', async () => {
    const napping = await listen(60, word);
    const awake = await listen(0, word);
    expect(napping.events).toEqual(awake.events);
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
