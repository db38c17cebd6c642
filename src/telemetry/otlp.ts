import { type Attributes, ROOT_CONTEXT, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { JsonMetricsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Timer } from '../core/clock.js';
import { CatnapError, codeOf, whyUnfetched } from '../core/errors.js';
import type { CascadeEvent, Sink } from '../core/events/events.js';
import { type Health, ToldHealth } from '../core/events/health.js';
import type { WayOut } from '../egress/way-out.js';
import { readSecret } from '../files/secrets.js';
import type { OtlpConfig } from './config.js';
import { OpenDetections } from './open-detections.js';
import { type SpanNode, spanTree } from './span-tree.js';

/** What telemetry is sent by. */
export interface OtlpEdges {
  readonly timer: Timer;
  readonly wayOut: Pick<WayOut, 'leave'>;
  /** What paths of secrets are relative to. */
  readonly folder: string;
  /** Name of this device, and version of the program. */
  readonly name: string;
  readonly version: string;
  /** Told when the collector no longer takes what it is sent, and when it does again. */
  readonly onHealth: (health: Health) => void;
}

const SEND_MS = 10_000;
/** How `ExportResult` of `@opentelemetry/core` says that it went well, or did not. */
const [SENT, FAILED] = [0, 1] as const;

/** Sends a trace of each detection, and metrics, to a collector by OTLP over HTTP, as JSON. */
export function createOtlpSink(config: OtlpConfig, edges: OtlpEdges): Sink {
  const resource = resourceFromAttributes({
    'service.name': 'catnap',
    'service.version': edges.version,
    'service.instance.id': edges.name,
  });
  const health = new ToldHealth(edges.onHealth, 'ok');
  const exported = <Batch>(path: string, serialise: (batch: Batch) => Uint8Array | undefined) => {
    return (batch: Batch, done: (result: { code: 0 | 1; error?: Error }) => void): void => {
      void post(config, edges, path, serialise(batch)).then(
        () => {
          health.become('ok', 'OK', `${config.url} takes traces and metrics`);
          done({ code: SENT });
        },
        (error: unknown) => {
          health.become('degraded', codeOf(error, 'UPLINK_UNAVAILABLE'), (error as Error).message);
          done({ code: FAILED });
        },
      );
    };
  };
  const processor = new BatchSpanProcessor({
    export: exported('v1/traces', (spans: Parameters<typeof JsonTraceSerializer.serializeRequest>[0]) =>
      JsonTraceSerializer.serializeRequest(spans),
    ),
    shutdown: async () => {},
  });
  const traces = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  const reader = new PeriodicExportingMetricReader({
    exportIntervalMillis: config.everyMs,
    exportTimeoutMillis: Math.min(SEND_MS, config.everyMs),
    exporter: {
      export: exported(
        'v1/metrics',
        (metrics: Parameters<typeof JsonMetricsSerializer.serializeRequest>[0]) =>
          JsonMetricsSerializer.serializeRequest(metrics),
      ),
      selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
      forceFlush: async () => {},
      shutdown: async () => {},
    },
  });
  const metrics = new MeterProvider({ resource, readers: [reader] });
  const tracer = traces.getTracer('catnap', edges.version);
  const detections = new OpenDetections(edges.timer, (events) => {
    const tree = spanTree(events);
    if (tree !== null) tell(tracer, tree);
  });
  const count = counting(metrics);
  return {
    publish(event) {
      count(event);
      detections.take(event);
    },
    async close() {
      detections.close();
      await Promise.allSettled([traces.shutdown(), metrics.shutdown()]);
    },
  };
}

function tell(tracer: Tracer, node: SpanNode, context = ROOT_CONTEXT): void {
  const options = { startTime: node.startMs, attributes: node.attributes as Attributes };
  const span = tracer.startSpan(node.name, options, context);
  if (node.error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: node.error });
  const inside = trace.setSpan(context, span);
  for (const child of node.children) tell(tracer, child, inside);
  span.end(node.endMs);
}

function counting(metrics: MeterProvider): (event: CascadeEvent) => void {
  const meter = metrics.getMeter('catnap');
  const events = meter.createCounter('catnap.events', { description: 'Events published.' });
  const latency = meter.createHistogram('catnap.event.latency', {
    description: 'From the last sample an event rests on to its publication.',
    unit: 'ms',
  });
  const cost = meter.createCounter('catnap.uplink.cost', { description: 'Money that verdicts cost.' });
  const energy = meter.createCounter('catnap.stage.energy', {
    description: 'Energy of decisions.',
    unit: 'mJ',
  });
  return (event) => {
    const source = 'source' in event ? event.source : '';
    events.add(1, { type: event.type, source });
    const latencyMs = event.measured?.latencyMs ?? null;
    if (latencyMs !== null) latency.record(latencyMs, { type: event.type, source });
    if (event.type === 'verdict') cost.add(event.cost.money, { provider: event.provider });
    if (event.type !== 'verified' && event.type !== 'refused') return;
    for (const { stage, measured } of event.trail) energy.add(measured?.energyMj ?? 0, { stage, source });
  };
}

async function post(
  { url, headers: wanted }: OtlpConfig,
  { wayOut, folder }: OtlpEdges,
  path: string,
  body: Uint8Array | undefined,
): Promise<void> {
  if (body === undefined) return;
  const address = new URL(path, url.endsWith('/') ? url : `${url}/`);
  const secrets = Object.entries(wanted).map(
    ([name, text]) => [name, readSecret(text, { folder }, 'UPLINK_UNAVAILABLE')] as const,
  );
  const headers = { ...Object.fromEntries(secrets), 'content-type': 'application/json' };
  const passage = { what: 'telemetry', to: address.host, bytes: body.byteLength } as const;
  const init = { method: 'POST', headers, redirect: 'error', signal: AbortSignal.timeout(SEND_MS) } as const;
  const posted = { ...init, body: new Uint8Array(body) };
  const found = await whatCame(wayOut.leave(passage, () => fetch(address, posted)));
  if (found === null) return;
  throw new CatnapError(
    'UPLINK_UNAVAILABLE',
    `${address.href}: expected a collector that takes it, found ${found}`,
  );
}

/** What came in place of a collector's consent; null: nothing did. */
async function whatCame(asked: Promise<Response>): Promise<string | null> {
  try {
    const response = await asked;
    await response.body?.cancel();
    return response.ok ? null : `HTTP ${response.status}`;
  } catch (error) {
    return whyUnfetched(error);
  }
}
