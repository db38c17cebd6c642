import { describe, expect, it, onTestFinished } from 'vitest';
import type { Time } from '../../../../src/core/clock.js';
import { CatnapError } from '../../../../src/core/errors.js';
import type { EventOf } from '../../../../src/core/events/events.js';
import { WyomingService } from '../../../../src/home/wyoming/service.js';
import type { Services } from '../../../../src/home/wyoming/session.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { WyomingEnd } from '../../../support/wyoming.js';

type Verified = EventOf<'verified'>;

/** Hears a word in every stream that is loud, each connection by itself. */
function services(more: Partial<Services> = {}): Services & { readonly open: { now: number; most: number } } {
  const open = { now: 0, most: 0 };
  return {
    open,
    info: { wake: [] },
    openEars: async (onVerified) => {
      open.now += 1;
      open.most = Math.max(open.most, open.now);
      let hasHeard = false;
      return {
        hear: async (samples) => {
          if (hasHeard || !samples.some((value) => Math.abs(value) > 0.5)) return;
          hasHeard = true;
          onVerified(verified('alexa'));
        },
        restMs: () => 0,
        pause: async () => {
          hasHeard = false;
        },
        close: async () => {
          open.now -= 1;
        },
      };
    },
    recognise: async (samples) => ({
      kind: 'transcript',
      stage: 'toy',
      text: `${samples.length} samples`,
      confidence: 1,
    }),
    understand: (text) => (text === 'light' ? { intent: 'light.on', slots: { room: 'attic' } } : null),
    handle: null,
    ...more,
  };
}

function verified(label: string): Verified {
  const judged = {
    kind: 'accept',
    stage: 'heavy',
    label,
    score: 0.9,
    confidence: 0.8,
    contributions: [],
  } as const;
  const trail = [{ ...judged, sample: 0, measured: null }];
  const about = { source: 'w', sample: 0, atMs: 0, detection: 'w~1/d1', label, trail };
  return { type: 'verified', v: 1, id: 'w/1', measured: null, ...about, degraded: false, startSample: 0 };
}

/** A time in which a rest ends when the test says so. */
function restingTime() {
  const rests: { readonly delayMs: number; readonly wake: () => void }[] = [];
  const timer = (delayMs: number, wake: () => void) => {
    rests.push({ delayMs, wake });
    return () => {};
  };
  return { rests, time: { clock: systemTime.clock, timer } };
}

async function serve(
  with_: Services,
  { maxClients = 4, idleMs = 60_000, time = systemTime as Time }: Partial<ServeOptions> = {},
) {
  const stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let service: WyomingService | null = null;
  const failures: (string | null)[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    const place = { host: '127.0.0.1', port: 0, maxClients, idleMs };
    const onFailure = (error: unknown) => failures.push(error === null ? null : String(error));
    service = new WyomingService({
      ...place,
      ...time,
      services: with_,
      onListening: resolve,
      onFailure,
    });
    running = service.run(stop.signal);
    running.catch(reject);
  });
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return { port, service: service as unknown as WyomingService, failures };
}

interface ServeOptions {
  readonly maxClients: number;
  readonly idleMs: number;
  readonly time: Time;
}

/** Hears, and lets what comes wait for so long. */
function patientEars(restMs: number) {
  const heard: number[] = [];
  const openEars: Services['openEars'] = async () => ({
    hear: (samples) => {
      heard.push(samples.length);
      return undefined;
    },
    restMs: () => restMs,
    pause: async () => {},
    close: async () => {},
  });
  return { heard, with_: services({ openEars }) };
}

const LOUD = new Int16Array(4000).fill(30_000);
const QUIET = new Int16Array(4000);

describe('the Wyoming service', () => {
  it('says what it has, and answers pings', async () => {
    const { port } = await serve(services());
    using end = await WyomingEnd.at(port);
    end.say('describe');
    end.say('ping', { text: 'there?' });
    expect((await end.hear('info')).data).toEqual({ wake: [] });
    expect((await end.hear('pong')).data).toEqual({ text: 'there?' });
  });

  it('tells of a word with its scores, and that there was none', async () => {
    const { port } = await serve(services());
    using end = await WyomingEnd.at(port);
    end.say('detect', { names: ['alexa'] });
    end.stream(QUIET);
    await end.hear('not-detected');
    end.stream(LOUD);
    expect((await end.hear('detection')).data).toEqual({
      name: 'alexa',
      timestamp: 0,
      speaker: null,
      context: {
        catnap: { detection: 'w~1/d1', degraded: false, stages: { heavy: { score: 0.9, confidence: 0.8 } } },
      },
    });
  });

  it('tells of no word that was not asked for', async () => {
    const { port } = await serve(services());
    using end = await WyomingEnd.at(port);
    end.say('detect', { names: ['computer'] });
    end.stream(LOUD);
    await end.hear('not-detected');
    expect(end.heard.map(({ type }) => type)).toEqual(['not-detected']);
  });

  it('leaves unread what comes while nothing is near, and hears it in one go', async () => {
    const { heard, with_ } = patientEars(240);
    const { rests, time } = restingTime();
    const { port } = await serve(with_, { time });
    using end = await WyomingEnd.at(port);
    end.stream(new Int16Array(1024), { isOver: false });
    await expect.poll(() => heard).toEqual([1024]);
    const chunk = [{ rate: 16_000, width: 2, channels: 1 }, Buffer.alloc(2048)] as const;
    end.say('audio-chunk', ...chunk);
    await expect.poll(() => rests.map(({ delayMs }) => delayMs)).toEqual([240]);
    for (let i = 0; i < 3; i++) end.say('audio-chunk', ...chunk);
    using other = await WyomingEnd.at(port);
    other.say('ping');
    await other.hear('pong');
    expect(heard).toEqual([1024, 1024]);
    rests[0]?.wake();
    await expect.poll(() => heard).toEqual(Array(5).fill(1024));
  });

  it.each([
    ['a word may be near', 0, 4],
    ['a stream comes faster than it was said', 240, 40],
  ])('reads all that comes where %s', async (_, restMs, chunks) => {
    const { heard, with_ } = patientEars(restMs);
    const { port } = await serve(with_, { time: restingTime().time });
    using end = await WyomingEnd.at(port);
    end.stream(new Int16Array(chunks * 1024));
    await end.hear('not-detected');
    expect(heard).toHaveLength(chunks);
  });

  it('understands speech and text, and does only what it may', async () => {
    const { port } = await serve(services());
    using end = await WyomingEnd.at(port);
    end.say('transcribe', { language: 'en' });
    end.stream(LOUD);
    expect((await end.hear('transcript')).data).toEqual({ text: '4000 samples', language: 'en' });
    end.say('recognize', { text: 'light' });
    expect((await end.hear('intent')).data).toEqual({
      name: 'light.on',
      entities: [{ name: 'room', value: 'attic' }],
    });
    end.say('recognize', { text: 'what' });
    await end.hear('not-recognized');
    end.say('transcript', { text: 'light' });
    await end.hear('not-handled');
  });

  it('has done what a text asks for, where it may', async () => {
    const done: string[] = [];
    const { port } = await serve(services({ handle: (text, { intent }) => done.push(`${intent}: ${text}`) }));
    using end = await WyomingEnd.at(port);
    end.say('transcript', { text: 'light' });
    await end.hear('handled');
    expect(done).toEqual(['light.on: light']);
  });

  it('serves many at once, each with ears of its own that go with it, and no more than it may', async () => {
    const with_ = services();
    const { port, service } = await serve(with_, { maxClients: 3 });
    const ends = await Promise.all([1, 2, 3].map(() => WyomingEnd.at(port)));
    for (const end of ends) end.stream(LOUD);
    for (const end of ends) await end.hear('detection');
    using more = await WyomingEnd.at(port);
    expect((await more.hear('error')).data).toMatchObject({ code: 'BUSY' });
    await more.closed();
    expect([with_.open.most, service.counts.refused]).toEqual([3, 1]);
    for (const end of ends) end.socket.destroy();
    await expect.poll(() => with_.open.now).toBe(0);
  });

  it.each([
    ['nonsense', 'GET / HTTP/1.1\r\n\r\n'],
    ['a payload without end', '{"type":"audio-chunk","payload_length":1e12}\n'],
    ['audio that is none', '{"type":"audio-start","data":{"rate":"fast"}}\n'],
    [
      'half a sample',
      '{"type":"audio-chunk","data":{"rate":16000,"width":2,"channels":1},"payload_length":3}\nabc',
    ],
  ])('ends a connection on which comes %s, and no other', async (_, text) => {
    const { port, service } = await serve(services());
    using good = await WyomingEnd.at(port);
    using bad = await WyomingEnd.at(port);
    bad.socket.write(text);
    expect((await bad.hear('error')).data).toMatchObject({ code: 'SOURCE_FORMAT' });
    await bad.closed();
    good.stream(LOUD);
    await good.hear('detection');
    expect(service.counts.malformed).toBe(1);
  });

  it('has said why it ends also to who goes on sending', async () => {
    const { port, failures } = await serve(
      services({
        openEars: async () => {
          throw new CatnapError('STAGE_UNAVAILABLE', 'wake-tiny: too many failures');
        },
      }),
    );
    using end = await WyomingEnd.at(port);
    for (let i = 0; i < 50; i++) end.stream(QUIET);
    expect((await end.hear('error')).data).toEqual({
      text: 'wake-tiny: too many failures',
      code: 'STAGE_UNAVAILABLE',
    });
    expect(failures).toEqual([expect.stringContaining('too many failures')]);
  });

  it('says that it failed where the fault is its own, and that it serves again', async () => {
    let isBroken = true;
    const understand = () => {
      if (isBroken) throw new TypeError('no such intent');
      return null;
    };
    const { port, service, failures } = await serve(services({ understand }));
    using bad = await WyomingEnd.at(port);
    bad.say('recognize', { text: 'light' });
    expect((await bad.hear('error')).data).toMatchObject({ code: 'INTERNAL' });
    await bad.closed();
    isBroken = false;
    using good = await WyomingEnd.at(port);
    good.say('recognize', { text: 'light' });
    await good.hear('not-recognized');
    await expect.poll(() => failures).toEqual(['TypeError: no such intent', null]);
    expect(service.counts).toMatchObject({ failed: 1, malformed: 0 });
  });

  it('closes a connection on which nothing comes', async () => {
    const { port } = await serve(services(), { idleMs: 100 });
    using end = await WyomingEnd.at(port);
    await end.closed();
  });
});
