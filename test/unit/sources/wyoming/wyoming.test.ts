import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { SourceItem } from '../../../../src/core/signal/frame.js';
import { createWayOut } from '../../../../src/egress/way-out.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { WyomingSource } from '../../../../src/sources/wyoming/wyoming.js';
import { freePort } from '../../../support/broker.js';
import { WyomingEnd } from '../../../support/wyoming.js';

const edges = { ...systemTime, wayOut: createWayOut(false) };
const settings = { id: 'sat', host: null, port: 0, listen: null, silentMs: null };
const SAMPLES = Int16Array.from({ length: 4800 }, (_, i) => i);

/** What a source gives until `count` samples came. */
async function samplesOf(
  source: WyomingSource,
  count: number,
): Promise<{ items: SourceItem[]; data: number[] }> {
  const items: SourceItem[] = [];
  const data: number[] = [];
  for await (const item of source.frames(AbortSignal.timeout(20_000))) {
    if (item.kind === 'frame') data.push(...item.data);
    items.push(item.kind === 'frame' ? { ...item, data: item.data.slice() } : item);
    if (data.length >= count) break;
  }
  return { items, data };
}

async function satellite(): Promise<{ port: number; end: Promise<WyomingEnd>; close: () => void }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = once(server, 'connection').then(([socket]) => new WyomingEnd(socket));
  const { port } = server.address() as AddressInfo;
  return { port, end, close: () => void server.close() };
}

describe('the stream of a Wyoming satellite', () => {
  it('is asked for, and heard as it is', async () => {
    const { port, end, close } = await satellite();
    const heard = samplesOf(new WyomingSource({ ...settings, host: '127.0.0.1', port }, edges), 4800);
    using far = await end;
    await far.hear('run-satellite');
    far.say('run-pipeline', { start_stage: 'wake', end_stage: 'tts', restart_on_end: true });
    far.stream(SAMPLES, { isOver: false });
    const { items, data } = await heard;
    expect(items[0]).toMatchObject({ kind: 'format', rateHz: 16_000 });
    expect(items.every((item) => item.kind !== 'frame' || item.arrivedMs !== undefined)).toBe(true);
    expect(data.map((value) => Math.round(value * 32_768))).toEqual([...SAMPLES]);
    close();
  });

  it('is left unread while it may wait, and nothing of it is lost', async () => {
    const { port, end, close } = await satellite();
    const pieces: number[] = [];
    const source = new WyomingSource({ ...settings, host: '127.0.0.1', port }, edges);
    const data: number[] = [];
    const heard = (async () => {
      for await (const item of source.frames(AbortSignal.timeout(20_000), () => 300)) {
        if (item.kind !== 'frame') continue;
        data.push(...item.data);
        if (pieces.at(-1) !== item.arrivedMs) pieces.push(item.arrivedMs ?? 0);
        if (data.length >= SAMPLES.length) break;
      }
    })();
    using far = await end;
    for (let at = 0; at < SAMPLES.length; at += 160) {
      far.stream(SAMPLES.subarray(at, at + 160), { isOver: false });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await heard;
    expect(data.map((value) => Math.round(value * 32_768))).toEqual([...SAMPLES]);
    // 30 chunks, one every 10 ms.
    expect(pieces.length).toBeLessThan(10);
    close();
  });

  it('may come from one that connects, in another format, and pause', async () => {
    const port = await freePort();
    const source = new WyomingSource({ ...settings, listen: '127.0.0.1', port }, edges);
    const heard = samplesOf(source, 4000);
    using far = await connected(port);
    const stereo = Int16Array.from({ length: 9600 }, () => 1000);
    far.stream(stereo, { rate: 32_000, channels: 2 });
    far.stream(stereo, { rate: 32_000, channels: 2 });
    const { items } = await heard;
    expect(items).toContainEqual(expect.objectContaining({ kind: 'gap', reason: 'gated' }));
  });

  it('is lost when it ends, and when nonsense comes', async () => {
    for (const [last, code] of [
      ['', 'SOURCE_LOST'],
      ['nonsense\n', 'SOURCE_FORMAT'],
    ] as const) {
      const { port, end, close } = await satellite();
      const heard = samplesOf(new WyomingSource({ ...settings, host: '127.0.0.1', port }, edges), 1);
      const refused = expect(heard).rejects.toMatchObject({ code });
      using far = await end;
      await far.hear('run-satellite');
      far.socket.end(last);
      await refused;
      close();
    }
  });

  it('cannot be had where nobody is, nor offline', async () => {
    const away = new WyomingSource({ ...settings, host: '127.0.0.1', port: await freePort() }, edges);
    await expect(samplesOf(away, 1)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    const offline = { ...edges, wayOut: createWayOut(true) };
    const kept = new WyomingSource({ ...settings, host: '127.0.0.1', port: 1 }, offline);
    await expect(samplesOf(kept, 1)).rejects.toMatchObject({ code: 'EGRESS_DENIED' });
  });

  it('that sends no audio for too long is silent', async () => {
    const { port, end, close } = await satellite();
    const options = { ...settings, host: '127.0.0.1', port, silentMs: 200 };
    const refused = expect(samplesOf(new WyomingSource(options, edges), 1)).rejects.toMatchObject({
      code: 'SOURCE_SILENT',
    });
    using _far = await end;
    await refused;
    close();
  });
});

async function connected(port: number): Promise<WyomingEnd> {
  for (;;) {
    try {
      return await WyomingEnd.at(port);
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
