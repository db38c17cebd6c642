import type { CascadeEdges, StageHost } from '../core/cascade/assembly.js';
import type { Cascade } from '../core/cascade/cascade.js';
import type { Escalation } from '../core/cascade/escalation.js';
import type { CascadeEvent } from '../core/events/events.js';
import { buildCascade, type CascadePlan, quietEdges, stagesHere } from '../runtime/build.js';
import type { IntentsInput } from '../runtime/config.js';
import { intentsSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { processCpuMs } from '../runtime/process/system-clock.js';
import { FRAME_SAMPLES, VOICE_RATE_HZ } from '../sources/mono.js';
import type { VoiceConfig } from '../voice/config.js';

/** What differs from a cascade that only tells what it heard. */
export interface ListenerOptions {
  readonly intents?: IntentsInput;
  /** Takes what would go to the cloud. */
  readonly offer?: (escalation: Escalation) => void;
  /** Makes its stages. */
  readonly stages?: StageHost;
}

/** The same cascade without what follows a word. */
export function wordsAlone(config: VoiceConfig): VoiceConfig {
  return { ...config, utterance: { ...config.utterance, enabled: false } };
}

/** Makes a cascade with what it needs of its surroundings. */
export type CascadeMaker = (
  edges: CascadeEdges,
) => Promise<{ readonly cascade: Cascade; dispose(): Promise<void> }>;

/**
 * A cascade that hears one recording after the other as one long signal, the way a device does, and says what it
 * noticed and believed in each. Built by the same path as live sources and replays.
 */
export class Listener {
  readonly #cascade: Cascade;
  readonly #dispose: () => Promise<void>;
  readonly #events: CascadeEvent[];
  #sample = 0;
  /** CPU time spent in the cascade. */
  spentMs = 0;

  private constructor(cascade: Cascade, dispose: () => Promise<void>, events: CascadeEvent[]) {
    this.#cascade = cascade;
    this.#dispose = dispose;
    this.#events = events;
  }

  /** @throws CatnapError what loading the models throws. */
  static async open(config: VoiceConfig, options: ListenerOptions = {}): Promise<Listener> {
    return Listener.planned({ kind: 'voice', config, stages: await voicePlan(config) }, options);
  }

  /** Listens through a cascade that is planned already. @throws CatnapError what loading the models throws. */
  static planned(
    plan: CascadePlan,
    { intents = {}, offer, stages = stagesHere }: ListenerOptions = {},
  ): Promise<Listener> {
    const place = { source: 'bench', run: 'bench', intents: intentsSchema.parse(intents) };
    return Listener.of((edges) => buildCascade(place, plan, { ...edges, stages }), offer);
  }

  /** Listens through another cascade than a configured one. */
  static async of(make: CascadeMaker, offer: ListenerOptions['offer'] = () => {}): Promise<Listener> {
    const events: CascadeEvent[] = [];
    const { cascade, dispose } = await make({
      ...quietEdges((event) => events.push(event)),
      uplink: { prepare: () => {}, offer },
    });
    await cascade.push({
      kind: 'format',
      source: 'bench',
      rateHz: VOICE_RATE_HZ,
      channels: [{ name: 'audio', unit: 'FS' }],
    });
    return new Listener(cascade, dispose, events);
  }

  /** Hears samples; gives the events they caused and the sample index at which they began. */
  async hear(
    samples: Float32Array,
  ): Promise<{ readonly events: readonly CascadeEvent[]; readonly startSample: number }> {
    const startSample = this.#sample;
    const startMs = processCpuMs();
    this.#events.length = 0;
    for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
      const data = samples.subarray(at, at + FRAME_SAMPLES);
      const work = this.#cascade.push({
        kind: 'frame',
        source: 'bench',
        sample: this.#sample,
        rateHz: VOICE_RATE_HZ,
        channels: 1,
        data,
      });
      if (work !== undefined) await work;
      this.#sample += data.length;
    }
    this.spentMs += processCpuMs() - startMs;
    return { events: [...this.#events], startSample };
  }

  async close(): Promise<void> {
    await this.#dispose();
  }
}
