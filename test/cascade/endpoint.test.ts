import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stage } from '../../src/core/cascade/stage.js';
import type { EventOf } from '../../src/core/events/events.js';
import { LoudnessStage } from '../../src/emulator/scripted.js';
import { standardConfig } from '../../src/runtime/config.js';
import { voiceProfile } from '../../src/voice/profile.js';
import { frame, harness } from '../support/cascade.js';
import { audioOf, hum, mix, music, noise, rmsOf, SPOKEN } from '../support/sounds.js';
import { endpointer as openEndpointer } from '../support/stages.js';

const RATE_HZ = 16_000;
const HOP = 1280;
/** Before the gate has got used to the background, and after. */
const EARLY_SAMPLE = 75 * HOP;
const ADAPTED_SAMPLE = 300 * HOP;
const WAKE_SAMPLES = 4 * HOP;
const BEFORE_SPEECH = 0.4 * RATE_HZ;
const TRAITS = { hopSamples: HOP, debounceHops: 1, contextMs: 0, tailMs: 0, againMs: null, calm: null };
/** The configured silence, the tail of a hop and what the model needs to be sure. */
const LATEST_END = 1.2 * RATE_HZ;

let endpointer: Stage;
beforeAll(async () => {
  endpointer = await openEndpointer('silero');
});
afterAll(() => endpointer.dispose());

/** Notices once, in the hop that ends at `wakeSample`, whatever is heard. */
class WakesOnce extends LoudnessStage {
  constructor(readonly wakeSample: number) {
    super('tiny');
  }

  override decide(window: Parameters<LoudnessStage['decide']>[0]) {
    const isWake = window.startSample + HOP === this.wakeSample;
    return {
      kind: isWake ? ('accept' as const) : ('reject' as const),
      stage: this.name,
      label: 'wake',
      score: isWake ? 1 : 0,
      confidence: isWake ? 1 : 0,
      contributions: [],
    };
  }
}

/** The utterance of a sentence over a background that was there before and goes on, so many dB softer. */
async function utteranceOver(
  background: (samples: number, rms: number) => Float32Array,
  softerDb: number,
  stage: Stage | null,
  wakeSample = EARLY_SAMPLE,
): Promise<{ readonly utterance: EventOf<'utterance'>; readonly spokenUntil: number }> {
  const spoken = (await audioOf('settled')).slice(SPOKEN.startSample, SPOKEN.endSample);
  const startSample = wakeSample + BEFORE_SPEECH;
  const signal = background(wakeSample + 9 * RATE_HZ, rmsOf(spoken) * 10 ** (-softerDb / 20));
  // What stands for the wake word, to open the gate.
  mix(signal, noise(WAKE_SAMPLES, rmsOf(spoken)), wakeSample - WAKE_SAMPLES);
  mix(signal, spoken, startSample);
  const { voice } = standardConfig().cascades;
  if (voice?.kind !== 'voice') throw new Error('the standard configuration has a voice cascade');
  const tiny = new WakesOnce(wakeSample);
  const { cascade, events, play } = harness(voiceProfile(voice, TRAITS), {
    tiny,
    heavy: null,
    endpointer: stage,
  });
  await play({ ...frame(signal, 0), rateHz: RATE_HZ });
  await cascade.finish();
  const utterance = events.find((event) => event.type === 'utterance');
  if (utterance === undefined)
    throw new Error(`expected an utterance, found ${events.map(({ type }) => type)}`);
  return { utterance, spokenUntil: startSample + spoken.length };
}

describe('the end of an utterance', () => {
  it.each([
    ['a quiet room', noise, 50],
    ['noise 10 dB softer', noise, 10],
    ['a hum 10 dB softer', hum, 10],
    ['music 10 dB softer', music, 10],
    ['music 5 dB softer', music, 5],
  ] as const)('is found in %s', async (_, background, softerDb) => {
    const { utterance, spokenUntil } = await utteranceOver(background, softerDb, endpointer);
    expect(utterance.outcome).toBe('endpoint');
    expect(utterance.sample).toBeGreaterThan(spokenUntil);
    expect(utterance.sample).toBeLessThan(spokenUntil + LATEST_END);
  });

  it.each([
    ['a quiet room', noise, 50],
    ['noise 10 dB softer', noise, 10],
    ['a hum 10 dB softer', hum, 10],
  ] as const)('is found by level alone in %s that the gate got used to', async (_, background, softerDb) => {
    const { utterance, spokenUntil } = await utteranceOver(background, softerDb, null, ADAPTED_SAMPLE);
    expect(utterance.outcome).toBe('endpoint');
    expect(utterance.sample).toBeLessThan(spokenUntil + LATEST_END);
  });

  it('takes a model to be found under music: by level alone it is a time-out', async () => {
    const { utterance } = await utteranceOver(music, 5, null, ADAPTED_SAMPLE);
    expect(utterance.outcome).toBe('timeout');
  });
});
