import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CascadeEvent } from '../../../src/core/events/events.js';
import type { Health } from '../../../src/core/events/health.js';
import { createWayOut } from '../../../src/egress/way-out.js';
import { createOtlpSink } from '../../../src/telemetry/otlp.js';
import { freePort } from '../../support/broker.js';

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number };
}

/** A collector that keeps what it is sent. */
async function collector() {
  const sent = new Map<string, unknown[]>();
  const authorised: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      authorised.push(request.headers.authorization);
      const path = request.url ?? '';
      sent.set(path, [...(sent.get(path) ?? []), JSON.parse(Buffer.concat(chunks).toString('utf8'))]);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, sent, authorised };
}

const measuredAt = (ms: number, latencyMs: number | null) => ({
  wallTime: new Date(1_800_000_000_000 + ms).toISOString(),
  run: 'run',
  latencyMs,
});
const base = { v: 1, source: 'mic', detection: 'mic/1', label: 'alexa' } as const;
const judged = (stage: string, latencyMs: number) => ({
  kind: 'accept' as const,
  stage,
  label: 'alexa',
  score: 0.9,
  confidence: 0.95,
  contributions: [],
  sample: 32_000,
  measured: { latencyMs, cpuMs: latencyMs, energyMj: 2, basis: 'modelled' as const },
});

/** A word that was said from 1 s to 2 s, verified, said something after, sent to the cloud and answered. */
const events = [
  {
    ...base,
    type: 'noticed',
    id: 'mic/1',
    sample: 32_000,
    atMs: 2000,
    trail: [judged('wake-tiny', 1)],
    measured: measuredAt(2010, 10),
  },
  {
    ...base,
    type: 'verified',
    id: 'mic/2',
    sample: 32_000,
    atMs: 2000,
    startSample: 16_000,
    degraded: false,
    trail: [judged('wake-tiny', 1), judged('wake-heavy', 40)],
    measured: measuredAt(2060, 60),
  },
  {
    ...base,
    type: 'utterance',
    id: 'mic/3',
    sample: 64_000,
    atMs: 4000,
    startSample: 33_600,
    endSample: 60_000,
    outcome: 'endpoint',
    measured: measuredAt(4005, 5),
  },
  {
    ...base,
    type: 'escalated',
    id: 'mic/4',
    sample: 64_000,
    atMs: 4000,
    reasons: ['no-match'],
    degraded: false,
    transcript: 'where are my keys',
    features: {},
    trail: [judged('wake-tiny', 1), judged('wake-heavy', 40), judged('moonshine', 300)],
    measured: measuredAt(4310, 310),
  },
  {
    v: 1,
    type: 'verdict',
    id: 'uplink/1',
    detection: 'mic/1',
    provider: 'cloud',
    label: 'answer',
    text: 'On the table.',
    cost: { bytesUp: 10, bytesDown: 20, tokens: 5, money: 0.01, latencyMs: 800 },
    measured: measuredAt(5200, null),
  },
] as unknown as readonly CascadeEvent[];

const edges = {
  timer: () => () => {},
  folder: '/',
  name: 'kitchen',
  version: '1.0.0',
  onHealth: ({ detail }: Health) => {
    throw new Error(detail);
  },
};

describe('telemetry by OTLP', () => {
  it('is one tree an event, from its first sample to its verdict, and says nothing of what was said', async () => {
    const { url, sent, authorised } = await collector();
    const wayOut = createWayOut(false);
    const headers = { authorization: 'Bearer token' };
    const sink = createOtlpSink({ url, headers, everyMs: 60_000 }, { ...edges, wayOut });
    for (const event of events) sink.publish(event);
    await sink.close?.();
    const [request] = sent.get('/v1/traces') as {
      resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
    }[];
    const spans = request?.resourceSpans[0]?.scopeSpans.flatMap((scope) => scope.spans) ?? [];
    const root = spans.find(({ name }) => name === 'detection');
    const ms = (nanos: string | undefined) => Number(BigInt(nanos ?? '0') / 1_000_000n) - 1_800_000_000_000;
    expect([ms(root?.startTimeUnixNano), ms(root?.endTimeUnixNano)]).toEqual([1000, 5200]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(
      spans.filter((span) => span !== root).every(({ parentSpanId }) => parentSpanId === root?.spanId),
    ).toBe(true);
    expect(spans.map(({ name }) => name).sort()).toEqual(
      ['cloud', 'detection', 'stage moonshine', 'stage wake-heavy', 'stage wake-tiny', 'utterance'].sort(),
    );
    expect(JSON.stringify(request)).not.toMatch(/keys|table/);
    expect(request?.resourceSpans[0]?.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'catnap' },
    });
    expect(authorised[0]).toBe('Bearer token');
    expect(wayOut.bytesOut.telemetry).toBeGreaterThan(500);
  });

  it('is metrics, too', async () => {
    const { url, sent } = await collector();
    const sink = createOtlpSink(
      { url, headers: {}, everyMs: 60_000 },
      { ...edges, wayOut: createWayOut(false) },
    );
    for (const event of events) sink.publish(event);
    await sink.close?.();
    const text = JSON.stringify(sent.get('/v1/metrics'));
    for (const name of ['catnap.events', 'catnap.event.latency', 'catnap.uplink.cost', 'catnap.stage.energy'])
      expect(text).toContain(`"${name}"`);
  });

  it('leaves nothing when offline', async () => {
    const { url, sent } = await collector();
    const health: Health[] = [];
    const told = { ...edges, wayOut: createWayOut(true), onHealth: (each: Health) => health.push(each) };
    const sink = createOtlpSink({ url, headers: {}, everyMs: 60_000 }, told);
    for (const event of events) sink.publish(event);
    await sink.close?.();
    expect(sent.size).toBe(0);
    expect(health).toMatchObject([{ state: 'degraded', code: 'EGRESS_DENIED' }]);
  });

  it('is not told, which is said once and with the reason, while no collector is there or it refuses', async () => {
    const refusing = createServer((_request, response) => void response.writeHead(401).end()).listen(0);
    onTestFinished(() => void refusing.close());
    await once(refusing, 'listening');
    const { port } = refusing.address() as AddressInfo;
    const health: Health[] = [];
    for (const url of [`http://127.0.0.1:${port}`, `http://127.0.0.1:${await freePort()}`]) {
      const told = { ...edges, wayOut: createWayOut(false), onHealth: (each: Health) => health.push(each) };
      const sink = createOtlpSink({ url, headers: {}, everyMs: 60_000 }, told);
      for (const event of events) sink.publish(event);
      await sink.close?.();
    }
    expect(health.map(({ state, detail }) => [state, detail.replace(/^.*found /u, '')])).toEqual([
      ['degraded', 'HTTP 401'],
      ['degraded', expect.stringContaining('ECONNREFUSED')],
    ]);
  });
});
