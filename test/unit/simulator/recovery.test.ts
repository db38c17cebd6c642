import { describe, expect, it } from 'vitest';
import { Chance } from '../../../src/simulator/chance.js';
import { device } from '../../../src/simulator/fault.js';
import { Machine } from '../../../src/simulator/machine.js';
import { Recovery, type Upset } from '../../../src/simulator/recovery.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';
import { Witness } from '../../../src/simulator/witness.js';

const HANGS: Upset = { name: 'device hangs', lastsSeconds: 60, upsets: ['source'], toldWithinMs: 300_000 };

/** What is found wrong where a device hangs for each of the stretches, in seconds, and nobody tells of it. */
async function untold(...stretches: readonly (readonly [from: number, to: number])[]) {
  const [time, found] = [new VirtualTime(), [] as string[]];
  const recovery = new Recovery(time, (what) => found.push(what));
  recovery.began();
  for (const [from, to] of stretches) {
    time.timer(from * 1000, () => recovery.begins(HANGS));
    time.timer(to * 1000, () => recovery.ends(HANGS));
  }
  await time.advance(1_000_000);
  return found;
}

describe('a fault that nobody tells of', () => {
  it('is wrong where it goes on', async () => {
    expect(await untold([10, 400])).toEqual(['device hangs: not told within 300 s']);
  });

  it('is nothing where it was over before, though another like it has begun since', async () => {
    expect(await untold([10, 40], [305, 320])).toEqual([]);
  });
});

describe('a device with two faults', () => {
  it('has the older one still when the newer is over', () => {
    const time = new VirtualTime();
    const chanceOf = (name: string) => new Chance(1, name);
    const machine = new Machine(time, new Witness(time, []), chanceOf);
    const { hall } = machine.devices;
    const unclip = device('clipped', ['hall'])(machine, chanceOf('clipped'));
    const free = device('hung', ['hall'])(machine, chanceOf('hung'));
    expect(hall.state).toBe('hung');
    free();
    expect(hall.state).toBe('clipped');
    unclip();
    expect(hall.state).toBe('ok');
  });
});
