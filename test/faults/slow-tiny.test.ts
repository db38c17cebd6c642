import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Decision } from '../../src/core/cascade/stage.js';
import { LoudnessStage } from '../../src/emulator/scripted.js';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import { Microphone } from '../../src/sources/microphone/microphone.js';
import { harness, testProfile } from '../support/cascade.js';
import { writeMicrophoneShim } from '../support/microphone-shim.js';
import { createShims, type Shims } from '../support/shims.js';

const HOP_SAMPLES = 1280;
const SLOW_MS = 200;

let shims: Shims;
beforeEach(() => {
  shims = createShims();
});
afterEach(() => shims.restore());

describe('a tiny stage slower than its hop', () => {
  it('row 13: loses the oldest samples as a gap, and none once it is fast again', async () => {
    writeMicrophoneShim(shims, new Int16Array(16_000).fill(1000));
    let slow = true;
    const answer = async (decision: Decision) => {
      if (slow) await delay(SLOW_MS);
      return decision;
    };
    const { cascade, events } = harness(
      { ...testProfile, hopSamples: HOP_SAMPLES },
      { source: 'mic', tiny: new LoudnessStage('tiny', undefined, answer) },
    );
    const stop = new AbortController();
    let heard = 0;
    let lost = 0;
    let end = 0;
    let wellSamples = 0;
    for await (const item of new Microphone({ id: 'mic', ...systemTime, queueMs: 600 }).frames(stop.signal)) {
      if (item.kind === 'frame') {
        heard += item.data.length;
        end = item.sample + item.data.length;
        if (!slow) wellSamples += item.data.length;
      }
      if (item.kind === 'gap') {
        expect(item.reason).toBe('dropped');
        lost += item.lostSamples;
        wellSamples = 0;
        slow = lost < 8000;
      }
      await cascade.push(item);
      if (wellSamples > 32_000) stop.abort();
    }
    expect(end).toBe(heard + lost);
    expect(events.filter(({ type }) => type === 'gap').length).toBeGreaterThan(0);
  });
});
