import type { Decision, Stage, Window } from '../../core/cascade/stage.js';
import type { News } from '../../core/events/health.js';
import type { SignalTraits } from '../../core/signal/frame.js';
import { featuresFor } from '../normal/features.js';
import {
  type AnomalyState,
  type AnomalyStore,
  checkShape,
  MemoryAnomalyStore,
  type SignalShape,
} from '../normal/state.js';
import { FileAnomalyStore } from '../normal/state-file.js';
import type { SensorSummary } from '../normal/summary.js';
import type { AnomalyTinySpec } from './spec.js';
import { type OnRow, WatchedSignal } from './watched-signal.js';

/**
 * Learns what is normal from the first rows of a signal and then watches it, row by row. It rejects while all is
 * well and while it learns; it keeps accepting as long as one fault lasts.
 */
export class AnomalyTiny implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #spec: AnomalyTinySpec;
  readonly store: AnomalyStore;
  /** Told of every row of the signals that are described from now on: for pictures. */
  onRow: OnRow | null = null;
  #signal: WatchedSignal | null = null;

  constructor(spec: AnomalyTinySpec, store: AnomalyStore) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#spec = spec;
    this.store = store;
  }

  describe({ rateHz, channels, startMs }: SignalTraits): void {
    const { features, rowSeconds } = this.#spec;
    const shape: SignalShape = {
      rateHz,
      channels: channels.map(({ name, unit }) => ({ name, unit })),
      features: featuresFor(features, rateHz, rowSeconds),
    };
    this.#signal = null;
    const state = this.store.load();
    if (state !== null) this.#check(state, shape);
    this.#signal = new WatchedSignal(this.#spec, shape, this.store, state, startMs, this.onRow);
  }

  decide(window: Window): Decision {
    const signal = this.#signal;
    if (signal === null || signal.channels !== window.channels) {
      return { kind: 'abstain', stage: this.name, code: 'SOURCE_FORMAT' };
    }
    return signal.decide(window);
  }

  /**
   * The last `samples` samples were confirmed to be of a fault: they and those that follow teach nothing about what is
   * normal, until {@link ended}. Kept at once, so that the fault is known to be the same one after a restart.
   */
  confirmed(label: string, samples: number): void {
    this.#signal?.confirmed(label, samples);
  }

  /** The confirmed fault is no longer followed: it is over, or the signal broke off in the midst of it. */
  ended(): void {
    this.#signal?.ended();
  }

  #check(state: AnomalyState, shape: SignalShape): void {
    const { normal } = this.#spec;
    if (normal === null) checkShape(state, shape, this.#spec.state ?? this.name);
    else checkShape(state, shape, normal.from, 'record normal running with the channels of the source');
  }

  /** Null before the signal is known. */
  summarise(window: Window): SensorSummary | null {
    return this.#signal?.summarise(window) ?? null;
  }

  reset(): void {
    this.#signal?.reset();
  }

  learningMs(): number {
    return this.#signal?.learningMs ?? 0;
  }

  news(): News | null {
    return this.#signal?.news.shift() ?? null;
  }

  async dispose(): Promise<void> {
    this.#signal?.save();
    this.#signal = null;
  }
}

/** The file a spec names, or memory. */
export function anomalyStore(path: string | null): AnomalyStore {
  return path === null ? new MemoryAnomalyStore() : new FileAnomalyStore(path);
}
