import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dashboardConfigSchema } from '../../../src/dashboard/config.js';
import { startDashboard } from '../../../src/dashboard/server.js';
import { Emulator } from '../../../src/emulator/emulator.js';
import { createEventBus } from '../../../src/events/bus.js';
import { systemTime, systemTimer } from '../../../src/runtime/process/system-clock.js';
import { NOBODY, refusedStatus, serveDashboard, type TestVisitor, visit } from '../../support/dashboard.js';
import { gapEvent, healthEvent, levelReading } from '../../support/events.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { escalation, Published, uplinkTo } from '../../support/uplink.js';

describe('the dashboard’s live socket', () => {
  it('greets a late joiner with history, levels, counts and health, then carries what happens', async () => {
    await using served = await serveDashboard();
    served.bus.publish(gapEvent('mic', 1));
    served.bus.publish(healthEvent('source/mic', 'degraded'));
    served.bus.telemetry({ ...levelReading('mic', 3), levelDb: Number.NEGATIVE_INFINITY });
    using visitor = await visit(served.liveUrl);
    const hello = await visitor.until((message) => message.type === 'hello');
    expect(hello).toMatchObject({
      protocol: 3,
      run: 'run-1',
      history: [{ id: 'mic/1' }, { id: 'source/mic/1' }],
      counts: { mic: { gap: 1 } },
      health: [{ component: 'source/mic', state: 'degraded' }],
      sources: [
        { source: 'mic', state: 'listening', levels: { atMs: [300], levelDb: [null], floorDb: [-55] } },
      ],
    });
    served.bus.publish(gapEvent('mic', 2));
    served.bus.telemetry(levelReading('mic', 4));
    const telemetry = await visitor.until((message) => message.type === 'telemetry');
    expect(telemetry).toMatchObject({ reading: { type: 'level', atMs: 400 } });
    expect(visitor.messages.map((message) => message.type)).toEqual(['hello', 'event', 'telemetry']);
  });

  it('sends no telemetry to a visitor that looks away, and events all the same', async () => {
    await using served = await serveDashboard();
    using visitor = await visit(served.liveUrl);
    visitor.socket.send(JSON.stringify({ type: 'watch', telemetry: false }));
    visitor.socket.ping();
    await new Promise((resolve) => visitor.socket.once('pong', resolve));
    served.bus.telemetry(levelReading('mic', 1));
    served.bus.publish(gapEvent('mic', 1));
    await visitor.until((message) => message.type === 'event');
    expect(visitor.messages.map((message) => message.type)).toEqual(['hello', 'event']);
  });

  it('leaves old history out rather than greet with more than a slow visitor can take', async () => {
    await using served = await serveDashboard();
    for (let counter = 0; counter < 90; counter++) {
      served.bus.publish({ ...healthEvent('uplink', 'down', counter), detail: 'x'.repeat(10_000) });
    }
    using visitor = await visit(served.liveUrl);
    const hello = await visitor.until((message) => message.type === 'hello');
    if (hello.type !== 'hello') throw new Error('unreachable');
    expect(hello.history.at(-1)?.id).toBe('uplink/89');
    expect(hello.history.length + hello.evicted).toBe(90);
    expect(JSON.stringify(hello.history).length).toBeLessThan(400 * 1024);
  });

  it('says goodbye with 1001 when Catnap stops', async () => {
    const served = await serveDashboard();
    using visitor = await visit(served.liveUrl);
    await served[Symbol.asyncDispose]();
    expect(await visitor.closed).toBe(1001);
  });
});

describe('the dashboard’s page', () => {
  let directory: string;
  beforeAll(async () => {
    directory = temporaryFolder();
    await mkdir(join(directory, 'web/assets'), { recursive: true });
    await writeFile(join(directory, 'secret.js'), 'secret');
    await writeFile(join(directory, 'web/index.html'), '<!doctype html><title>Catnap</title>');
    await writeFile(join(directory, 'web/assets/app-1234.js'), 'export {};');
    await writeFile(join(directory, 'web/.env'), 'SECRET=1');
  });

  const served = () => serveDashboard({}, join(directory, 'web'));

  it('is served with its type, a strict policy, and a cache rule that fits', async () => {
    await using dashboard = await served();
    const index = await fetch(`${dashboard.dashboard.url}/`);
    expect(index.status).toBe(200);
    expect(index.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(index.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(index.headers.get('x-content-type-options')).toBe('nosniff');
    expect(index.headers.get('cache-control')).toBe('no-cache');
    const script = await fetch(`${dashboard.dashboard.url}/assets/app-1234.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(await script.text()).toBe('export {};');
    const again = await fetch(`${dashboard.dashboard.url}/`, {
      headers: { 'If-None-Match': index.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it.each([
    '/../secret.js',
    '/..%2fsecret.js',
    '/%2e%2e/secret.js',
    '/assets/../../secret.js',
    '/.env',
    '//etc/passwd',
  ])('serves nothing outside the built page: %s', async (path) => {
    await using dashboard = await served();
    const answer = await rawGet(dashboard.dashboard.port, path);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).not.toContain('secret');
  });

  it('refuses other methods', async () => {
    await using dashboard = await served();
    const answer = await fetch(dashboard.dashboard.url, { method: 'POST', body: 'x' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  it('says how to build the page when it is missing', async () => {
    await using dashboard = await serveDashboard({}, join(directory, 'nowhere'));
    const answer = await fetch(dashboard.dashboard.url);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('npm run build');
  });

  it('asks for the token once, keeps it in a cookie and takes it out of the address', async () => {
    await using dashboard = await serveDashboard({ token: 'correct horse battery' }, join(directory, 'web'));
    const { url } = dashboard.dashboard;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(`${url}/?token=wrong-wrong-wrong`)).status).toBe(401);
    const shown = await fetch(`${url}/?token=correct%20horse%20battery`, { redirect: 'manual' });
    expect(shown.status).toBe(303);
    expect(shown.headers.get('location')).toBe('./');
    const cookie = shown.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly; SameSite=Strict');
    const inside = await fetch(url, { headers: { Cookie: cookie.split(';')[0] ?? '' } });
    expect(inside.status).toBe(200);
    using visitor = await visit(dashboard.liveUrl, { Authorization: 'Bearer correct horse battery' });
    expect(visitor.messages[0]?.type).toBe('hello');
  });
});

describe('who may see the dashboard', () => {
  const token = 'correct horse battery';

  it('is told when the token was another, after a second, on a page that looks like the house', async () => {
    await using served = await serveDashboard({ token });
    const { url } = served.dashboard;
    const first = await (await fetch(url)).text();
    expect(first).toContain('dashboard.token');
    expect(first).not.toContain('role="alert"');
    const beganMs = performance.now();
    const guess = await fetch(`${url}/?token=wrong-wrong-wrong`);
    expect(performance.now() - beganMs).toBeGreaterThan(900);
    expect(guess.status).toBe(401);
    expect(await guess.text()).toContain('<p role="alert">That is not the token.</p>');
    const style = await fetch(`${url}/token.css`);
    expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
  });

  it('is looked at one token after the other, on the socket too, and is told to wait when it is too many', async () => {
    await using served = await serveDashboard({ token });
    const guess = async () => (await fetch(`${served.dashboard.url}/?token=wrong-wrong-wrong`)).status;
    const statuses = await Promise.all([
      ...Array.from({ length: 12 }, guess),
      refusedStatus(served.liveUrl, { Authorization: 'Bearer wrong' }),
    ]);
    expect(statuses.filter((status) => status === 401)).toHaveLength(6);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  it('hears kept clips, whole or in part, and only with the token', async () => {
    const clipOf = async (file: string) => (file === 'one.wav' ? Buffer.from('0123456789') : null);
    await using served = await serveDashboard({ token }, undefined, { clipOf });
    const ask = async (file: string, range?: string) => {
      const headers = { Authorization: `Bearer ${token}`, ...(range === undefined ? {} : { Range: range }) };
      const answer = await fetch(`${served.dashboard.url}/clips/${file}`, { headers });
      return [answer.status, await answer.text(), answer.headers.get('content-range')];
    };
    expect(await ask('one.wav')).toEqual([200, '0123456789', null]);
    expect(await ask('one.wav', 'bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await ask('one.wav', 'bytes=7-')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await ask('one.wav', 'bytes=-2')).toEqual([206, '89', 'bytes 8-9/10']);
    expect(await ask('one.wav', 'bytes=0-99')).toEqual([206, '0123456789', 'bytes 0-9/10']);
    expect(await ask('one.wav', 'bytes=10-')).toEqual([416, 'There is no such part.', 'bytes */10']);
    expect((await ask('two.wav'))[0]).toBe(404);
    expect((await fetch(`${served.dashboard.url}/clips/one.wav`)).status).toBe(401);
  });

  it('is this machine by its own names, and nobody by a foreign one, with the setting that lets it in', async () => {
    await using served = await serveDashboard({ host: '0.0.0.0', token });
    const { port } = served.dashboard;
    const ask = (host: string) => rawGet(port, '/metrics', host, `Authorization: Bearer ${token}\r\n`);
    for (const name of [hostname(), `${hostname()}.local`, `${hostname().toUpperCase()}.LOCAL`]) {
      expect(await ask(`${name}:${port}`)).toMatch(/^HTTP\/1\.1 200 /);
    }
    const foreign = await ask('elsewhere.example');
    expect(foreign).toMatch(/^HTTP\/1\.1 403 /);
    expect(foreign).toContain('dashboard.allowedHosts');
    expect(foreign.split('\r\n\r\n')[1]).not.toContain('elsewhere');
  });

  it('finds page, files and token also where a proxy takes a path off', async () => {
    await using served = await serveDashboard({ token });
    const headers = { Authorization: `Bearer ${token}` };
    const page = await (await fetch(served.dashboard.url, { headers })).text();
    const names = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) expect(name).toMatch(/^\.\//);
    const shown = await fetch(`${served.dashboard.url}/?token=${encodeURIComponent(token)}`, {
      redirect: 'manual',
    });
    expect(shown.headers.get('location')).toBe('./');
    expect(shown.headers.get('set-cookie')).not.toContain('Path');
  });
});

describe('the dashboard’s figures for machines', () => {
  it('reports health without a token, and 503 once every source is down', async () => {
    await using served = await serveDashboard({ token: 'correct horse battery' });
    const ask = async () => {
      const answer = await fetch(`${served.dashboard.url}/healthz`);
      return { code: answer.status, ...((await answer.json()) as object) };
    };
    expect(await ask()).toEqual({ code: 200, status: 'ok', components: {} });
    served.bus.telemetry(levelReading('mic', 1));
    served.bus.telemetry(levelReading('pump', 1));
    served.bus.publish(healthEvent('uplink', 'down'));
    expect(await ask()).toMatchObject({ code: 200, status: 'degraded' });
    served.bus.publish(healthEvent('mic/source', 'down'));
    expect(await ask()).toMatchObject({ code: 200, status: 'degraded' });
    served.bus.publish(healthEvent('pump/tiny', 'down'));
    expect(await ask()).toMatchObject({ code: 503, status: 'down' });
    served.bus.publish(healthEvent('mic/source', 'ok', 2));
    expect(await ask()).toMatchObject({ code: 200, status: 'degraded' });
  });

  it('is not ready while a source has not been opened, and says which in place of figures', async () => {
    let left: readonly string[] = ['pump'];
    await using served = await serveDashboard({}, undefined, { starting: () => left });
    const ask = async (path: string) => {
      const answer = await fetch(`${served.dashboard.url}${path}`);
      return { code: answer.status, text: await answer.text() };
    };
    expect(await ask('/healthz')).toEqual({ code: 503, text: '{"status":"starting","components":{}}' });
    expect(await ask('/metrics')).toEqual({ code: 503, text: 'Still starting: pump' });
    left = [];
    expect(await ask('/healthz')).toEqual({ code: 200, text: '{"status":"ok","components":{}}' });
    expect((await ask('/metrics')).code).toBe(200);
  });

  it('gives Prometheus the same counts the page shows', async () => {
    await using served = await serveDashboard();
    served.bus.publish(gapEvent('mic "1"', 1));
    served.bus.publish(healthEvent('uplink', 'degraded'));
    for (let asked = 0; asked < 2; asked++) {
      const text = await (await fetch(`${served.dashboard.url}/metrics`)).text();
      expect(text).toContain('catnap_events_total{source="mic \\"1\\"",type="gap"} 1\n');
      expect(text).toContain('catnap_component_health{component="uplink"} 1\n');
    }
  });
});

describe('the uplink’s figures for machines', () => {
  it('are what its outbox, its budget, its upstreams and its way out have counted', async () => {
    const refused = escalation();
    const emulator = await Emulator.start(systemTimer, {
      thinkMs: 0,
      wordMs: 0,
      behave: ({ key }) =>
        key === refused.key ? { kind: 'reject', status: 400, retryAfterMs: null } : { kind: 'answer' },
    });
    const published = new Published();
    const uplink = await uplinkTo(emulator.url, published, {
      budget: [{ what: 'calls', per: 'day', limit: 10 }],
    });
    await using served = await serveDashboard({}, undefined, { uplink: () => uplink.stats() });
    const scrape = async () => (await fetch(`${served.dashboard.url}/metrics`)).text();
    expect(await scrape()).toContain('catnap_outbox_offered_total 0\n');
    using visitor = await visit(served.liveUrl);
    const [limit, unused] = [{ what: 'calls', per: 'day', limit: 10 }, { spent: 0 }];
    expect(await visitor.until(({ type }) => type === 'hello')).toMatchObject({
      budget: [{ ...limit, ...unused }],
    });
    for (const offered of [refused, escalation(), escalation()]) await uplink.offer(offered);
    await published.until((all) => all.of('verdict').length === 2 && all.of('undelivered').length === 1);
    const isTold = ({ spent }: { readonly spent: number }) => spent > 0;
    const told = await visitor.until((message) => message.type === 'budget' && message.budget.some(isTold));
    expect(told).toMatchObject({ budget: [limit] });
    const { bytesOut } = uplink.stats();
    expect((await scrape()).split('\n')).toEqual(
      expect.arrayContaining([
        'catnap_outbox_waiting 0',
        'catnap_outbox_waiting_bytes 0',
        'catnap_outbox_offered_total 3',
        'catnap_outbox_left_total{outcome="delivered"} 2',
        'catnap_outbox_left_total{outcome="dead"} 1',
        'catnap_outbox_left_total{outcome="expired"} 0',
        `catnap_sent_bytes_total{what="upload"} ${bytesOut.upload}`,
        'catnap_uplink_failures_total{provider="cloud"} 0',
        'catnap_budget_spent{what="calls",per="day"} 2',
        'catnap_budget_limit{what="calls",per="day"} 10',
      ]),
    );
    expect(bytesOut.upload).toBeGreaterThan(0);
    await emulator.close();
    await uplink.offer(escalation());
    await expect.poll(() => uplink.stats().upstreams.cloud?.failures).toBeGreaterThan(0);
    const text = await scrape();
    expect(text).toContain('catnap_outbox_waiting 1\n');
    expect(text).toMatch(/catnap_uplink_failures_total\{provider="cloud"\} [1-9]/);
    await uplink.close(0);
  });
});

describe('what of a budget is used', () => {
  it('is told to who comes after it was told to others, also where it is again as it was then', async () => {
    const limit = { what: 'calls', per: 'day', limit: 10 };
    const uplink = await uplinkTo('ws://127.0.0.1:9', new Published(), { budget: [limit] });
    let spent = 0;
    const stats = () => ({
      ...uplink.stats(),
      budget: uplink.stats().budget.map((use) => ({ ...use, spent })),
    });
    await using served = await serveDashboard({}, undefined, { uplink: stats });
    const told = async (visitor: TestVisitor, used: number) =>
      visitor.until(
        ({ type, ...message }) => type === 'budget' && JSON.stringify(message).includes(`:${used}}`),
      );
    {
      using earlier = await visit(served.liveUrl);
      await told(earlier, 0);
    }
    spent = 3;
    using later = await visit(served.liveUrl);
    expect(await later.until(({ type }) => type === 'hello')).toMatchObject({ budget: [{ spent: 3 }] });
    spent = 0;
    expect(await told(later, 0)).toMatchObject({ budget: [{ spent: 0 }] });
    await uplink.close(0);
  });
});

describe('starting the dashboard', () => {
  it('names the port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const start = startDashboard({
      ...systemTime,
      config: dashboardConfigSchema.parse({ port }),
      bus: createEventBus({ historyEvents: 1 }),
      ...NOBODY,
      run: 'r',
      version: '0',
    });
    await expect(start).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`${port}`),
    });
    other.close();
  });

  it('wants a token before other machines may connect', () => {
    const open = dashboardConfigSchema.safeParse({ host: '0.0.0.0' });
    expect(open.error?.issues[0]?.path).toEqual(['token']);
    expect(dashboardConfigSchema.safeParse({ host: '0.0.0.0', token: 'correct horse battery' }).success).toBe(
      true,
    );
  });
});

async function rawGet(port: number, path: string, host = `127.0.0.1:${port}`, more = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`);
  });
}
