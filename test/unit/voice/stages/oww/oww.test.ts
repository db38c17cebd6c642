import { describe, expect, it } from 'vitest';
import type { Window } from '../../../../../src/core/cascade/stage.js';
import { chirp } from '../../../../support/chirp.js';
import { voiceStage } from '../../../../support/stages.js';

const signal = new AbortController().signal;

describe('openWakeWord stage', () => {
  const window = (data: Float32Array): Window => ({
    source: 's',
    startSample: 0,
    rateHz: 16_000,
    channels: 1,
    data,
  });

  it('decides the same whatever the hops it is given, and again after a reset', async () => {
    const stage = await voiceStage('oww');
    const audio = chirp(32_000);
    const scores = async (hop: number) => {
      stage.reset();
      let last = '';
      for (let start = 0; start + hop <= audio.length; start += hop) {
        const decision = await stage.decide(window(audio.subarray(start, start + hop)), signal);
        if (decision.kind === 'abstain') throw new Error(decision.code);
        last = `${decision.label} ${decision.score}`;
      }
      return last;
    };
    const whole = await scores(1280);
    expect(await scores(320)).toBe(whole);
    expect(await scores(1280)).toBe(whole);
    await stage.dispose();
  });

  it('abstains on samples that are not numbers, then recovers', async () => {
    const stage = await voiceStage('oww', { words: ['alexa'] });
    const bad = new Float32Array(1280 * 12).fill(Number.NaN);
    expect(await stage.decide(window(bad), signal)).toEqual({
      kind: 'abstain',
      stage: 'oww',
      code: 'MODEL_OUTPUT',
    });
    expect(await stage.decide(window(chirp(1280 * 12)), signal)).toMatchObject({
      kind: 'reject',
      label: 'alexa',
    });
    await stage.dispose();
  });
});
