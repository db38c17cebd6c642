import type { Window } from '../../src/core/cascade/stage.js';
import type { ChannelFormat } from '../../src/core/signal/frame.js';

/** Uniform noise from a fixed seed, by Numerical Recipes' linear congruential generator: the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Roughly normal noise of variance 1: twelve uniform values less six. */
export function gaussian(random: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
}

/** A pump by formula: flow, pressure and a slowly drifting temperature, one row a second. */
export const pumpChannels: readonly ChannelFormat[] = [
  { name: 'flow', unit: 'L/min' },
  { name: 'pressure', unit: 'bar' },
  { name: 'temperature', unit: 'degC' },
];

export interface PumpFault {
  readonly fromRow: number;
  readonly toRow: number;
  /** Added to flow, pressure and temperature. */
  readonly shift: readonly [number, number, number];
}

export function pumpRows(rows: number, seed: number, faults: readonly PumpFault[] = []): number[][] {
  const random = seeded(seed);
  return Array.from({ length: rows }, (_, row) => {
    const values = [
      32 + 0.5 * gaussian(random),
      2 + 0.05 * gaussian(random),
      40 + 2 * Math.sin(row / 900) + 0.1 * gaussian(random),
    ];
    for (const { fromRow, toRow, shift } of faults) {
      if (row < fromRow || row >= toRow) continue;
      shift.forEach((by, channel) => {
        values[channel] = (values[channel] as number) + by;
      });
    }
    return values;
  });
}

/** Rows as a window of a signal with one row a second. */
export function windowOf(rows: readonly (readonly number[])[], startSample = 0): Window {
  const channels = rows[0]?.length ?? 0;
  return {
    source: 'pump',
    startSample,
    rateHz: 1,
    channels,
    data: Float32Array.from(rows.flat()),
  };
}

/** A pump as a table, a row a second; `anomaly` is 1 for the hundred rows in which flow and pressure fall. */
export function labelledPump({
  seed,
  rows,
  faultAt,
}: {
  readonly seed: number;
  readonly rows: number;
  readonly faultAt: number;
}): string {
  const fault: PumpFault = { fromRow: faultAt, toRow: faultAt + 100, shift: [-6, -0.6, 0] };
  const lines = pumpRows(rows, seed, [fault]).map((values, row) => {
    const isWrong = row >= fault.fromRow && row < fault.toRow;
    const time = new Date(Date.UTC(2026, 0, 1, 0, 0, row)).toISOString();
    return [time, ...values.map((value) => value.toFixed(4)), isWrong ? 1 : 0].join(';');
  });
  const header = ['datetime', ...pumpChannels.map(({ name }) => name), 'anomaly'].join(';');
  return `${[header, ...lines].join('\n')}\n`;
}
