import { describe, expect, it } from 'vitest';
import { Gate, type GateProfile } from '../../../../src/core/signal/gate.js';

const RATE_HZ = 16_000;
const HOP = 1280;
const profile: GateProfile = {
  fromHz: 200,
  openDb: 6,
  holdMs: 400,
  preRollMs: 500,
  lowestFloorDb: -70,
  riseDbPerSecond: 2,
  napMs: 0,
};

/** Seeded noise of this level, dB re full scale, with an offset. */
function noise(levelDb: number, offset = 0): Float32Array {
  const amplitude = 10 ** (levelDb / 20) * Math.sqrt(3);
  let seed = 7;
  return Float32Array.from({ length: HOP }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return offset + amplitude * ((2 * seed) / 2 ** 32 - 1);
  });
}

/** Pushes the same hop for so long; true for each hop that passed. */
function push(gate: Gate, hop: Float32Array, durationMs: number): boolean[] {
  return Array.from({ length: Math.round(durationMs / 80) }, () => gate.push(hop));
}

describe('the energy gate', () => {
  it('is shut in silence and in a quiet room', () => {
    const gate = new Gate(profile, RATE_HZ, HOP);
    expect(push(gate, new Float32Array(HOP), 2000)).not.toContain(true);
    expect(push(gate, noise(-66), 2000)).not.toContain(true);
  });

  it('opens with the first hop that is louder, and shuts after the hold', () => {
    const gate = new Gate(profile, RATE_HZ, HOP);
    push(gate, noise(-66), 4000);
    expect(push(gate, noise(-40), 160)).toEqual([true, true]);
    expect(push(gate, noise(-66), 640)).toEqual([true, true, true, true, true, false, false, false]);
  });

  it('gets used to a steady noise, and opens again to what is louder', () => {
    const gate = new Gate(profile, RATE_HZ, HOP);
    const steady = push(gate, noise(-46), 20_000);
    expect([steady[0], steady.at(-1)]).toEqual([true, false]);
    expect(push(gate, noise(-36), 80)).toEqual([true]);
  });

  it('forgets a noise fast once it stops', () => {
    const gate = new Gate(profile, RATE_HZ, HOP);
    push(gate, noise(-40), 20_000);
    push(gate, noise(-66), 500);
    expect(gate.floorDb).toBeLessThan(-64);
  });

  it('hears a word over hum that is as loud', () => {
    const gate = new Gate(profile, RATE_HZ, HOP);
    const hum = (sound: Float32Array, hop: number) =>
      sound.map((value, i) => value + 0.1 * Math.sin((2 * Math.PI * 50 * (hop * HOP + i)) / RATE_HZ));
    const passed = Array.from({ length: 300 }, (_, hop) => gate.push(hum(noise(hop < 299 ? -60 : -23), hop)));
    expect(passed.slice(-2)).toEqual([false, true]);
  });

  it('does not take an offset for loudness', () => {
    const gate = new Gate(profile, RATE_HZ, HOP);
    expect(push(gate, noise(-66, 0.3), 1000)).not.toContain(true);
  });

  it('leaves missing values out', () => {
    const gate = new Gate(profile, RATE_HZ, HOP);
    const broken = noise(-66);
    broken.fill(Number.NaN, 0, 700);
    expect(push(gate, broken, 500)).not.toContain(true);
    expect(gate.levelDb).toBeCloseTo(-66, 0);
  });

  it('is always open without a profile, and still measures', () => {
    const gate = new Gate(null, RATE_HZ, HOP);
    expect(push(gate, new Float32Array(HOP), 160)).toEqual([true, true]);
    gate.push(noise(-20));
    expect(gate.levelDb).toBeCloseTo(-20, 0);
  });
});
