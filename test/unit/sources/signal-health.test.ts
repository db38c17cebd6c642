import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/core/signal/frame.js';
import { SignalHealth } from '../../../src/sources/signal-health.js';
import type { SignalFault } from '../../../src/sources/signal-second.js';

const RATE_HZ = 16_000;
type Sound = (second: number) => number;

/** Pseudo-random numbers from -1 to 1, the same every time. */
const noise: Sound = (at) => ((((Math.sin(at * 1e5) * 43_758.5453) % 1) + 1) % 1) * 2 - 1;
const room: Sound = (at) => 1e-4 * noise(at);
/** A voice that is heard for a third of each second. */
const voice =
  (level: number): Sound =>
  (at) =>
    room(at) * Math.min(1, level) + (at % 1 < 0.33 ? level * Math.sin(2 * Math.PI * 190 * at) : 0);
const hum =
  (level: number, hz = 50): Sound =>
  (at) =>
    level * Math.sin(2 * Math.PI * hz * at);
const sum =
  (...sounds: readonly Sound[]): Sound =>
  (at) =>
    sounds.reduce((total, sound) => total + sound(at), 0);

/** Faults that are told over stretches of sound, in their order; null where all is well again. */
function told(
  ...stretches: readonly (readonly [sound: Sound, seconds: number])[]
): readonly (SignalFault | null)[] {
  const health = new SignalHealth();
  const faults: (SignalFault | null)[] = [];
  let second = 0;
  for (const [sound, seconds] of stretches) {
    for (let i = 0; i < seconds; i++, second++) {
      const data = Float32Array.from({ length: RATE_HZ }, (_, k) => sound(second + k / RATE_HZ));
      const frame: Frame = { kind: 'frame', source: 'mic', sample: 0, rateHz: RATE_HZ, channels: 1, data };
      if (health.observe(frame)) faults.push(health.fault);
    }
  }
  return faults;
}

describe('the health of audio', () => {
  it.each<readonly [SignalFault, Sound]>([
    ['all-zero', () => 0],
    ['constant', () => 0.01],
    ['clipped', (at) => Math.max(-1, Math.min(1, 3 * Math.sin(2 * Math.PI * 200 * at)))],
    ['offset', sum(room, () => -0.08)],
    ['hum', sum(room, hum(0.03))],
    ['hum', sum(room, hum(0.03, 60.1))],
    ['hum', sum(voice(0.1), hum(0.02, 100))],
  ])('is bad after a minute that is %s, and well after two good seconds', (fault, sound) => {
    expect(told([sound, 59])).toEqual([]);
    expect(told([sound, 60], [voice(0.1), 2])).toEqual([fault, null]);
  });

  it('is bad after a minute of voices that are all too quiet, until one is loud enough', () => {
    expect(told([voice(3e-4), 60], [room, 10], [voice(0.1), 2])).toEqual(['quiet', null]);
  });

  it.each<readonly [string, Sound]>([
    ['a quiet room', room],
    ['voices', voice(0.1)],
    ['a quiet microphone that still hears', voice(0.003)],
    ['a little hum', sum(room, hum(0.005))],
    ['a deep note', sum(room, hum(0.1, 55))],
    ['loud noise', (at) => 0.99 * noise(at)],
    ['the little offset that most cards have', sum(room, () => 0.004)],
  ])('is well in %s', (_, sound) => {
    expect(told([sound, 70])).toEqual([]);
  });
});
