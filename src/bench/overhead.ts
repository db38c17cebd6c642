import { MicroFrontEnd } from '../dsp/micro/front-end.js';
import { voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { processCpuMs, systemClock } from '../runtime/process/system-clock.js';
import { createStage } from '../runtime/stages.js';
import type { VoiceConfig } from '../voice/config.js';
import { Listener } from './listener.js';
import { quantileOrNull } from './statistics.js';

/** What the runtime costs around its tiny model. */
export interface Overhead {
  /** Time of the cascade over time of the bare stage, on the same samples: the median of the rounds. */
  readonly ratio: number;
  readonly rounds: number;
  readonly bareRealTimeFactor: number;
  readonly cascadeRealTimeFactor: number;
  /** CPU time of one frame of 10 ms in the front end of microWakeWord's models, the median of the rounds. */
  readonly microFrameUs: number;
}

const ROUNDS = 15;
const RATE_HZ = 16_000;
/** 10 ms, and 80 ms. */
const MICRO_STEP_SAMPLES = 160;
const MICRO_HOP_SAMPLES = 1280;

/** Tiny alone, hearing every hop. */
const TINY_ONLY: VoiceConfig = voiceSchema.parse({
  kind: 'voice',
  gate: { enabled: false },
  heavy: { enabled: false },
  utterance: { enabled: false },
});

/**
 * Runs the same samples through the tiny stage in a bare loop and through a whole cascade around it, in turn, and
 * compares. Both run as fast as they can in one process, so that what else the machine does meets both.
 */
export async function measureOverhead(samples: Float32Array): Promise<Overhead> {
  const { tiny, traits } = await voicePlan(TINY_ONLY);
  const stage = await createStage(tiny);
  const listener = await Listener.open(TINY_ONLY);
  const { signal } = new AbortController();
  const bare = async () => {
    const startMs = systemClock.monotonicMs();
    for (let at = 0; at + traits.hopSamples <= samples.length; at += traits.hopSamples) {
      const data = samples.subarray(at, at + traits.hopSamples);
      const work = stage.decide(
        { source: 'bench', startSample: at, rateHz: RATE_HZ, channels: 1, data },
        signal,
      );
      if (work instanceof Promise) await work;
    }
    return systemClock.monotonicMs() - startMs;
  };
  const whole = async () => {
    const startMs = systemClock.monotonicMs();
    await listener.hear(samples);
    return systemClock.monotonicMs() - startMs;
  };
  const rounds: { readonly bareMs: number; readonly wholeMs: number }[] = [];
  await bare();
  await whole();
  for (let round = 0; round < ROUNDS; round++) rounds.push({ bareMs: await bare(), wholeMs: await whole() });
  const microFramesUs = Array.from({ length: ROUNDS }, () => microFrameUs(samples));
  await listener.close();
  await stage.dispose();
  const median = (values: readonly number[]) => quantileOrNull(values, 0.5) ?? 0;
  const listenedMs = (samples.length / RATE_HZ) * 1000;
  return {
    ratio: median(rounds.map(({ bareMs, wholeMs }) => wholeMs / bareMs)),
    rounds: ROUNDS,
    bareRealTimeFactor: median(rounds.map(({ bareMs }) => bareMs)) / listenedMs,
    cascadeRealTimeFactor: median(rounds.map(({ wholeMs }) => wholeMs)) / listenedMs,
    microFrameUs: median(microFramesUs),
  };
}

function microFrameUs(samples: Float32Array): number {
  const frontEnd = new MicroFrontEnd(MICRO_STEP_SAMPLES);
  let frames = 0;
  const startMs = processCpuMs();
  for (let at = 0; at < samples.length; at += MICRO_HOP_SAMPLES)
    frontEnd.push(samples.subarray(at, at + MICRO_HOP_SAMPLES), () => {
      frames += 1;
    });
  return (1000 * (processCpuMs() - startMs)) / frames;
}
