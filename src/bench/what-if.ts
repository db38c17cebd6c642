import { PastDetections } from '../learning/past/past-detection.js';
import { type Changes, Replay } from '../learning/tuning/what-if.js';
import type { VoiceConfig } from '../voice/config.js';
import type { Recording } from './dataset.js';
import { hearRecording } from './hear-recording.js';
import { Listener, wordsAlone } from './listener.js';
import { thresholdsInForce } from './wake-candidates.js';

/** What is asked of {@link checkWhatIf}. */
export interface WhatIfOptions {
  readonly recordings: readonly Recording[];
  readonly config: VoiceConfig;
  readonly onRecording: () => void;
}

/** What other thresholds would have believed, as it is said and as it is found by hearing everything again. */
export interface WhatIfCheck {
  readonly changes: Changes;
  /** Surely believed, and as many more at most. */
  readonly said: number;
  readonly perhaps: number;
  readonly found: number;
}

/** Lets the cascade hear recordings as it is, asks what higher thresholds would have made of it, and hears it so. */
export async function checkWhatIf(options: WhatIfOptions): Promise<readonly WhatIfCheck[]> {
  const { config } = options;
  const { tiny, heavy } = await thresholdsInForce(config);
  const higher = (threshold: number) => Number((threshold + (1 - threshold) / 2).toPrecision(3));
  const replay = new Replay();
  for (const past of (await pastOf(config, options)).all()) replay.take(past);
  const checks: WhatIfCheck[] = [];
  for (const setting of ['heavy.accept', 'tiny.reject'] as const) {
    const [stage] = setting.split('.') as ['heavy' | 'tiny'];
    const its = stage === 'heavy' ? heavy : tiny;
    const value = stage === 'heavy' ? higher(heavy.accept) : Math.min(tiny.accept, tiny.reject * 2);
    const bounds = stage === 'heavy' ? { ...its, accept: value } : { ...its, reject: value };
    const changes = { [setting]: value };
    const { believed, gone, perhapsGone } = replay.with(changes);
    const other = { ...config, [stage]: { ...config[stage], thresholds: bounds, wordThresholds: {} } };
    const found = [...(await pastOf(other, options)).all()].filter((past) => past.believed);
    checks.push({
      changes,
      said: believed.detections - gone.detections - perhapsGone.detections,
      perhaps: perhapsGone.detections,
      found: found.length,
    });
  }
  return checks;
}

async function pastOf(
  config: VoiceConfig,
  { recordings, onRecording }: WhatIfOptions,
): Promise<PastDetections> {
  const past = new PastDetections(Number.POSITIVE_INFINITY);
  const listener = await Listener.open(wordsAlone(config));
  try {
    for (const recording of recordings) {
      const { events } = await hearRecording(listener, recording.path);
      for (const event of events) past.take(event);
      onRecording();
    }
  } finally {
    await listener.close();
  }
  return past;
}
