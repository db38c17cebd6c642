import { describe, expect, it } from 'vitest';
import type { Uplink } from '../../../src/core/cascade/escalation.js';
import { CatnapError } from '../../../src/core/errors.js';
import { mulberry32 } from '../../../src/core/random.js';
import { uplinkSchema } from '../../../src/runtime/config.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';
import { type Provider, type Session, UplinkError } from '../../../src/uplink/providers/provider.js';
import { readStored } from '../../../src/uplink/queue/outbox.js';
import { createMemoryStore, type Store } from '../../../src/uplink/queue/store.js';
import { createUplink, type UplinkDeps } from '../../../src/uplink/uplink.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { escalation, Published } from '../../support/uplink.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A far end in virtual time: each answer takes a second; while it is down it can be told by `isDown`. */
function scripted(time: VirtualTime) {
  const far = { isDown: false, isMute: false, opened: 0, closed: 0, asked: [] as number[] };
  const provider: Provider = {
    name: 'cloud',
    async open() {
      if (far.isDown) throw new UplinkError('UPLINK_UNAVAILABLE', 'cloud: is down');
      far.opened += 1;
      return session(time, far);
    },
  };
  return { far, provider };
}

function session(time: VirtualTime, far: ReturnType<typeof scripted>['far']): Session {
  let end: (reason: UplinkError) => void = () => {};
  const ended = new Promise<UplinkError>((resolve) => {
    end = resolve;
  });
  return {
    greetingBytes: 10,
    capacity: 1,
    ended,
    ending: false,
    close() {
      far.closed += 1;
      end(new UplinkError('UPLINK_UNAVAILABLE', 'cloud: closed by us'));
    },
    ask(_question, observer) {
      far.asked.push(time.nowMs);
      observer.onSent(100);
      const text = JSON.stringify({ label: 'weather', text: 'Rain.' });
      const usage = { bytesUp: 100, bytesDown: 50, inputTokens: 10, audioTokens: 0, outputTokens: 5 };
      return new Promise((resolve) => {
        if (!far.isMute) time.timer(1_000, () => resolve({ text, usage }));
      });
    },
  };
}

async function uplinkIn(time: VirtualTime, config: object = {}, deps: Partial<UplinkDeps> = {}) {
  const { far, provider } = scripted(time);
  const published = new Published();
  const parsed = uplinkSchema.parse({
    providers: [{ kind: 'plain', name: 'cloud', url: 'ws://far.example' }],
    ...config,
  });
  const { clock, timer, machineClock } = time;
  const uplink = await createUplink(parsed, {
    clock,
    timer,
    machineClock,
    random: mulberry32(1),
    createProvider: async () => provider,
    createGuardrail: async () => ({ judge: async () => ({ kind: 'pass' }) }),
    loadAskRouter: () => ({ name: '', route: () => ({ begin: 'cheap', because: '' }) }),
    createJudge: () => ({ judge: () => ({ confidence: 1, because: '' }) }),
    publish: published.publish,
    run: 'run-1',
    stateDir: null,
    ...deps,
  });
  return { uplink, published, far };
}

async function closed(uplink: Uplink, time: VirtualTime): Promise<void> {
  const closing = uplink.close(0);
  await time.advance(0);
  await closing;
}

describe('the uplink in virtual time', () => {
  it('waits out a day without a cloud, asks ever less, and then delivers', async () => {
    const time = new VirtualTime();
    const { uplink, published, far } = await uplinkIn(time, { outbox: { maxAgeMs: 2 * DAY_MS } });
    far.isDown = true;
    await uplink.offer(escalation());
    await time.advance(DAY_MS);
    const health = published.of('health').map(({ state }) => state);
    expect(health).toEqual(['degraded', 'down']);
    const failures = uplink.stats().upstreams.cloud?.failures ?? 0;
    // Full jitter below a minute: a wait is half a minute in the mean.
    expect(failures).toBeGreaterThan(2_000);
    expect(failures).toBeLessThan(4_000);
    far.isDown = false;
    await time.advance(2 * MINUTE_MS);
    expect(published.of('verdict')).toMatchObject([{ label: 'weather', cost: { latencyMs: 1_000 } }]);
    await closed(uplink, time);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'asks again after a wait of %i µs, wherever in its work that ends',
    async (waitUs) => {
      const time = new VirtualTime();
      let readings = 0;
      // Each look at the clock takes a microsecond, so that the wait ends between two of them.
      const clock = { ...time.clock, monotonicMs: () => time.nowMs + readings++ / 1_000 };
      const retry = { initialDelayMs: 10, maxDelayMs: 10 };
      const { far, provider } = scripted(time);
      const failsOnce: Provider = {
        ...provider,
        async open(signal) {
          if (far.opened++ === 0) throw new UplinkError('UPLINK_UNAVAILABLE', 'cloud: is down');
          return provider.open(signal);
        },
      };
      const deps = { clock, random: () => waitUs / 10_000, createProvider: async () => failsOnce };
      const { uplink, published } = await uplinkIn(time, { retry }, deps);
      await uplink.offer(escalation());
      await time.advance(5_000);
      expect(published.of('health').map(({ state }) => state)).toEqual(['degraded', 'ok']);
      expect(published.of('verdict')).toHaveLength(1);
      await closed(uplink, time);
    },
  );

  it('is told as down where every connection stands and nothing is ever answered', async () => {
    const time = new VirtualTime();
    const { uplink, published, far } = await uplinkIn(time);
    far.isMute = true;
    await uplink.offer(escalation());
    await time.advance(10 * MINUTE_MS);
    const health = published.of('health').map(({ state, code }) => `${state} ${code}`);
    expect(health).toEqual(['degraded UPLINK_TIMEOUT', 'down UPLINK_TIMEOUT']);
    await closed(uplink, time);
  });

  it('tells of what a disk has lost, and takes it back with the next that it keeps', async () => {
    const time = new VirtualTime();
    const openStore: UplinkDeps['openStore'] = async (onDamage) => {
      onDamage('12 damaged bytes were skipped');
      return createMemoryStore();
    };
    const { uplink, published } = await uplinkIn(time, {}, { openStore });
    await uplink.offer(escalation());
    await uplink.offer(escalation());
    expect(published.of('health')).toMatchObject([
      { component: 'uplink/outbox', state: 'degraded', code: 'STORE_CORRUPT' },
      { component: 'uplink/outbox', state: 'ok', code: 'OK' },
    ]);
    await closed(uplink, time);
  });

  it('closes a connection that nobody uses, and one that was opened in vain', async () => {
    const time = new VirtualTime();
    const { uplink, far } = await uplinkIn(time);
    uplink.prepare();
    await time.advance(29_000);
    expect([far.opened, far.closed]).toEqual([1, 0]);
    await time.advance(2_000);
    expect([far.opened, far.closed]).toEqual([1, 1]);
    expect(uplink.stats().upstreams.cloud?.speculationsWasted).toBe(1);
    await closed(uplink, time);
  });

  it('holds what a budget does not allow until it does', async () => {
    const time = new VirtualTime();
    const budget = [{ what: 'calls', per: 'hour', limit: 2 }];
    const { uplink, published, far } = await uplinkIn(time, { budget });
    for (let order = 0; order < 5; order++) await uplink.offer(escalation());
    await time.advance(10 * MINUTE_MS);
    expect(far.asked).toHaveLength(2);
    await time.advance(3 * 60 * MINUTE_MS);
    expect(published.of('verdict')).toHaveLength(5);
    const lastHour = (at: number) => far.asked.filter((asked) => asked <= at && asked > at - 60 * MINUTE_MS);
    expect(Math.max(...far.asked.map((at) => lastHour(at).length))).toBe(2);
    await closed(uplink, time);
  });

  it('sends what may wait when it is due', async () => {
    const time = new VirtualTime();
    const { uplink, far } = await uplinkIn(time, { routing: { laterPriority: 0, laterMs: 600_000 } });
    await uplink.offer(escalation({ priority: 0 }));
    await time.advance(599_000);
    expect(far.asked).toEqual([]);
    await time.advance(2_000);
    expect(far.asked).toHaveLength(1);
    await closed(uplink, time);
  });

  it('asks nobody while it is offline, hangs up on who is asked, and delivers what waited once it is not', async () => {
    const time = new VirtualTime();
    const away: boolean[] = [];
    const { uplink, published, far } = await uplinkIn(time, {}, { onAway: (isAway) => away.push(isAway) });
    await uplink.offer(escalation({ key: 'mic/1' }));
    await time.advance(500);
    uplink.setOffline(true);
    await uplink.offer(escalation({ key: 'mic/2' }));
    uplink.prepare();
    await time.advance(10 * MINUTE_MS);
    expect([far.opened, far.closed, far.asked.length]).toEqual([1, 1, 1]);
    expect(uplink.stats().waiting.count).toBe(1);
    expect(published.of('undelivered')).toMatchObject([{ outcome: 'unanswered', code: 'UPLINK_NONE' }]);
    uplink.setOffline(false);
    await time.advance(MINUTE_MS);
    expect(published.of('verdict')).toHaveLength(1);
    expect([away.at(0), away.at(-1)]).toEqual([true, false]);
    await closed(uplink, time);
  });

  it('sends nothing that an earlier run left where it begins offline', async () => {
    const [time, stateDir] = [new VirtualTime(), temporaryFolder()];
    const first = await uplinkIn(time, {}, { stateDir });
    first.far.isDown = true;
    await first.uplink.offer(escalation());
    await closed(first.uplink, time);
    const { uplink, far } = await uplinkIn(time, {}, { stateDir, isOffline: true });
    await time.advance(MINUTE_MS);
    expect([far.opened, uplink.stats().waiting.count]).toEqual([0, 1]);
    await closed(uplink, time);
  });

  it('leaves nothing waiting once it is closed', async () => {
    const time = new VirtualTime();
    const { uplink, far } = await uplinkIn(time);
    far.isDown = true;
    await uplink.offer(escalation());
    await time.advance(MINUTE_MS);
    await closed(uplink, time);
    expect(time.waiting).toBe(0);
  });

  it('is the same run after run', async () => {
    const run = async () => {
      const time = new VirtualTime();
      const { uplink, published, far } = await uplinkIn(time);
      far.isDown = true;
      await uplink.offer(escalation({ key: 'run-1/mic/d1', detection: 'mic/d1' }));
      await time.advance(5 * MINUTE_MS);
      far.isDown = false;
      await time.advance(5 * MINUTE_MS);
      await closed(uplink, time);
      return { events: published.events, asked: far.asked, stats: uplink.stats() };
    };
    expect(await run()).toEqual(await run());
  });
});

describe('row 24: where the disk is full when an answer comes', () => {
  /** What an uplink's disk holds after an answer that it could not write, and what is done then. */
  const answeredFull = async (then: (disk: { isFull: boolean }, time: VirtualTime) => Promise<void>) => {
    const [time, disk, store] = [new VirtualTime(), { isFull: false }, createMemoryStore()];
    const write: Store['write'] = async (ops, durable) => {
      if (disk.isFull) throw new CatnapError('STORE_FULL', 'no space left');
      await store.write(ops, durable);
    };
    const openStore = async (): Promise<Store> => ({ ...store, write, close: async () => {} });
    const { uplink, published } = await uplinkIn(time, {}, { openStore });
    await uplink.offer(escalation());
    disk.isFull = true;
    await time.advance(2_000);
    expect(published.of('verdict')).toHaveLength(1);
    expect(await readStored(store)).toHaveLength(1);
    await then(disk, time);
    const left = (await readStored(store)).length;
    await closed(uplink, time);
    return { left, leftAtEnd: (await readStored(store)).length };
  };

  it('has it forget the question within a minute of having room', async () => {
    const { left } = await answeredFull(async (disk, time) => {
      await time.advance(10 * MINUTE_MS);
      disk.isFull = false;
      await time.advance(MINUTE_MS + 1_000);
    });
    expect(left).toBe(0);
  });

  it('has it forget the question as it is closed', async () => {
    const after = await answeredFull(async (disk) => {
      disk.isFull = false;
    });
    expect(after).toEqual({ left: 1, leftAtEnd: 0 });
  });
});
