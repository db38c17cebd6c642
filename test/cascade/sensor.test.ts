import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsNothing, parseConfig } from '../../src/config/load.js';
import { canonicalLine } from '../../src/core/events/canonical.js';
import type { CascadeEvent, EventOf } from '../../src/core/events/events.js';
import type { ChannelFormat, Source, SourceItem } from '../../src/core/signal/frame.js';
import { buildCascade, quietEdges } from '../../src/runtime/build.js';
import { sensorSchema } from '../../src/runtime/config.js';
import { planCascade } from '../../src/runtime/plan.js';
import { nameFault } from '../../src/sensor/normal/faults.js';
import { FileAnomalyStore, FileFaultStore, faultsPathOf } from '../../src/sensor/normal/state-file.js';
import { anomalyStatePath } from '../../src/sensor/normal/state-path.js';
import { BoardLink } from '../../src/sources/serial/protocol/link.js';
import type { BoardPacket } from '../../src/sources/serial/protocol/packet.js';
import { SerialRecording } from '../../src/sources/serial/serial-recording.js';
import { hello, line, readAll } from '../support/bridge.js';
import { watched } from '../support/replay.js';
import { type PumpFault, pumpChannels, pumpRows } from '../support/sensor-rows.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

const config = parseConfig(
  `
sources: [{ id: pump, kind: file, path: pump.wav }]
cascades:
  sensor: { kind: sensor, learnSeconds: 400 }
`,
  'test',
  {},
  needsNothing,
);

const keeping = sensorSchema.parse({ kind: 'sensor', faults: { valve: 'open-bypass' } });

const run = (source: Source) => watched(source, config);

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
        yield { kind: 'frame', source: 'pump', sample: from, rateHz: 1, channels: 3, data };
      }
    },
  };
}

function formatOf(channels: readonly ChannelFormat[]): SourceItem {
  return { kind: 'format', source: 'pump', rateHz: 1, channels };
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

  it('finds both faults again when the demonstration comes round, and takes no alarm from the seam', async () => {
    const path = join(root, 'fixtures/demo/pump.bridge');
    const round: Source = {
      id: 'pump',
      async *frames(signal) {
        for await (const item of new SerialRecording({ id: 'pump', path, loop: true }).frames(signal)) {
          if (item.kind === 'frame' && item.sample >= 2400) return;
          yield item;
        }
      },
    };
    const { events } = await run(round);
    const begun = ofType(events, 'verified').map(({ startSample }) => startSample);
    expect(begun).toHaveLength(4);
    for (const [i, sample] of [720, 980, 1920, 2180].entries()) {
      expect(Math.abs((begun[i] ?? 0) - sample)).toBeLessThan(10);
    }
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
    expect(ofType(events, 'verified').map(({ resumed }) => resumed)).toEqual([undefined, true]);
    expect(ofType(events, 'escalated')).toHaveLength(1);
  });

  it('refuses what it learnt when a unit changes in mid-stream, says so, and goes on when it is back', async () => {
    const changed = pumpChannels.map(({ name }) => ({ name, unit: 'furlong' }));
    const between = new Map([
      [500, formatOf(changed)],
      [600, formatOf(pumpChannels)],
    ]);
    const { events } = await run(rowsSource(pumpRows(1000, 35, [valveCloses]), 1, between));
    const health = ofType(events, 'health').map(({ state, code }) => `${state} ${code}`);
    expect(health).toEqual(['down STATE_INVALID', 'ok OK']);
    expect(ofType(events, 'verified')).toHaveLength(1);
  });
});

describe('a board that changes its mind', () => {
  const SCALE = 0.001;
  const board = (session: number, channels: readonly ChannelFormat[], nextRow: number): BoardPacket =>
    hello({
      session,
      nextRow,
      rateHz: 1,
      format: 'i32',
      channels: channels.map((channel) => ({ ...channel, scale: SCALE, offset: 0 })),
    });
  const packets = (session: number, rows: readonly (readonly number[])[], from: number, to: number) =>
    rows.slice(from, to).map(
      (row, i): BoardPacket => ({
        kind: 'samples',
        session,
        firstRow: from + i,
        channels: row.length,
        format: 'i32',
        values: row.map((value) => Math.round(value / SCALE)),
      }),
    );

  it('about its channels in mid-stream is told so, gives no wrong value, and is watched again when it is back', async () => {
    const three = pumpRows(1000, 35, [valveCloses]);
    const two = three.map((row) => row.slice(1));
    const bytes = line(
      board(100, pumpChannels, 0),
      ...packets(100, three, 0, 500),
      board(200, pumpChannels.slice(1), 500),
      ...packets(200, two, 500, 600),
      board(300, pumpChannels, 600),
      ...packets(300, three, 600, 1000),
    );
    const { events } = await run({
      id: 'pump',
      async *frames() {
        yield* readAll(bytes, new BoardLink('pump', { hopRows: null }));
      },
    });
    const health = ofType(events, 'health');
    expect(health.map(({ state, code }) => `${state} ${code}`)).toEqual(['down STATE_INVALID', 'ok OK']);
    expect(health[0]?.detail).toMatch(/channels flow \(L\/min\), pressure.*now has pressure \(bar\)/);
    expect(ofType(events, 'gap').map(({ reason }) => reason)).toEqual(['format', 'format']);
    expect(ofType(events, 'verified')).toHaveLength(1);
  });
});

describe('a device that keeps what it learnt', () => {
  const demo = (name: string) =>
    new SerialRecording({ id: 'pump', path: join(root, `fixtures/demo/${name}.bridge`) });
  const nameNear = (stateDir: string, name: string, sample: number) => {
    const store = new FileFaultStore(faultsPathOf(anomalyStatePath(stateDir, 'pump')));
    const memory = store.load();
    const named = memory === null ? null : nameFault(memory, name, sample);
    if (named === null) throw new Error('no fault was remembered');
    store.save(named);
  };
  const settledAs = (events: readonly CascadeEvent[]) =>
    ofType(events, 'settled').map(({ label, reasons, intent }) => ({ label, reasons, intent }));
  const valve = { label: 'valve', reasons: ['known-fault'], intent: 'open-bypass' };

  it('settles a fault that was named in another recording, and sends the other one up', async () => {
    const stateDir = temporaryFolder();
    await runKept(demo('pump-valve'), stateDir);
    nameNear(stateDir, 'valve', 700);
    const events = await runKept(demo('pump'), stateDir);
    expect(settledAs(events)).toEqual([valve]);
    expect(ofType(events, 'escalated').map(({ label }) => label)).toEqual(['anomaly']);
  });

  it('knows a named fault again after it has learnt more about what is normal', async () => {
    const stateDir = temporaryFolder();
    await runKept(demo('pump'), stateDir);
    nameNear(stateDir, 'valve', 720);
    expect(settledAs(await runKept(demo('pump'), stateDir))).toEqual([valve]);
    expect(settledAs(await runKept(demo('pump-valve'), stateDir))).toEqual([valve]);
  });

  it('goes on with a fault that lasts across a restart: known to be the same, told of once', async () => {
    const stateDir = temporaryFolder();
    const lasting: PumpFault = { ...valveCloses, toRow: 2000 };
    const before = await runKept(rowsSource(pumpRows(780, 37, [lasting]), 1), stateDir);
    expect(ofType(before, 'escalated')).toHaveLength(1);
    const still = pumpRows(400, 38, [{ ...valveCloses, fromRow: 0, toRow: 200 }]);
    const after = await runKept(rowsSource(still, 1), stateDir);
    expect(ofType(after, 'verified')).toMatchObject([{ resumed: true, degraded: false }]);
    expect(ofType(after, 'escalated')).toEqual([]);
    expect(ofType(after, 'ended')[0]?.endSample).toBeGreaterThan(195);
  });

  it('tells of another fault that is there after a restart', async () => {
    const stateDir = temporaryFolder();
    await runKept(rowsSource(pumpRows(780, 37, [{ ...valveCloses, toRow: 2000 }]), 1), stateDir);
    const other = pumpRows(400, 38, [{ fromRow: 0, toRow: 200, shift: [3, 0, 0] }]);
    const after = await runKept(rowsSource(other, 1), stateDir);
    expect(ofType(after, 'verified')[0]?.resumed).toBeUndefined();
    expect(ofType(after, 'escalated')).toHaveLength(1);
  });

  it('learns again from the row on at which somebody asked for it, and says who', async () => {
    const stateDir = temporaryFolder();
    await runKept(rowsSource(pumpRows(700, 41), 1), stateDir);
    const store = new FileAnomalyStore(anomalyStatePath(stateDir, 'pump'));
    const before = store.load()?.normal.channels[0]?.centre ?? 0;
    store.wish({ by: 'ada', fromMs: null, state: null });
    // Another pump, which would be one long fault to the old knowledge.
    const moved = pumpRows(1000, 42).map(([flow = 0, ...others]) => [flow + 20, ...others]);
    const events = await runKept(rowsSource(moved, 1), stateDir);
    expect(ofType(events, 'health')).toMatchObject([
      {
        component: 'pump/anomaly-tiny-learning',
        state: 'ok',
        detail: 'learns again from now on, as ada asked',
      },
    ]);
    expect(ofType(events, 'noticed')).toEqual([]);
    expect(store.load()?.normal.channels[0]?.centre).toBeGreaterThan(before + 15);
    expect(store.wished()).toBeNull();
  });

  it('never learns from a confirmed fault, however often it comes', async () => {
    const stateDir = temporaryFolder();
    // A third of the time there is a fault: enough to be taken for normal running if its rows were learnt.
    const faults = Array.from({ length: 8 }, (_, i): PumpFault => {
      const fromRow = 700 + 300 * i;
      return { fromRow, toRow: fromRow + 100, shift: [-3, 0.4, 0] };
    });
    const learnt = async (rows: number[][]) => {
      const events = await runKept(rowsSource(rows, 1), stateDir);
      const state = new FileAnomalyStore(anomalyStatePath(stateDir, 'pump')).load();
      if (state === null) throw new Error('nothing was learnt');
      rmSync(anomalyStatePath(stateDir, 'pump'));
      return { events, flow: Math.sqrt(state.normal.channels[0]?.noiseVariance ?? 0) };
    };
    const calm = await learnt(pumpRows(3100, 39));
    const troubled = await learnt(pumpRows(3100, 39, faults));
    expect(ofType(troubled.events, 'verified')).toHaveLength(8);
    expect(troubled.flow).toBeLessThan(1.15 * calm.flow);
  });

  it('starts calm where it was stopped in the middle of a fault that is over', async () => {
    const stateDir = temporaryFolder();
    await runKept(rowsSource(pumpRows(740, 36, [valveCloses]), 1), stateDir);
    const events = await runKept(rowsSource(pumpRows(300, 36), 1), stateDir);
    expect(ofType(events, 'noticed')).toEqual([]);
  });
});

/** As a live source runs, with its state in a folder, heavy in this process. */
async function runKept(source: Source, stateDir: string): Promise<CascadeEvent[]> {
  const events: CascadeEvent[] = [];
  const { cascade, dispose } = await buildCascade(
    { source: source.id, run: 'test', intents: config.intents },
    await planCascade(keeping, { source: source.id, stateDir }),
    quietEdges((event) => events.push(event)),
  );
  await cascade.follow(source, new AbortController().signal);
  await dispose();
  return events;
}
