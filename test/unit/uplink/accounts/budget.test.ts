import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Emulator } from '../../../../src/emulator/emulator.js';
import { systemTimer } from '../../../../src/runtime/process/system-clock.js';
import { auditRows } from '../../../../src/uplink/accounts/audit.js';
import { Budget, type BudgetLimit, NOTHING_SPENT } from '../../../../src/uplink/accounts/budget.js';
import { type MachineClock, SteadyClock } from '../../../../src/uplink/queue/steady-clock.js';
import { createMemoryStore, type Store } from '../../../../src/uplink/queue/store.js';
import { openStoreCopy } from '../../../../src/uplink/queue/store-copy.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { escalation, Published, uplinkTo } from '../../../support/uplink.js';

const perMinute = { what: 'calls', per: 'minute', limit: 3, provider: null } as const;
const oneCall = { ...NOTHING_SPENT, calls: 1 };
const YEAR_MS = 365 * 86_400_000;

function machine(overrides: Partial<Record<'uptime' | 'wall', number>> = {}) {
  const time = { uptime: overrides.uptime ?? 1_000, wall: overrides.wall ?? 1e12, boot: 'first' };
  const clock: MachineClock = {
    uptimeMs: () => time.uptime,
    wallMs: () => time.wall,
    get bootId() {
      return time.boot;
    },
  };
  return { time, clock };
}

async function openBudget(
  store: Store,
  limits: readonly BudgetLimit[],
  clock: MachineClock,
): Promise<Budget> {
  return Budget.open(store, limits, await SteadyClock.open(store, clock));
}

describe('budget', () => {
  it('allows no more than the limit in any stretch as long as the period', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 80 }), async (pauses) => {
        const { time, clock } = machine();
        const budget = await openBudget(createMemoryStore(), [perMinute], clock);
        const allowed: number[] = [];
        for (const pause of pauses) {
          time.uptime += pause;
          if (budget.check(oneCall, 'cloud') !== null) continue;
          budget.spend(oneCall, 'cloud');
          allowed.push(time.uptime);
        }
        for (const start of allowed) {
          expect(allowed.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it('says when it may be asked again, and then allows it', async () => {
    const { time, clock } = machine();
    const budget = await openBudget(createMemoryStore(), [perMinute], clock);
    for (let call = 0; call < 3; call++) budget.spend(oneCall, 'cloud');
    const over = budget.check(oneCall, 'cloud');
    expect(over?.waitMs).toBeLessThanOrEqual(62_000);
    time.uptime += over?.waitMs ?? 0;
    expect(budget.check(oneCall, 'cloud')).toBeNull();
  });

  it.each([
    ['forward', YEAR_MS],
    ['backward', -YEAR_MS],
  ])('is not moved by the wall clock jumping %s, running or restarted', async (_way, jump) => {
    const { time, clock } = machine();
    const store = createMemoryStore();
    const budget = await openBudget(store, [perMinute], clock);
    for (let call = 0; call < 3; call++) budget.spend(oneCall, 'cloud');
    time.wall += jump;
    expect(budget.check(oneCall, 'cloud')).not.toBeNull();
    await store.write(budget.save(), true);
    const restarted = await openBudget(store, [perMinute], clock);
    expect(restarted.check(oneCall, 'cloud')).not.toBeNull();
    time.uptime += 62_000;
    expect(restarted.check(oneCall, 'cloud')).toBeNull();
  });

  it('is not refilled by starting the machine again with a clock that is behind', async () => {
    const { time, clock } = machine();
    const store = createMemoryStore();
    const budget = await openBudget(store, [perMinute], clock);
    for (let call = 0; call < 3; call++) budget.spend(oneCall, 'cloud');
    await store.write(budget.save(), true);
    Object.assign(time, { boot: 'second', uptime: 500, wall: time.wall - YEAR_MS });
    expect((await openBudget(store, [perMinute], clock)).check(oneCall, 'cloud')).not.toBeNull();
  });

  it('bounds what one provider may spend, and leaves the others alone', async () => {
    const { clock } = machine();
    const its = { ...perMinute, limit: 1, provider: 'gardener' };
    const store = createMemoryStore();
    const budget = await openBudget(store, [perMinute, its], clock);
    budget.spend(oneCall, 'gardener');
    expect(budget.check(oneCall, 'gardener')?.limit).toEqual(its);
    expect(budget.check(oneCall, 'cloud')).toBeNull();
    await store.write(budget.save(), true);
    const restarted = await openBudget(store, [perMinute, its], clock);
    expect(restarted.check(oneCall, 'gardener')?.limit).toEqual(its);
    for (let call = 0; call < 2; call++) restarted.spend(oneCall, 'cloud');
    expect(restarted.check(oneCall, 'cloud')?.limit).toEqual(perMinute);
  });

  it('gives back what was set aside and not used', async () => {
    const { time, clock } = machine();
    const tokens = { what: 'tokens', per: 'day', limit: 100, provider: null } as const;
    const budget = await openBudget(createMemoryStore(), [tokens], clock);
    budget.spend({ ...NOTHING_SPENT, tokens: 90 }, 'cloud');
    time.uptime += 3_600_000;
    budget.spend({ ...NOTHING_SPENT, tokens: -70 }, 'cloud');
    expect(budget.spent(tokens)).toBe(20);
  });
});

describe('uplink over its budget', () => {
  const budget = [{ what: 'calls', per: 'hour', limit: 2 }];
  const rule = (atLimit: string) => ({ rules: [{ name: 'all', allow: ['label', 'transcript'], atLimit }] });

  it.each([
    ['settle', 'settled'],
    ['drop', 'dropped'],
  ])('does what the rule says: %s', async (atLimit, outcome) => {
    const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 });
    const published = new Published();
    const uplink = await uplinkTo(emulator.url, published, { budget, egress: rule(atLimit) });
    for (let asked = 0; asked < 4; asked++) await uplink.offer(escalation());
    await published.until((all) => all.of('undelivered').length === 2);
    expect(published.of('undelivered').map((event) => [event.outcome, event.code])).toEqual([
      [outcome, 'BUDGET_SPENT'],
      [outcome, 'BUDGET_SPENT'],
    ]);
    expect(emulator.received).toBe(2);
    expect(published.of('health')).toMatchObject([{ component: 'uplink/budget', code: 'BUDGET_SPENT' }]);
    await uplink.close(0);
    await emulator.close();
  });

  it.each([
    ['bytes', 2_500],
    ['tokens', 1_200],
    ['money', 0.15],
    ['joules', 15],
  ])('stops at its %s', async (what, limit) => {
    const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 });
    const published = new Published();
    const cost = { price: { perCall: 0.1 }, energy: { joulesPerCall: 10 }, maxOutputTokens: 64 };
    const providers = [{ kind: 'plain', name: 'cloud', url: emulator.url, ...cost }];
    const limits = [{ what, per: 'day', limit }];
    const uplink = await uplinkTo(emulator.url, published, {
      providers,
      budget: limits,
      egress: rule('drop'),
    });
    for (let asked = 0; asked < 8; asked++) await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length + all.of('undelivered').length === 8);
    expect(published.of('verdict').length).toBeGreaterThan(0);
    expect(published.of('undelivered').length).toBeGreaterThan(0);
    const spent = published
      .of('verdict')
      .map(
        ({ cost: { bytesUp, bytesDown, tokens, money } }) =>
          ({ bytes: bytesUp + bytesDown, tokens, money, joules: 10 })[what] ?? 0,
      );
    expect(spent.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(limit);
    await uplink.close(0);
    await emulator.close();
  });

  it('counts the answers of what it asks at once before they are there', async () => {
    const answer = () => ({ label: 'long', text: 'x'.repeat(800), action: null });
    const emulator = await Emulator.start(systemTimer, { thinkMs: 20, wordMs: 0, answer });
    const published = new Published();
    const providers = [{ kind: 'plain', name: 'cloud', url: emulator.url }];
    const limit = 12_000;
    const budget = [{ what: 'bytes', per: 'day', limit }];
    const uplink = await uplinkTo(emulator.url, published, { providers, budget, egress: rule('drop') });
    await Promise.all(Array.from({ length: 12 }, () => uplink.offer(escalation())));
    await published.until((all) => all.of('verdict').length + all.of('undelivered').length === 12);
    const bytes = published.of('verdict').map(({ cost: { bytesUp, bytesDown } }) => bytesUp + bytesDown);
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(limit);
    await uplink.close(0);
    await emulator.close();
  });

  it('prices audio tokens apart from the others', async () => {
    const usage = () => ({ inputTokens: 300, audioTokens: 200, outputTokens: 10 });
    const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0, usage });
    const price = { perMillionInputTokens: 4, perMillionAudioTokens: 32, perMillionOutputTokens: 16 };
    const providers = [{ kind: 'plain', name: 'cloud', url: emulator.url, price }];
    const published = new Published();
    const uplink = await uplinkTo(emulator.url, published, { providers });
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    const [verdict] = published.of('verdict');
    expect(verdict?.cost.money).toBeCloseTo((100 * 4 + 200 * 32 + 10 * 16) / 1e6, 9);
    await uplink.close(0);
    await emulator.close();
  });

  it('counts a connection that was opened ahead in vain, and writes down what left on it', async () => {
    const stateDir = temporaryFolder();
    const emulator = await Emulator.start(systemTimer);
    const published = new Published();
    const deadlines = { idleMs: 50 };
    const uplink = await uplinkTo(emulator.url, published, { deadlines }, { stateDir });
    uplink.prepare();
    await expect.poll(() => uplink.stats().upstreams.cloud?.speculationsWasted).toBe(1);
    const { upload } = uplink.stats().bytesOut;
    await uplink.close(0);
    const store = await openStoreCopy(join(stateDir, 'uplink'));
    const rows = [];
    for await (const row of auditRows(store, null, null)) rows.push(row);
    await store.close();
    expect(rows).toMatchObject([{ provider: 'cloud', outcome: 'abandoned', bytesUp: upload, parts: '' }]);
    expect(upload).toBeGreaterThan(500);
    await emulator.close();
  });

  it('is not overrun by several sources at once', async () => {
    const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 });
    const published = new Published();
    const three = [{ what: 'calls', per: 'hour', limit: 3, provider: null }];
    const uplink = await uplinkTo(emulator.url, published, { budget: three, egress: rule('drop') });
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    await Promise.all(Array.from({ length: 8 }, (_, n) => uplink.offer(escalation({ source: `mic-${n}` }))));
    await published.until((all) => all.of('undelivered').length === 6 && all.of('verdict').length === 3);
    expect(emulator.received).toBe(3);
    await uplink.close(0);
    await emulator.close();
  });

  it('asks for no repair that it cannot pay', async () => {
    const emulator = await Emulator.start(systemTimer, {
      thinkMs: 0,
      wordMs: 0,
      behave: () => ({ kind: 'bad-answer', repairable: true }),
    });
    const published = new Published();
    const once = [{ what: 'calls', per: 'hour', limit: 1 }];
    const uplink = await uplinkTo(emulator.url, published, { budget: once });
    await uplink.offer(escalation());
    await published.until((all) => all.of('undelivered').length === 1);
    expect(published.of('undelivered')).toMatchObject([{ outcome: 'dead-letter', code: 'UPLINK_REPLY' }]);
    await uplink.close(0);
    await emulator.close();
  });

  it('holds over a restart what it may not send yet, and remembers what it has spent', async () => {
    const stateDir = temporaryFolder();
    const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 });
    const { time, clock: machineClock } = machine();
    const first = new Published();
    const config = { budget, egress: rule('hold') };
    const uplink = await uplinkTo(emulator.url, first, config, { stateDir, machineClock });
    for (let asked = 0; asked < 4; asked++) await uplink.offer(escalation());
    await first.until((all) => all.of('verdict').length === 2 && all.of('health').length === 1);
    await uplink.close(1_000);
    const second = new Published();
    const again = await uplinkTo(emulator.url, second, config, { stateDir, machineClock });
    await second.until((all) => all.of('health').length === 1);
    expect(emulator.received).toBe(2);
    await again.close(1_000);
    time.uptime += 2 * 3_600_000;
    const third = new Published();
    const later = await uplinkTo(emulator.url, third, config, { stateDir, machineClock });
    await third.until((all) => all.of('verdict').length === 2);
    await later.close(1_000);
    const store = await openStoreCopy(join(stateDir, 'uplink'));
    const rows = [];
    for await (const row of auditRows(store, null, null)) rows.push(row);
    await store.close();
    expect(rows.map((row) => row.outcome)).toEqual(['answered', 'answered', 'answered', 'answered']);
    expect(rows[0]).toMatchObject({
      provider: 'cloud',
      rule: 'all',
      parts: 'label transcript',
      verdict: 'weather',
    });
    expect(rows[0]?.bytesUp).toBeGreaterThan(100);
    await emulator.close();
  });
});
