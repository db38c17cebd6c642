import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Health } from '../../src/core/events/health.js';
import { createWayOut } from '../../src/egress/way-out.js';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import { checkTopics } from '../../src/sources/mqtt/check.js';
import { MqttSource } from '../../src/sources/mqtt/mqtt.js';
import type { MqttOptions } from '../../src/sources/mqtt/options.js';
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
      { name: 'flow', unit: 'L/min', path: null, topic: null },
      { name: 'inlet', unit: 'kPa', path: 'pressure.0', topic: null },
    ],
    time: null,
    timeUnitSeconds: null,
    dayOrder: null,
    timeZone: null,
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
    await using heard = new Listener(new MqttSource(options(port), systemTime));
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

  const value = (name: string, path: string | null = null) => ({ name, unit: '', path, topic: null });

  it.each([
    ['a number alone', [value('level')], '21.5', [21.5]],
    ['a number as a string', [value('value')], '{"value": "317.39"}', [317.39]],
    ['a unit behind the number', [value('level')], '21.5 °C', [21.5]],
    ['a truth', [value('contact')], '{"contact": true}', [1]],
    ['an array', [value('x'), value('y'), value('z')], '[1, 2.5, -3]', [1, 2.5, -3]],
    ['values between commas', [value('x'), value('y')], '12.3,45.6', [12.3, 45.6]],
    ['names and values', [value('flow'), value('temp')], 'flow=12.3 temp=20.1', [12.3, 20.1]],
    ['the NaN of Python', [value('a'), value('b')], '{"a": NaN, "b": 20.1}', [Number.NaN, 20.1]],
    [
      'SenML',
      [value('voltage'), value('urn:dev:ow:1:current')],
      '[{"bn":"urn:dev:ow:1:","bt":1.7e9,"n":"voltage","u":"V","v":120.1},{"n":"current","u":"A","v":1.2}]',
      [120.1, 1.2],
    ],
    ['Home Assistant statestream', [value('kitchen')], 'on', [1]],
    [
      'Zigbee2MQTT',
      [value('temperature'), value('contact')],
      '{"battery":97,"contact":false,"linkquality":120,"temperature":21.4,"voltage":3005}',
      [21.4, 0],
    ],
    [
      'Tasmota',
      [value('power', 'ENERGY.Power'), value('temperature', 'AM2301.Temperature')],
      '{"Time":"2024-01-01T12:00:00","ENERGY":{"Total":3.2,"Power":182},"AM2301":{"Temperature":21.9}}',
      [182, 21.9],
    ],
  ])('reads %s', async (_, channels, message, expected) => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    await using heard = new Listener(new MqttSource(options(port, { channels }), systemTime));
    await heard.until('the format', ({ items }) => items.length === 1);
    await client.publishAsync('plant/pump', message);
    await heard.until('a row', ({ frames }) => frames.length === 1);
    expect([...(heard.frames[0]?.data ?? [])]).toEqual(expected.map((each) => Math.fround(each)));
    client.end(true);
  });

  it('puts several topics together to rows; one that did not speak is missing', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const channels = ['flow', 'temp'].map((name) => ({ ...value(name), topic: `plant/${name}/state` }));
    await using heard = new Listener(new MqttSource(options(port, { topic: null, channels }), systemTime));
    await heard.until('the format', ({ items }) => items.length === 1);
    const said = ['flow 1', 'temp 20', 'temp 21', 'flow 2', 'flow 3', 'flow 4'];
    for (const [topic, text] of said.map((each) => each.split(' ') as [string, string]))
      await client.publishAsync(`plant/${topic}/state`, text);
    await heard.until('three rows', ({ frames }) => frames.length === 3);
    expect(heard.frames.map((frame) => [...frame.data])).toEqual([
      [1, 20],
      [2, 21],
      [3, Number.NaN],
    ]);
    client.end(true);
  });

  it('says when what comes holds no value, with what there is, and when one comes again', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const told: string[] = [];
    const onHealth =
      () =>
      ({ state, detail }: Health) =>
        void told.push(`${state}: ${detail}`);
    await using heard = new Listener(new MqttSource(options(port), { ...systemTime, onHealth }));
    await heard.until('the format', ({ items }) => items.length === 1);
    for (let n = 0; n < 6; n++) await client.publishAsync('plant/pump', '{"Flow": 1, "p": {"in": 2}}');
    for (let n = 0; n < 10; n++) await client.publishAsync('plant/pump', row(1, 1));
    await until('both', () => told.length === 2);
    expect(told).toEqual([
      'degraded: 5 rows without a value: plant/pump: expected a number at flow, pressure.0, found Flow, p.in',
      'ok: values come again: 6 rows without a value',
    ]);
    client.end(true);
  });

  it('tells values, times and clock apart: no ok of one covers what is wrong with another', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const stands = new Map<string, string>();
    const onHealth = (condition: string) => (health: Health) => void stands.set(condition, health.state);
    const source = new MqttSource(options(port, { time: 'at' }), { ...systemTime, onHealth });
    await using heard = new Listener(source);
    await heard.until('the format', ({ items }) => items.length === 1);
    const publish = (text: string) => client.publishAsync('plant/pump', text);
    for (let n = 0; n < 6; n++) await publish('{"at": "soon"}');
    for (let n = 0; n < 20; n++) await publish(row(1, 1, { at: 'soon' }));
    await until('the values', () => stands.get('values') === 'ok');
    expect(stands.get('times')).toBe('degraded');
    client.end(true);
  });

  it('is listened to by the doctor, who says what it heard or what stands there', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const wayOut = createWayOut(false);
    const during = async (message: string, changes: Partial<MqttOptions> = {}) => {
      const sending = setInterval(() => void client.publishAsync('plant/pump', message), 50);
      try {
        return await checkTopics(options(port, changes), { ...systemTime, wayOut });
      } finally {
        clearInterval(sending);
      }
    };
    expect(await during(row(1.5, 98))).toMatchObject({
      level: 'ok',
      detail: 'plant/pump: flow 1.5 L/min, inlet 98 kPa',
    });
    const dated = { time: 'at' } as const;
    const at = (text: string) => row(1.5, 98, { at: text });
    expect(await during(at('13/05/2024 10:00'), dated)).toMatchObject({
      level: 'ok',
      detail:
        'plant/pump: flow 1.5 L/min, inlet 98 kPa; at "13/05/2024 10:00" is 2024-05-13T10:00:00.000Z, day first',
    });
    expect(await during(at('03/05/2024 10:00'), { ...dated, dayOrder: 'mdy' })).toMatchObject({
      level: 'ok',
      detail: expect.stringContaining('is 2024-03-05T10:00:00.000Z, month first'),
    });
    expect(await during(at('03/05/2024 10:00'), dated)).toMatchObject({
      level: 'problem',
      detail: expect.stringMatching(/tells day from month, found "03.05.2024 10:00"; set "dayOrder"/),
    });
    expect(await during('{"Flow": 1.5}')).toMatchObject({
      level: 'problem',
      detail: 'plant/pump: expected a number at flow, pressure.0, found Flow',
    });
    client.end(true);
  });

  it('skips retained messages, and counts a row without values for what is no message or too large', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    await client.publishAsync('plant/pump', row(9, 9), { retain: true });
    await using heard = new Listener(new MqttSource(options(port), systemTime));
    await heard.until('the format', ({ items }) => items.length === 1);
    const huge = JSON.stringify({ flow: 1, padding: 'x'.repeat(70_000) });
    for (const message of [row(1, 1), 'pump says hi', huge, row(2, 2)])
      await client.publishAsync('plant/pump', message);
    await heard.until('four rows', ({ frames }) => frames.length === 4);
    expect(heard.frames.map((frame) => [frame.sample, frame.data[0]])).toEqual([
      [0, 1],
      [1, Number.NaN],
      [2, Number.NaN],
      [3, 2],
    ]);
    expect(heard.gaps).toEqual([]);
    client.end(true);
  });

  it.each([
    ['seconds', 1_700_000_000, 1],
    ['milliseconds', 1_700_000_000_000, 1000],
  ])('tells from the times of messages, in %s, how much was lost', async (_, from, ofSecond) => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    await using heard = new Listener(new MqttSource(options(port, { time: 'at' }), systemTime));
    await heard.until('the format', ({ items }) => items.length === 1);
    for (const second of [0, 1, 3, 103])
      await client.publishAsync('plant/pump', row(second, 0, { at: from + second * ofSecond }));
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
    const items = new MqttSource(options(port, { queueRows: 10 }), systemTime).frames(stop.signal);
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
    const source = new SupervisedSource(new MqttSource(options(port), systemTime), {
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
    await using nobody = new Listener(new MqttSource(options(port), systemTime));
    expect(await nobody.ended).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    const { process, client } = await broker(port);
    await using _process = process;
    await using heard = new Listener(new MqttSource(options(port, { silentMs: 300 }), systemTime));
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

describe.runIf(requireTool('readiness with a broker', 'mosquitto'))('a Catnap that says it is ready', () => {
  it('has subscribed: not one message is missed from then on', async () => {
    const port = await freePort();
    const { process, client } = await broker(port);
    await using _process = process;
    const [page, rows] = [await freePort(), 5];
    const daemon = Daemon.run(`
sources: [{ id: pump, kind: mqtt, url: 'mqtt://127.0.0.1:${port}', topic: plant/pump, rateHz: 5, channels: [{ name: flow }] }]
dashboard: { port: ${page} }
`);
    const statuses = new Set<number>();
    const ask = async (path: string): Promise<boolean> => {
      const answer = await fetch(`http://127.0.0.1:${page}${path}`).catch(() => null);
      if (answer !== null) statuses.add(answer.status);
      return answer?.ok ?? false;
    };
    while (!(await ask('/metrics')));
    expect(await ask('/healthz')).toBe(true);
    // As many rows without a value as it takes to say so: were one lost, it would never be said.
    for (let i = 0; i < rows; i++) await client.publishAsync('plant/pump', '{"flow":"broken"}');
    await daemon.health('pump/values', 'degraded');
    expect([...statuses].filter((status) => status !== 503)).toEqual([200]);
    await daemon.end();
    client.end(true);
  });

  it('is not held up by a broker that is away, of which it tells', async () => {
    const page = await freePort();
    const daemon = Daemon.run(`
sources: [{ id: pump, kind: mqtt, url: 'mqtt://127.0.0.1:${await freePort()}', topic: plant/pump, rateHz: 1, channels: [{ name: flow }] }]
dashboard: { port: ${page} }
`);
    await daemon.health('pump/source', 'down');
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${page}/metrics`)).status, { timeout: 20_000 })
      .toBe(200);
    const answer = await fetch(`http://127.0.0.1:${page}/healthz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ status: 'down', components: { 'pump/source': 'down' } });
    await daemon.end();
  });
});
