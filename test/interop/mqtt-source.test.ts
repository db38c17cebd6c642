import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import { type MqttOptions, MqttSource } from '../../src/sources/mqtt/mqtt.js';
import { SupervisedSource } from '../../src/sources/supervisor.js';
import { broker, freePort } from '../support/broker.js';
import { Daemon } from '../support/daemon.js';
import { Listener, until } from '../support/serial.js';
import { requireTool } from '../support/tools.js';

function options(port: number, changes: Partial<MqttOptions> = {}): MqttOptions {
  return {
    id: 'pump',
    url: `mqtt://127.0.0.1:${port}`,
    topic: 'plant/pump',
    username: null,
    password: null,
    rateHz: 1,
    channels: [
      { name: 'flow', unit: 'L/min', path: null },
      { name: 'inlet', unit: 'kPa', path: 'pressure.0' },
    ],
    time: null,
    queueRows: 1024,
    silentMs: null,
    hopRows: null,
    ...changes,
  };
}

const row = (flow: unknown, inlet: unknown, more = {}) =>
  JSON.stringify({ flow, pressure: [inlet, 2], ...more });

describe.runIf(requireTool('rows from an MQTT broker', 'mosquitto'))('an MQTT topic', () => {
  it('gives rows of the values at their places; what is no number is missing', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    await using heard = new Listener(new MqttSource(options(port)));
    await heard.until('the format', ({ items }) => items.length === 1);
    for (const message of [row(1.5, 98), row('n/a', 97), '{"pressure":[96]}', row(2, null)])
      await client.publishAsync('plant/pump', message);
    await heard.until('four rows', ({ frames }) => frames.length === 4);
    expect(heard.frames.map((frame) => [frame.sample, ...frame.data])).toEqual([
      [0, 1.5, 98],
      [1, Number.NaN, 97],
      [2, Number.NaN, 96],
      [3, 2, Number.NaN],
    ]);
    client.end(true);
  });

  it('skips retained messages, and counts what is no JSON or too large as lost rows', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    await client.publishAsync('plant/pump', row(9, 9), { retain: true });
    await using heard = new Listener(new MqttSource(options(port)));
    await heard.until('the format', ({ items }) => items.length === 1);
    const huge = JSON.stringify({ flow: 1, padding: 'x'.repeat(70_000) });
    for (const message of [row(1, 1), 'pump says hi', huge, row(2, 2)])
      await client.publishAsync('plant/pump', message);
    await heard.until('two rows', ({ frames }) => frames.length === 2);
    expect(heard.frames.map((frame) => [frame.sample, frame.data[0]])).toEqual([
      [0, 1],
      [3, 2],
    ]);
    expect(heard.gaps).toEqual([
      [1, 1, 'garbage'],
      [2, 1, 'garbage'],
    ]);
    client.end(true);
  });

  it('tells from the times of messages how much was lost', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    await using heard = new Listener(new MqttSource(options(port, { time: 'at' })));
    await heard.until('the format', ({ items }) => items.length === 1);
    for (const second of [0, 1, 3, 103])
      await client.publishAsync('plant/pump', row(second, 0, { at: 1_700_000_000_000 + second * 1000 }));
    await heard.until('the last row', ({ frames }) => frames.at(-1)?.data[0] === 103);
    expect(heard.frames.map((frame) => [frame.sample, frame.data[0]])).toEqual([
      [0, 0],
      [1, 1],
      [2, Number.NaN],
      [3, 3],
      [103, 103],
    ]);
    expect(heard.gaps).toEqual([[4, 99, 'lost']]);
    client.end(true);
  });

  it('drops the oldest rows of a cascade that is late, and says how many', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const stop = new AbortController();
    const items = new MqttSource(options(port, { queueRows: 10 })).frames(stop.signal);
    await items.next();
    for (let n = 0; n < 100; n++) await client.publishAsync('plant/pump', row(n, 0), { qos: 1 });
    // What the broker has acknowledged may still be on its way here.
    await delay(500);
    const gap = (await items.next()).value;
    expect(gap).toEqual({ kind: 'gap', source: 'pump', sample: 0, lostSamples: 91, reason: 'dropped' });
    const frame = (await items.next()).value;
    expect(frame).toMatchObject({ kind: 'frame', sample: 91 });
    stop.abort();
    client.end(true);
  });

  it('row 28: comes back with its broker', async () => {
    const port = await freePort();
    const first = await broker(port);
    const health: string[] = [];
    const source = new SupervisedSource(new MqttSource(options(port)), {
      ...systemTime,
      onHealth: ({ state, code }) => health.push(`${state} ${code}`),
      retry: { firstMs: 50, maxMs: 200, earlyMaxMs: 200, earlyForMs: 60_000 },
    });
    await using heard = new Listener(source);
    await heard.until('the format', ({ items }) => items.length === 1);
    await first.client.publishAsync('plant/pump', row(1, 1));
    await heard.until('a row', ({ frames }) => frames.length === 1);
    first.client.on('error', () => {});
    first.client.end(true);
    await first.process.kill();
    await until('the loss', () => health.length === 1);
    const second = await broker(port);
    await using _process = second.process;
    while (heard.frames.length < 2) {
      await second.client.publishAsync('plant/pump', row(2, 2));
      await delay(50);
    }
    expect(health).toEqual(['down SOURCE_LOST', 'ok OK']);
    expect(heard.gaps.length).toBeGreaterThan(0);
    second.client.end(true);
  });

  it('that nobody publishes to is silent, and a broker that is not there is unavailable', async () => {
    const port = await freePort();
    await using nobody = new Listener(new MqttSource(options(port)));
    expect(await nobody.ended).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    const { process, client } = await broker(port);
    await using _process = process;
    await using heard = new Listener(new MqttSource(options(port, { silentMs: 300 })));
    expect(await heard.ended).toMatchObject({ code: 'SOURCE_SILENT' });
    client.end(true);
  });
});

describe.runIf(requireTool('what a source sends out', 'mosquitto'))('asking a broker for rows', () => {
  it('counts among what left, though a worker thread asks', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const daemon = Daemon.run(`
sources: [{ id: pump, kind: mqtt, url: 'mqtt://127.0.0.1:${port}', topic: plant/pump, rateHz: 1, channels: [{ name: flow }] }]
dashboard: { enabled: true, port: 0 }
`);
    await expect.poll(() => daemon.stderr, { timeout: 20_000 }).toMatch(/dashboard at/);
    await expect
      .poll(() => daemon.metrics(), { timeout: 20_000 })
      .toContain(`catnap_sent_bytes_total{what="source"} ${'plant/pump'.length}\n`);
    await daemon.end();
    client.end(true);
  });
});
