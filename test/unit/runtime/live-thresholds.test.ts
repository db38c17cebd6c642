import { describe, expect, it } from 'vitest';
import type { Timer } from '../../../src/core/clock.js';
import type { CascadePlan } from '../../../src/runtime/build.js';
import { cascadeSchema } from '../../../src/runtime/config.js';
import { LiveThresholds } from '../../../src/runtime/live-thresholds.js';
import { planCascade } from '../../../src/runtime/plan.js';
import { systemTimer } from '../../../src/runtime/process/system-clock.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';

async function thresholds(taken: Promise<void> = Promise.resolve(), timer: Timer = systemTimer) {
  const place = { source: 'mic', stateDir: null };
  const plans: CascadePlan[] = [
    await planCascade(cascadeSchema.parse({ kind: 'voice' }), place),
    await planCascade(cascadeSchema.parse({ kind: 'sensor' }), { ...place, source: 'pump' }),
  ];
  const live = new LiveThresholds({
    sources: ['mic', 'pump'],
    plans,
    stateDir: '.',
    timer,
    exchange: async (index, plan) => {
      await taken;
      plans[index] = plan;
    },
  });
  return { live, plans };
}

describe('thresholds of a running source', () => {
  it('are set one after the other, and each keeps the others', async () => {
    const { live, plans } = await thresholds();
    const before = live.of('mic');
    await Promise.all([
      live.set({ source: 'mic', stage: 'tiny', bound: 'reject' }, 0.05),
      live.set({ source: 'mic', stage: 'heavy', bound: 'accept' }, 0.99),
    ]);
    expect(live.of('mic')).toEqual({
      tiny: { accept: before.tiny?.accept, reject: 0.05 },
      heavy: { accept: 0.99, reject: before.heavy?.reject },
    });
    expect(plans[0]?.stages.tiny).toMatchObject({ kind: expect.any(String) });
  });

  it('are refused on the wrong side of each other, and where there are none', async () => {
    const { live } = await thresholds();
    await live.set({ source: 'mic', stage: 'tiny', bound: 'accept' }, 0.6);
    await expect(live.set({ source: 'mic', stage: 'tiny', bound: 'reject' }, 0.7)).rejects.toThrow(
      'expected reject of at most accept, found 0.7 and 0.6',
    );
    await expect(live.set({ source: 'pump', stage: 'tiny', bound: 'accept' }, 0.5)).rejects.toMatchObject({
      code: 'USAGE',
    });
    expect(live.of('pump')).toEqual({ tiny: null, heavy: null });
  });

  it('are answered for a source that takes them over late, and hold up no other', async () => {
    const time = new VirtualTime();
    const { live } = await thresholds(new Promise(() => {}), time.timer);
    const name = { source: 'mic', stage: 'heavy', bound: 'accept' } as const;
    const asked = [live.set(name, 0.98), live.set({ ...name, bound: 'reject' }, 0.01)];
    for (const each of asked) {
      await expect.poll(() => time.waiting).toBeGreaterThan(0);
      await time.advance(5000);
      expect(await each).toMatchObject({ isSet: false });
    }
  });

  it('are taken back one after the other, the newest first', async () => {
    const { live } = await thresholds();
    const { heavy } = live.of('mic');
    const name = { source: 'mic', stage: 'heavy', bound: 'accept' } as const;
    expect(await live.set(name, 0.98)).toEqual({ before: heavy?.accept, isSet: true });
    await live.set(name, 0.99);
    expect(await live.undo('mic')).toEqual({ name, value: 0.98 });
    await live.undo('mic');
    expect(live.of('mic').heavy).toEqual(heavy);
    await expect(live.undo('mic')).rejects.toThrow('found none to take back');
  });
});
