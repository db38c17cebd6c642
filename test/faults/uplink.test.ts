import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Uplink } from '../../src/core/cascade/escalation.js';
import type { Health } from '../../src/core/events/health.js';
import { type Behaviour, Emulator } from '../../src/emulator/emulator.js';
import { uplinkSchema } from '../../src/runtime/config.js';
import { systemClock, systemTimer } from '../../src/runtime/process/system-clock.js';
import { createUplinkWayOut } from '../../src/uplink/egress.js';
import { createPlainProvider } from '../../src/uplink/providers/plain/plain.js';
import { createSecret } from '../../src/uplink/providers/secret.js';
import { Upstream } from '../../src/uplink/upstream.js';
import { type FarEnd, startFarEnd } from '../support/far-end.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { escalation, Published, uplinkTo, upload } from '../support/uplink.js';

let folder = '';
const closers: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function emulatorWith(options: Parameters<typeof Emulator.start>[1] = {}): Promise<Emulator> {
  const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0, ...options });
  closers.push(() => emulator.close());
  return emulator;
}

async function connected(...args: Parameters<typeof uplinkTo>): Promise<Uplink> {
  const uplink = await uplinkTo(...args);
  closers.push(() => uplink.close(0));
  return uplink;
}

async function farEnd(...args: string[]): Promise<FarEnd> {
  const started = await startFarEnd('--port', '0', '--think', '0', '--word', '0', ...args);
  closers.push(() => started.kill());
  return started;
}

const firstThen =
  (first: Behaviour) =>
  (_event: unknown, attempt: number): Behaviour =>
    attempt === 1 ? first : { kind: 'answer' };
const verdicts = (count: number) => (published: Published) => published.of('verdict').length === count;
const healths = (published: Published) =>
  published.of('health').map(({ state, code }) => `${state} ${code}`.trim());

/** An upstream on a clock that stands still, so that waits can be read. */
function upstreamTo(url: string): { upstream: Upstream; health: Health[]; time: { ms: number } } {
  const { providers, deadlines, retry, prompts, answerSchema, egress } = uplinkSchema.parse({
    providers: [{ kind: 'plain', name: 'cloud', url }],
  });
  const [config] = providers;
  if (config === undefined) throw new Error('one is configured');
  const time = { ms: 0 };
  const health: Health[] = [];
  const provider = createPlainProvider({
    name: 'cloud',
    url,
    secret: createSecret(null, { folder: '.' }),
    dial: {
      connectTimeoutMs: 2_000,
      heartbeatMs: deadlines.heartbeatMs,
      wayOut: createUplinkWayOut(egress, false),
      clock: systemClock,
      timer: systemTimer,
    },
    prompts,
    answerSchema,
  });
  const upstream = new Upstream(provider, config, {
    retry,
    deadlines,
    failuresToOpen: 5,
    mendingPauseMs: 60_000,
    clock: { monotonicMs: () => time.ms },
    timer: systemTimer,
    onHealth: (transition) => health.push(transition),
    onReady: () => {},
  });
  closers.push(async () => upstream.close());
  return { upstream, health, time };
}

describe('row 16: a cloud that refuses the secret', () => {
  it.each([401, 403])(
    'with %i is left alone until the secret is replaced, and nothing is lost',
    async (status) => {
      const secret = join(folder, 'secret');
      writeFileSync(secret, 'old\n');
      let refused = 0;
      const emulator = await emulatorWith({
        refuse: (request) => {
          if (request.headers.authorization === 'Bearer new') return null;
          refused++;
          return { status, retryAfterSeconds: null };
        },
      });
      const published = new Published();
      const providers = [{ kind: 'plain', name: 'cloud', url: emulator.url, secret: `\${file:${secret}}` }];
      const uplink = await connected(emulator.url, published, { providers });
      for (let asked = 0; asked < 5; asked++) await uplink.offer(escalation());
      await published.until((all) => all.of('health').length === 1);
      expect(healths(published)).toEqual(['down UPLINK_UNAUTHORISED']);
      writeFileSync(secret, 'new\n');
      await published.until(verdicts(5));
      expect(refused).toBe(1);
      expect(healths(published)).toEqual(['down UPLINK_UNAUTHORISED', 'ok OK']);
    },
  );
});

describe('row 17: a cloud that is too busy', () => {
  it.each([429, 503])('with %i is asked again when it said, not before', async (status) => {
    const emulator = await emulatorWith({ refuse: () => ({ status, retryAfterSeconds: 77 }) });
    const { upstream, time } = upstreamTo(emulator.url);
    await expect(upstream.connect()).rejects.toMatchObject({
      code: 'UPLINK_THROTTLED',
      retryAfterMs: 77_000,
    });
    expect(upstream.waitMs).toBe(77_000);
    time.ms = 76_999;
    expect(upstream.room).toBe(0);
    time.ms = 77_000;
    expect(upstream.room).toBe(1);
  });

  it('is asked again after an hour at most, whatever it wishes', async () => {
    const emulator = await emulatorWith({
      refuse: () => ({ status: 429, retryAfterSeconds: 1_735_689_600 }),
    });
    const { upstream } = upstreamTo(emulator.url);
    await expect(upstream.connect()).rejects.toMatchObject({ code: 'UPLINK_THROTTLED' });
    expect(upstream.waitMs).toBe(3_600_000);
  });

  it('answers in the end, whatever it threw first', async () => {
    const emulator = await emulatorWith({
      behave: firstThen({ kind: 'reject', status: 429, retryAfterMs: 30 }),
    });
    const published = new Published();
    const uplink = await connected(emulator.url, published);
    await uplink.offer(escalation());
    await published.until(verdicts(1));
    expect(healths(published)).toEqual(['degraded UPLINK_THROTTLED', 'ok OK']);
  });
});

describe('what a refusal costs', () => {
  it.each([429, 503, 401, 402])(
    'is no call of the budget with %i, only the bytes that left',
    async (status) => {
      const emulator = await emulatorWith({
        behave: firstThen({ kind: 'reject', status, retryAfterMs: null }),
      });
      const published = new Published();
      const secret = join(folder, 'secret');
      writeFileSync(secret, 'old\n');
      const limit = { per: 'day', limit: 1 };
      const config = {
        providers: [
          {
            kind: 'plain',
            name: 'cloud',
            url: emulator.url,
            secret: `\${file:${secret}}`,
            price: { perCall: 0.9 },
          },
        ],
        budget: [
          { what: 'calls', ...limit },
          { what: 'money', ...limit },
          { what: 'bytes', per: 'day', limit: 1e6 },
        ],
      };
      const uplink = await uplinkTo(emulator.url, published, config);
      closers.push(() => uplink.close(0));
      await uplink.offer(escalation());
      await published.until((all) => all.of('health').length > 0);
      writeFileSync(secret, 'new\n');
      await published.until(verdicts(1));
      const spent = Object.fromEntries(uplink.stats().budget.map((use) => [use.what, use.spent]));
      expect(spent).toMatchObject({ calls: 1, money: 0.9 });
      const { bytesUp, bytesDown } = published.of('verdict')[0]?.cost ?? { bytesUp: 0, bytesDown: 0 };
      expect(spent.bytes).toBeGreaterThan(1.5 * bytesUp + bytesDown);
    },
  );
});

describe('a budget with two providers', () => {
  it('is checked on whoever bills: where the dear one is over it, the free one answers', async () => {
    const [dear, free] = [await emulatorWith(), await emulatorWith()];
    const published = new Published();
    const providers = [
      { kind: 'plain', name: 'dear', url: dear.url, price: { perCall: 0.6 } },
      { kind: 'plain', name: 'free', url: free.url },
    ];
    const budget = [{ what: 'money', per: 'day', limit: 1 }];
    const uplink = await connected(dear.url, published, { providers, budget });
    for (let asked = 0; asked < 3; asked++) await uplink.offer(escalation());
    await published.until(verdicts(3));
    expect(published.of('verdict').map(({ provider }) => provider)).toEqual(['dear', 'free', 'free']);
    expect(healths(published)).toEqual([]);
  });
});

describe('row 18: a cloud that will not have one event', () => {
  it.each([400, 413, 422])('with %i: that one goes to the dead letters, the others go on', async (status) => {
    const emulator = await emulatorWith({
      behave: (event) =>
        event.label === 'poison' ? { kind: 'reject', status, retryAfterMs: null } : { kind: 'answer' },
    });
    const published = new Published();
    const uplink = await connected(emulator.url, published, {}, { stateDir: folder });
    await uplink.offer(escalation());
    await uplink.offer(escalation({ label: 'poison' }));
    await uplink.offer(escalation());
    await published.until((all) => verdicts(2)(all) && all.of('undelivered').length === 1);
    expect(published.of('undelivered')).toMatchObject([{ outcome: 'dead-letter', code: 'UPLINK_REJECTED' }]);
  });
});

describe('something that is not the cloud', () => {
  it.each([200, 302, 400, 404, 410])(
    'and refuses the connection with %i keeps nothing: health is down, and all is delivered later',
    async (status) => {
      let isForeign = true;
      const emulator = await emulatorWith({
        refuse: () => (isForeign ? { status, retryAfterSeconds: null } : null),
      });
      const published = new Published();
      const uplink = await connected(emulator.url, published, { outbox: { maxDeadLetters: 1 } });
      for (let asked = 0; asked < 3; asked++) await uplink.offer(escalation());
      await published.until((all) => all.of('health').length === 1);
      expect(healths(published)).toEqual(['down UPLINK_FOREIGN']);
      isForeign = false;
      await published.until(verdicts(3));
      expect(published.of('undelivered')).toEqual([]);
      expect(healths(published)).toEqual(['down UPLINK_FOREIGN', 'ok OK']);
    },
  );
});

describe('rows 19 and 21: a cloud that fails', () => {
  it.each<[string, Behaviour]>([
    ['500', { kind: 'reject', status: 500, retryAfterMs: null }],
    ['a reset', { kind: 'disconnect' }],
    ['silence', { kind: 'mute' }],
    ['a drip without end', { kind: 'drip' }],
    ['a flood', { kind: 'flood' }],
    ['an oversize message', { kind: 'oversize', bytes: 70_000 }],
    ['garbage', { kind: 'garbage' }],
    ['a lost acknowledgement', { kind: 'lost-ack' }],
  ])('with %s is asked again, and the event is done once', async (_what, behaviour) => {
    const emulator = await emulatorWith({ behave: firstThen(behaviour) });
    const published = new Published();
    const uplink = await connected(emulator.url, published, { deadlines: { replyMs: 500 } });
    const asked = escalation();
    await uplink.offer(asked);
    await published.until(verdicts(1));
    expect(emulator.committed).toEqual([asked.key]);
    expect(healths(published)).toEqual([expect.stringMatching(/^degraded UPLINK_/), 'ok OK']);
  });

  it('is waited for with full jitter below a doubling bound, and the breaker opens, probes and closes', async () => {
    let isDown = true;
    const emulator = await emulatorWith({
      refuse: () => (isDown ? { status: 500, retryAfterSeconds: null } : null),
    });
    const { upstream, health, time } = upstreamTo(emulator.url);
    for (let failure = 1; failure <= 12; failure++) {
      await expect(upstream.connect()).rejects.toMatchObject({ code: 'UPLINK_UNAVAILABLE' });
      expect(upstream.waitMs).toBeLessThanOrEqual(Math.min(60_000, 500 * 2 ** (failure - 1)));
      time.ms += upstream.waitMs;
      expect(upstream.room).toBe(1);
    }
    isDown = false;
    const observer = { onPart: () => {}, onSent: () => {} };
    await upstream.ask({ kind: 'ask', upload: upload() }, observer);
    expect(health.map(({ state }) => state)).toEqual(['degraded', 'down', 'ok']);
  });
});

describe('a cloud that goes away', () => {
  it('is told once to who has to do without it, and told once when it is back', async () => {
    const port = (await emulatorWith()).port;
    await closers.pop()?.();
    const told: boolean[] = [];
    const published = new Published();
    const onAway = (isAway: boolean) => told.push(isAway);
    const uplink = await connected(`ws://127.0.0.1:${port}`, published, {}, { onAway });
    await uplink.offer(escalation());
    await published.until((all) => all.of('health').length === 1);
    expect(told).toEqual([true]);
    await emulatorWith({ port });
    await published.until(verdicts(1));
    expect(told).toEqual([true, false]);
  });

  it('is told of a spent budget, too', async () => {
    const emulator = await emulatorWith();
    const told: boolean[] = [];
    const published = new Published();
    const onAway = (isAway: boolean) => told.push(isAway);
    const budget = [{ what: 'calls', per: 'hour', limit: 1 }];
    const uplink = await connected(emulator.url, published, { budget }, { onAway });
    await uplink.offer(escalation());
    await uplink.offer(escalation());
    await published.until((all) => all.of('health').length === 1);
    expect(told).toEqual([true]);
  });
});

describe('row 20: a socket that is open on one side only', () => {
  it('is found in under ten seconds as it is configured', () => {
    // A ping that goes unanswered until the next: at most two intervals.
    expect(2 * uplinkSchema.parse({}).deadlines.heartbeatMs).toBeLessThan(10_000);
  });

  it('is given up while the far end is stopped, and the event arrives once it goes on', async () => {
    const cloud = await farEnd();
    const published = new Published();
    const config = { deadlines: { heartbeatMs: 1000, connectMs: 1000 } };
    const uplink = await connected(cloud.url, published, config);
    await uplink.offer(escalation());
    await published.until(verdicts(1));
    cloud.stop();
    await uplink.offer(escalation());
    await published.until((all) => all.of('health').length > 0);
    expect(healths(published)[0]).toBe('degraded UPLINK_TIMEOUT');
    cloud.resume();
    await published.until(verdicts(2));
  });
});

describe('row 22: a name look-up', () => {
  it.each([
    ['that hangs', () => {}],
    [
      'that fails',
      (_host: string, _options: object, done: (error: Error, address: string) => void) =>
        done(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }), ''),
    ],
  ])('%s counts as a cloud that cannot be reached', async (_what, broken) => {
    const emulator = await emulatorWith();
    let isBroken = true;
    const lookup = ((host: string, options: object, done: (...result: unknown[]) => void) => {
      if (isBroken) broken(host, options, done as never);
      else if ('all' in options && options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    }) as never;
    const published = new Published();
    const config = { deadlines: { connectMs: 200 } };
    const uplink = await connected(`ws://cloud.invalid:${emulator.port}`, published, config, { lookup });
    await uplink.offer(escalation());
    await published.until((all) => all.of('health').length === 1);
    isBroken = false;
    await published.until(verdicts(1));
    expect(healths(published).at(-1)).toBe('ok OK');
  });
});

describe('row 23: a far end that dies after it has done the event and before it has said so', () => {
  it('is sent the same key again and does it once', async () => {
    const state = join(folder, 'commits');
    const first = await farEnd('--state', state, '--fault', 'mute=1');
    const published = new Published();
    const uplink = await connected(first.url, published);
    const asked = escalation();
    await uplink.offer(asked);
    await first.received(1);
    await first.kill();
    const second = await startFarEnd(
      '--port',
      String(first.port),
      '--state',
      state,
      '--think',
      '0',
      '--word',
      '0',
    );
    closers.push(() => second.kill());
    await published.until(verdicts(1));
    await second.received(1);
    expect(second.events).toEqual([expect.objectContaining({ key: asked.key, duplicate: true })]);
    expect(readFileSync(state, 'utf8').trim().split('\n')).toHaveLength(1);
  });
});

describe('row 27: a wall clock that jumps', () => {
  it.each([365, -365])('by %i days expires nothing and delays nothing', async (days) => {
    let jumpMs = 0;
    const clock = { wallMs: () => Date.now() + jumpMs, monotonicMs: () => performance.now() };
    const emulator = await emulatorWith({ behave: firstThen({ kind: 'disconnect' }) });
    const published = new Published();
    const uplink = await connected(emulator.url, published, { retry: { initialDelayMs: 300 } }, { clock });
    await uplink.offer(escalation());
    await published.until((all) => all.of('health').length === 1);
    jumpMs = days * 86_400_000;
    await published.until(verdicts(1));
    expect(published.of('undelivered')).toEqual([]);
  });
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('SKIPPED disk full: needs root to mount a small tmpfs\n');

describe.runIf(isRoot)('row 24: a full disk', () => {
  it('loses nothing it accepted, says what it could not, and takes escalations again when there is room', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]);
    closers.unshift(async () => execFileSync('umount', [folder]));
    const emulator = await emulatorWith({
      refuse: () => (isDown ? { status: 500, retryAfterSeconds: null } : null),
    });
    let isDown = true;
    const published = new Published();
    const uplink = await connected(emulator.url, published, {}, { stateDir: folder });
    const filler = join(folder, 'filler');
    writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024));
    const keys: string[] = [];
    const offer = async () => {
      const lost = published.of('undelivered').length;
      const asked = escalation({ transcript: 'word '.repeat(2_000) });
      await uplink.offer(asked);
      if (published.of('undelivered').length === lost) keys.push(asked.key);
    };
    for (let asked = 0; asked < 150; asked++) await offer();
    const lost = published.of('undelivered');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThan(150);
    expect(new Set(lost.map(({ outcome, code }) => `${outcome} ${code}`))).toEqual(
      new Set(['dropped STORE_FULL']),
    );
    expect(healths(published)).toContain('degraded STORE_FULL');
    rmSync(filler);
    const before = published.of('undelivered').length;
    await offer();
    expect(published.of('undelivered').length).toBe(before);
    isDown = false;
    await published.until(verdicts(keys.length));
    expect(emulator.committed).toEqual(keys);
  });
});
