import type { CascadeEvent } from '../core/events/events.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import { createSourceMeter } from '../meter/source-meter.js';
import { standardConfig } from '../runtime/config.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { replay } from '../runtime/replay.js';
import type { SensorConfig } from '../sensor/config.js';
import { type SensorTable, tableSource } from './sensor-rows.js';

/** A believed fault of a run. */
export interface FoundFault {
  /** One past the last sample that was needed to notice it. */
  readonly noticedSample: number;
  /** The same, to believe it. */
  readonly verifiedSample: number;
  readonly startSample: number;
  readonly endSample: number;
}

export interface SensorRun {
  readonly detections: readonly FoundFault[];
  /** What events named beside a channel, such as `silent`, and the last sample at which they did. */
  readonly features: ReadonlyMap<string, number>;
  /** CPU time of all stages. */
  readonly cpuMs: number;
  readonly heavyWakeups: number;
}

const standard = standardConfig();
const power = modelledPower(boardProfile(standard.meter));

/**
 * Runs a table through a sensor cascade, as `catnap replay` does, and collects what it believed.
 * @param onEvent is told of everything else besides
 */
export async function runTable(
  table: SensorTable,
  rateHz: number,
  config: SensorConfig,
  onEvent: (event: CascadeEvent) => void = () => {},
): Promise<SensorRun> {
  const meter = createSourceMeter(table.name, power, systemClock);
  const faults = new FaultLog(table.rows);
  await replay({
    source: tableSource(table, rateHz),
    cascade: config,
    intents: standard.intents,
    emit: (event) => {
      faults.take(event);
      onEvent(event);
    },
    meter,
    run: 'bench',
    signal: new AbortController().signal,
  });
  const { stages } = meter.counters();
  return {
    detections: faults.found(),
    features: faults.features,
    cpuMs: stages.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    heavyWakeups: stages.find(({ stage }) => stage === 'heavy')?.calls ?? 0,
  };
}

/** Puts the events of each detection together. */
class FaultLog {
  readonly #noticed = new Map<string, number>();
  readonly #found = new Map<string, FoundFault>();
  readonly features = new Map<string, number>();

  constructor(readonly rows: number) {}

  take(event: CascadeEvent): void {
    switch (event.type) {
      case 'noticed':
        this.#noticed.set(event.detection, event.sample);
        return;
      case 'updated':
        this.#explain(event);
        return;
      case 'verified': {
        this.#explain(event);
        const noticedSample = this.#noticed.get(event.detection) ?? event.sample;
        // Open until its end is told.
        const fault = {
          noticedSample,
          verifiedSample: event.sample,
          startSample: event.startSample,
          endSample: this.rows,
        };
        this.#found.set(event.detection, fault);
        return;
      }
      case 'ended': {
        const fault = this.#found.get(event.detection);
        if (fault === undefined) return;
        this.#found.set(event.detection, { ...fault, endSample: event.endSample });
        return;
      }
      default:
        return;
    }
  }

  #explain({ trail, sample }: Extract<CascadeEvent, { type: 'verified' | 'updated' }>): void {
    for (const decision of trail) {
      if (decision.kind === 'abstain') continue;
      for (const { feature } of decision.contributions)
        if (feature !== undefined) this.features.set(feature, sample);
    }
  }

  found(): readonly FoundFault[] {
    return [...this.#found.values()];
  }
}
