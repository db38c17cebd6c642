import type { StageHost } from '../core/cascade/assembly.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { SignalFormat, Source } from '../core/signal/frame.js';
import { AnomalyTiny } from '../sensor/anomaly-tiny/anomaly-tiny.js';
import type { RunRows, Stretch } from '../sensor/picture/run-picture.js';

/** Collects of a replay what its picture shows. */
export class RunCollector {
  #format: SignalFormat | null = null;
  readonly #values: number[][] = [];
  readonly #expected: number[][] = [];
  readonly #alarms = new Map<string, Stretch>();

  /** The source, looked at as it passes. */
  watching(source: Source): Source {
    const look = (format: SignalFormat): void => {
      this.#format ??= format;
    };
    return {
      id: source.id,
      async *frames(signal) {
        for await (const item of source.frames(signal)) {
          if (item.kind === 'format') look(item);
          yield item;
        }
      },
    };
  }

  /** The stages, of which tiny is asked after every row what it expected. */
  stages(host: StageHost): StageHost {
    return {
      ...host,
      here: async (spec, beside) => {
        const stage = await host.here(spec, beside);
        if (stage instanceof AnomalyTiny) stage.onRow = this.#take;
        return stage;
      },
    };
  }

  /** Takes an event of the replay. */
  event(event: CascadeEvent): void {
    if (event.type !== 'verified' && event.type !== 'ended') return;
    const toSample = event.type === 'ended' ? event.endSample : Number.POSITIVE_INFINITY;
    if (event.type === 'ended' && !this.#alarms.has(event.detection)) return;
    this.#alarms.set(event.detection, { fromRow: event.startSample, toRow: toSample });
  }

  /** What was collected; null where no row was watched for levels. */
  rows(name: string, rowSamplesOf: (rateHz: number) => number, labels: readonly Stretch[]): RunRows | null {
    const format = this.#format;
    const rows = this.#values[0]?.length ?? 0;
    if (format === null || rows === 0) return null;
    const rowSamples = rowSamplesOf(format.rateHz);
    const rowOf = (sample: number) => Math.min(rows, sample / rowSamples);
    const inRows = ({ fromRow, toRow }: Stretch) => ({ fromRow: rowOf(fromRow), toRow: rowOf(toRow) });
    return {
      name,
      channels: format.channels,
      rowSeconds: rowSamples / format.rateHz,
      startMs: format.startMs,
      rows,
      values: this.#values,
      expected: this.#expected,
      alarms: [...this.#alarms.values()].map(inRows),
      labels: labels.map(inRows),
    };
  }

  readonly #take: NonNullable<AnomalyTiny['onRow']> = (at, row, expected) => {
    expected.forEach((value, c) => {
      const values = this.#values[c] ?? [];
      const line = this.#expected[c] ?? [];
      this.#values[c] = values;
      this.#expected[c] = line;
      // Rows of a gap are missing.
      while (values.length < at) {
        values.push(Number.NaN);
        line.push(Number.NaN);
      }
      values.push(row[c] as number);
      line.push(value);
    });
  };
}

/** The stretches in which a column of a recording is above zero. */
export async function labelsOf(source: Source): Promise<readonly Stretch[]> {
  const stretches: { fromRow: number; toRow: number }[] = [];
  for await (const item of source.frames(new AbortController().signal)) {
    if (item.kind !== 'frame') continue;
    for (let i = 0; i < item.data.length; i += item.channels) {
      if (!((item.data[i] as number) > 0)) continue;
      const row = item.sample + i / item.channels;
      const last = stretches.at(-1);
      if (last?.toRow === row) last.toRow = row + 1;
      else stretches.push({ fromRow: row, toRow: row + 1 });
    }
  }
  return stretches;
}
