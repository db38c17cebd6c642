import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.js';
import { canonicalLine } from '../../src/core/canonical.js';
import type { CascadeEvent, EventOf } from '../../src/core/events.js';
import type { ChannelFormat, Source, SourceItem } from '../../src/core/frame.js';
import { nullMeter } from '../../src/core/meter.js';
import type { Escalation } from '../../src/core/uplink.js';
import { replay } from '../../src/replay.js';
import { SerialRecording } from '../../src/sources/serial-recording.js';
import { type PumpFault, pumpChannels, pumpRows } from '../support/sensor-rows.js';
import { root } from '../support/tools.js';

const config = parseConfig(
  `
sources: [{ id: pump, kind: file, path: pump.wav }]
cascades:
  sensor: { kind: sensor, learnSeconds: 400 }
`,
  'test',
);

async function run(source: Source): Promise<{ events: CascadeEvent[]; escalations: Escalation[] }> {
  const { sensor } = config.cascades;
  if (sensor === undefined) throw new Error('the configuration has a sensor cascade');
  const events: CascadeEvent[] = [];
  const escalations: Escalation[] = [];
  await replay({
    source,
    cascade: sensor,
    intents: config.intents,
    emit: (event) => events.push(event),
    offer: (escalation) => escalations.push(escalation),
    meter: nullMeter,
    run: 'test',
    signal: new AbortController().signal,
  });
  return { events, escalations };
}

const logOf = (events: readonly CascadeEvent[]) =>
  events.map((event) => `${canonicalLine(event)}\n`).join('');

const valveCloses: PumpFault = { fromRow: 700, toRow: 900, shift: [-3, 0.4, 0] };

/** Rows as a signal, cut into frames of `frameRows`, with other items put in before given rows. */
function rowsSource(
  rows: readonly (readonly number[])[],
  frameRows: number,
  between: ReadonlyMap<number, SourceItem> = new Map(),
): Source {
  return {
    id: 'pump',
    async *frames() {
      yield formatOf(pumpChannels);
      for (let from = 0; from < rows.length; from += frameRows) {
        const item = between.get(from);
        if (item !== undefined) yield item;
        const data = Float32Array.from(rows.slice(from, from + frameRows).flat());
        yield { kind: 'frame', source: 'pump', seq: from, sample: from, rateHz: 1, channels: 3, data };
      }
    },
  };
}

function formatOf(channels: readonly ChannelFormat[]): SourceItem {
  return { kind: 'format', source: 'pump', rateHz: 1, channels, hopSamples: 1 };
}

function ofType<T extends CascadeEvent['type']>(events: readonly CascadeEvent[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

describe('the sensor cascade', () => {
  it('tells the two faults of the demonstration, byte for byte as the golden log', async () => {
    const path = join(root, 'fixtures/demo/pump.bridge');
    const { events } = await run(new SerialRecording({ id: 'pump', path }));
    await expect(logOf(events)).toMatchFileSnapshot('golden/sensor-pump.jsonl');
  });

  it('makes one event of one fault, with its beginning and end, however long it lasts', async () => {
    const { events } = await run(rowsSource(pumpRows(1300, 31, [valveCloses]), 1));
    expect(ofType(events, 'verified')).toHaveLength(1);
    expect(ofType(events, 'updated').length).toBeGreaterThanOrEqual(2);
    const [ended] = ofType(events, 'ended');
    expect(Math.abs((ended?.startSample ?? 0) - 700)).toBeLessThan(10);
    expect((ended?.endSample ?? 0) - 900).toBeLessThan(40);
  });

  it('sends an unknown fault up as figures, never as samples', async () => {
    const { escalations } = await run(rowsSource(pumpRows(1000, 32, [valveCloses]), 1));
    expect(escalations).toHaveLength(1);
    expect(escalations[0]).toMatchObject({ reasons: ['unknown-fault'], clip: null });
    expect(escalations[0]?.summary).toMatchObject({ rateHz: 1 });
    expect(JSON.stringify(escalations[0]?.summary).length).toBeLessThan(2000);
  });

  it('does not depend on how the source cuts its frames', async () => {
    const rows = pumpRows(1100, 33, [valveCloses]);
    const one = logOf((await run(rowsSource(rows, 1))).events);
    expect(one).toContain('verified');
    expect(logOf((await run(rowsSource(rows, 7))).events)).toBe(one);
    expect(logOf((await run(rowsSource(rows, 1100))).events)).toBe(one);
  });

  it('ends a fault at a gap, for none spans one', async () => {
    const gap: SourceItem = { kind: 'gap', source: 'pump', sample: 760, lostSamples: 0, reason: 'lost' };
    const rows = pumpRows(1100, 34, [valveCloses]);
    const { events } = await run(rowsSource(rows, 1, new Map([[760, gap]])));
    expect(ofType(events, 'ended')[0]?.endSample).toBeLessThanOrEqual(760);
    expect(ofType(events, 'verified').length).toBeGreaterThan(1);
  });

  it('refuses what it learnt when a unit changes in mid-stream, says so, and goes on when it is back', async () => {
    const changed = pumpChannels.map(({ name }) => ({ name, unit: 'furlong' }));
    const between = new Map([
      [500, formatOf(changed)],
      [600, formatOf(pumpChannels)],
    ]);
    const { events } = await run(rowsSource(pumpRows(1000, 35, [valveCloses]), 1, between));
    const health = ofType(events, 'health').map(({ state, code }) => `${state} ${code}`);
    expect(health).toEqual(['down STATE_INVALID', 'ok STATE_INVALID']);
    expect(ofType(events, 'verified')).toHaveLength(1);
  });
});
