import { describe, expect, it } from 'vitest';
import type { Telemetry } from '../../../../src/core/metering/telemetry.js';
import { NapCollector } from '../../../../src/runtime/worker/nap-collector.js';

function level(minutes: number, state: string, source = 'mic'): Telemetry {
  const { sample, atMs } = { sample: 0, atMs: minutes * 60_000 };
  const quiet = {
    levelDb: -60,
    floorDb: -60,
    gateOpen: false,
    learningMs: 0,
    confidence: null,
    label: null,
    values: [],
  };
  return { type: 'level', source, sample, atMs, state, ...quiet };
}

function collectedAt(readings: readonly Telemetry[]): number[] {
  let count = 0;
  const collector = new NapCollector(() => {
    count += 1;
  });
  return readings.map((reading) => {
    collector.heard(reading);
    return count;
  });
}

describe('garbage', () => {
  it('is collected in naps alone, five minutes of signal apart', () => {
    const readings = [
      level(4, 'napping'),
      level(6, 'armed'),
      level(7, 'napping'),
      level(8, 'napping'),
      level(13, 'napping'),
    ];
    expect(collectedAt(readings)).toEqual([0, 0, 1, 1, 2]);
  });

  it('is collected once for all sources of a thread', () => {
    const readings = [
      level(6, 'armed', 'hall'),
      level(6, 'napping'),
      level(10, 'napping', 'hall'),
      level(11, 'napping'),
      level(14, 'napping', 'hall'),
    ];
    expect(collectedAt(readings)).toEqual([0, 1, 1, 2, 2]);
  });

  it('is collected too when a worker that was started anew counts from the beginning', () => {
    expect(collectedAt([level(600, 'napping'), level(1, 'napping'), level(17, 'napping')])).toEqual([
      1, 1, 2,
    ]);
  });
});
