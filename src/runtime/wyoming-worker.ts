/** Script of the worker thread that serves the Wyoming protocol: each connection has its own cascade. */

import type { RecogniserSpec, StageHost } from '../core/cascade/assembly.js';
import { recogniseWithin } from '../core/cascade/guard.js';
import { codeOf } from '../core/errors.js';
import type { EventOf } from '../core/events/events.js';
import { ToldHealth } from '../core/events/health.js';
import { EventStamp } from '../core/events/stamp.js';
import { nullMeter } from '../core/metering/meter.js';
import { createWayOut } from '../egress/way-out.js';
import type { WyomingConfig } from '../home/config.js';
import { addressesOf, ownAddresses } from '../home/mdns/addresses.js';
import { MdnsResponder } from '../home/mdns/responder.js';
import { idOf } from '../home/mqtt/topics.js';
import { infoOf } from '../home/wyoming/info.js';
import { WyomingService } from '../home/wyoming/service.js';
import type { Ears, Services } from '../home/wyoming/session.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import type { IntentsConfig } from '../voice/intents/schema.js';
import { buildCascade, type CascadePlan, quietEdges } from './build.js';
import { systemTime } from './process/system-clock.js';
import type { Outlet, Pipeline } from './worker/source-serve.js';
import { serveThread } from './worker/this-worker.js';
import { healthOf, heavyOf, inProcess } from './worker-edges.js';

/** What the worker is started with. */
export interface WyomingSpec {
  readonly config: WyomingConfig;
  readonly version: string;
  /** Notices and verifies, and does nothing besides. */
  readonly cascade: Extract<CascadePlan, { kind: 'voice' }>;
  readonly recogniser: RecogniserSpec | null;
  readonly intents: IntentsConfig;
  /** Name of the device, under which the service is announced; null: it is not. */
  readonly device: string | null;
}

/** Silence behind a stream that is over, in which a word at its end is still verified. */
const SILENCE = new Float32Array(1.2 * VOICE_RATE_HZ);
const CHANNELS = [{ name: 'audio', unit: 'FS' }];

serveThread(async (spec, outlet): Promise<Pipeline> => createPipeline(spec as WyomingSpec, outlet));

async function createPipeline(spec: WyomingSpec, outlet: Outlet): Promise<Pipeline> {
  const { config } = spec;
  const heavy = heavyOf(config.id, outlet);
  const tell = healthOf('service', config.id, outlet);
  let responder: MdnsResponder | null = null;
  const service = new WyomingService({
    ...config,
    ...systemTime,
    services: await servicesOf(spec, outlet, inProcess(heavy.line)),
    onListening: (port) => {
      tell({ state: 'ok', code: 'OK', detail: `Wyoming is spoken at ${config.host}:${port}` });
      responder = responderOf(spec, port, outlet);
      responder?.open();
    },
    onFailure: (error) =>
      tell(
        error === null
          ? { state: 'ok', code: 'OK', detail: 'clients are served again' }
          : { state: 'degraded', code: codeOf(error), detail: String(error) },
      ),
  });
  return {
    run: (signal) => service.run(signal),
    exchange: async () => {},
    command: async () => {},
    shed: () => heavy.line.shed(),
    setPower: () => {},
    close: async () => {
      await responder?.close();
      heavy.dispose();
    },
  };
}

/** What has the service found at its port; null where nobody is to find it. */
function responderOf({ device, config }: WyomingSpec, port: number, outlet: Outlet): MdnsResponder | null {
  if (device === null) return null;
  const tell = healthOf('mdns', config.id, outlet);
  let told = new ToldHealth(tell);
  let foundAs = device;
  const host = `catnap-${idOf(device).replaceAll('_', '-')}`;
  return new MdnsResponder(
    { service: '_wyoming._tcp', name: device, host, port },
    {
      ...systemTime,
      wayOut: createWayOut(false, (passage) => outlet.left(passage)),
      addresses: () => addressesOf(config.host),
      ownAddresses,
      onFound: (address, name, number) => {
        // Another name is news, however well it was found before.
        if (name !== foundAs) told = new ToldHealth(tell);
        foundAs = name;
        const why = number === 1 ? '' : `: another is called ${device}`;
        told.become('ok', 'OK', `found as ${name} at ${address}${why}`);
      },
      onFailure: (address, failure) =>
        told.become('degraded', 'HOME_AWAY', `multicast DNS at ${address}: ${failure.message}`),
    },
  );
}

async function servicesOf(spec: WyomingSpec, outlet: Outlet, stages: StageHost): Promise<Services> {
  const { config, cascade, version, intents } = spec;
  const matcher = new IntentMatcher(intents);
  const recogniser = spec.recogniser === null ? null : await stages.recogniser(spec.recogniser);
  const stamp = new EventStamp(`${outlet.ids}/text`, outlet.run, systemTime.clock);
  let connections = 0;
  let texts = 0;
  return {
    info: infoOf({
      version,
      words: cascade.stages.words,
      recogniser: recogniser?.name ?? null,
      handles: config.handle,
    }),
    openEars: (onVerified) => {
      connections += 1;
      return openEars(spec, `${outlet.ids}~${connections}`, outlet, stages, onVerified);
    },
    recognise:
      recogniser === null
        ? null
        : (data) => {
            const about = { source: config.id, startSample: 0, rateHz: VOICE_RATE_HZ, channels: 1 };
            return recogniseWithin(recogniser, { ...about, data }, nullMeter, systemTime.timer);
          },
    understand: (text) => matcher.match(text),
    handle: config.handle
      ? (text, { intent, slots }) => {
          texts += 1;
          outlet.event({
            type: 'settled',
            ...stamp.next(null),
            ...{ source: config.id, sample: 0, atMs: 0, detection: `${outlet.ids}/t${texts}`, label: 'text' },
            ...{ trail: [], reasons: ['matched'], degraded: false, transcript: text, intent, features: {} },
            slots: { ...slots },
          });
        }
      : null,
  };
}

/** A cascade for one connection; a stream after another is the same signal, with a gap between. */
async function openEars(
  { config, cascade, intents }: WyomingSpec,
  ids: string,
  outlet: Outlet,
  stages: StageHost,
  onVerified: (event: EventOf<'verified'>) => void,
): Promise<Ears> {
  const source = config.id;
  const built = await buildCascade({ source, run: outlet.run, ids, intents }, cascade, {
    ...quietEdges((event) => {
      outlet.event(event);
      if (event.type === 'verified') onVerified(event);
    }),
    timer: systemTime.timer,
    stages,
  });
  const { hopSamples } = cascade.stages.traits;
  let sample = 0;
  /** Of the present stream, from which on it is cut into hops. */
  let firstSample = 0;
  const signal = { source, rateHz: VOICE_RATE_HZ } as const;
  await built.cascade.push({ kind: 'format', ...signal, channels: CHANNELS });
  const hear = (data: Float32Array): Promise<void> | undefined => {
    const frame = { kind: 'frame', ...signal, channels: 1, sample, data } as const;
    sample += data.length;
    return built.cascade.push(frame);
  };
  return {
    hear,
    restMs() {
      const patienceMs = built.cascade.patienceMs();
      const missing = hopSamples - ((sample - firstSample) % hopSamples);
      return patienceMs === 0 ? 0 : patienceMs + (missing * 1000) / VOICE_RATE_HZ;
    },
    async pause() {
      await hear(SILENCE);
      firstSample = sample;
      await built.cascade.push({ kind: 'gap', source, sample, lostSamples: 0, reason: 'reset' });
    },
    close: () => built.dispose(),
  };
}
