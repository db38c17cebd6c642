import type { StageSpec } from '../../core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../../core/cascade/stage.js';
import { CatnapError } from '../../core/errors.js';
import { judge, type Thresholds } from '../../core/thresholds.js';
import { AnomalyTiny, anomalyStore } from '../anomaly-tiny/anomaly-tiny.js';
import { ANOMALY } from '../anomaly-tiny/spec.js';
import { confidenceOf } from '../normal/calibration.js';
import {
  BEFORE_ROWS,
  type ChangePoint,
  findChange,
  MIN_AFTER_ROWS,
  WINDOW_ROWS,
} from '../normal/changepoint.js';
import { contributionsOf } from '../normal/explain.js';
import {
  emptyMemory,
  type FaultMemory,
  type FaultStore,
  looksLike,
  MemoryFaultStore,
  recognise,
  remember,
} from '../normal/faults.js';
import { createFeatures, featureTitles, rowsIn } from '../normal/features.js';
import { withRises } from '../normal/kinds.js';
import { AWAY_ROWS, kindsOf, type NormalModel } from '../normal/normal-model.js';
import { paceOf } from '../normal/pace.js';
import type { AnomalyStore, SignalShape } from '../normal/state.js';
import { FileFaultStore, faultsPathOf } from '../normal/state-file.js';

/** As data, for a process that loads no schemas. */
export interface AnomalyHeavySpec extends StageSpec {
  readonly kind: 'anomaly-heavy';
  readonly thresholds: Thresholds;
  /** The false alarms a day at which confidence is one half; null: what the pace carries. */
  readonly falseAlarmsPerDay: number | null;
  /** File in which tiny keeps what it learnt; null: in its memory. */
  readonly state: string | null;
}

declare module '../stage-kind.js' {
  interface SensorHeavySpecs {
    'anomaly-heavy': AnomalyHeavySpec;
  }
}

/**
 * Looks again at the window around what tiny noticed, with the rows before and after it, and says what changed, when,
 * and in which channels. It never denies what tiny saw, for it cannot see all of that: a course of the day, a value
 * that came a hundred rows late, a channel that fell silent. It takes what tiny learnt from the store and keeps
 * nothing itself but what the disk does not take, so that it can live in a process of its own and be ended at any time.
 */
export class AnomalyHeavy implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #spec: AnomalyHeavySpec;
  readonly #store: AnomalyStore;
  readonly #faults: FaultStore;
  /** What the disk did not take. */
  #unsaved: FaultMemory | null = null;

  constructor(spec: AnomalyHeavySpec, store: AnomalyStore, faults: FaultStore) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#spec = spec;
    this.#store = store;
    this.#faults = faults;
  }

  decide(window: Window): Decision {
    const state = this.#store.load();
    if (state === null) return { kind: 'abstain', stage: this.name, code: 'STAGE_UNAVAILABLE' };
    const { shape, normal } = state;
    if (window.channels !== shape.channels.length || window.rateHz !== shape.rateHz) {
      return { kind: 'abstain', stage: this.name, code: 'SOURCE_FORMAT' };
    }
    const channels = shape.channels.map(({ name }) => name);
    const features = createFeatures(shape.features, channels);
    const rows = withRises(rowsIn(window, features), features.names.length, kindsOf(normal));
    const level = levelBefore(rows, normal);
    const change =
      level.length === 0 ? findChange(rows, normal) : findChange(joined(level, rows), normal, AWAY_ROWS);
    const noticed = Math.max(0, ...(window.noticed?.values() ?? []));
    const score = Math.max(change?.deviation ?? 0, noticed);
    const confidence = this.#confidenceOf(score, shape);
    const { thresholds } = this.#spec;
    const kind = judge(confidence, thresholds);
    const decision = { kind, stage: this.name, score, confidence, thresholds };
    if (change === null) return { ...decision, label: ANOMALY, contributions: [] };
    const row = Math.max(0, change.row - level.length / features.names.length);
    const startSample = window.startSample + row * shape.features.rowSamples;
    // A lesser change may have begun at another row than what tiny noticed.
    const isSeen = change.deviation >= noticed;
    const isClear = this.#confidenceOf(change.deviation, shape) >= thresholds.accept;
    return {
      ...decision,
      label: isClear ? this.#nameOf(change, startSample, features.names, normal) : ANOMALY,
      // What tiny saw and a change of level does not show, as a sensor that is stuck, tiny explains.
      contributions: isClear
        ? contributionsOf(
            change.deviations,
            features.channelOf,
            channels,
            featureTitles(shape.features, channels, shape.rateHz),
          )
        : [],
      ...(isSeen ? { startSample } : {}),
      ...(state.fault !== null && looksLike(change, state.fault.shifts, normal) ? { resumes: true } : {}),
    };
  }

  /** As tiny's own confidence in a deviation. */
  #confidenceOf(deviation: number, { rateHz, channels, features }: SignalShape): number {
    const { falseAlarmsPerDay } = this.#spec;
    const pace = paceOf(rateHz, features, { learnSeconds: 1, maxAlarmSeconds: 1, falseAlarmsPerDay });
    return confidenceOf(deviation, {
      features: createFeatures(
        features,
        channels.map(({ name }) => name),
      ).names.length,
      channels: 0,
      rowsPerDay: pace.rowsPerDay,
      falseAlarmsPerDay: pace.falseAlarmsPerDay,
      falseShiftsPerDay: pace.falseShiftsPerDay,
    });
  }

  /** The name a user gave this fault before, or that it is an anomaly; remembers it, so that it can be named. */
  #nameOf(
    change: ChangePoint,
    startSample: number,
    features: readonly string[],
    normal: NormalModel,
  ): string {
    const loaded = this.#unsaved ?? this.#faults.load();
    const sameFeatures = loaded !== null && loaded.features.join() === features.join();
    const memory = sameFeatures ? loaded : emptyMemory(features);
    this.#remember(remember(memory, startSample, change));
    return recognise(change, memory, normal) ?? ANOMALY;
  }

  /** A full disk is no reason not to look: what it does not take waits here, and goes with the next fault. */
  #remember(memory: FaultMemory): void {
    try {
      this.#faults.save(memory);
      this.#unsaved = null;
    } catch (error) {
      if (!(error instanceof CatnapError) || error.code !== 'STORE_FULL') throw error;
      this.#unsaved = memory;
    }
  }

  reset(): void {}

  async dispose(): Promise<void> {}
}

/**
 * After a restart or a gap there is too little before a fault that was there from the first row on. The level that was
 * saved stands for it: like the rows before a change, a mean of so many.
 */
function levelBefore(rows: Float64Array, { baseline }: NormalModel): Float64Array {
  const isShort = rows.length / baseline.length < WINDOW_ROWS + MIN_AFTER_ROWS;
  const level = new Float64Array(isShort ? BEFORE_ROWS * baseline.length : 0);
  for (let i = 0; i < level.length; i++) level[i] = baseline[i % baseline.length] as number;
  return level;
}

function joined(first: Float64Array, second: Float64Array): Float64Array {
  const both = new Float64Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Builds the stage; it reads what tiny saved, or `beside` keeps in its memory, each time it is asked. */
export function createAnomalyHeavy(spec: AnomalyHeavySpec, beside: Stage | undefined): Stage {
  if (spec.state !== null)
    return new AnomalyHeavy(spec, anomalyStore(spec.state), new FileFaultStore(faultsPathOf(spec.state)));
  const store = beside instanceof AnomalyTiny ? beside.store : anomalyStore(null);
  return new AnomalyHeavy(spec, store, new MemoryFaultStore());
}
