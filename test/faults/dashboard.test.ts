import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { refusedStatus, serveDashboard, visit } from '../support/dashboard.js';
import { gapEvent, healthEvent, levelReading } from '../support/events.js';

describe('row 29: a dashboard visitor that stops reading', () => {
  it('is skipped, then closed with 1013, while the others see everything', async () => {
    await using served = await serveDashboard();
    using slow = await visit(served.liveUrl);
    using good = await visit(served.liveUrl);
    slow.socket.pause();
    const bulky = { ...levelReading('mic', 1), values: new Array<number>(20_000).fill(0.123456) };
    const readings = 400;
    for (let counter = 0; counter < readings; counter++) {
      served.bus.telemetry(bulky);
      await new Promise((resolve) => setImmediate(resolve));
    }
    served.bus.publish(gapEvent('mic', 1));
    await good.until((message) => message.type === 'event');
    expect(good.messages.filter((message) => message.type === 'telemetry')).toHaveLength(readings);
    slow.socket.resume();
    expect(await slow.closed).toBe(1013);
    const received = slow.messages.filter((message) => message.type === 'telemetry').length;
    expect(received).toBeGreaterThan(0);
    expect(received).toBeLessThan(readings);
  });
});

describe('row 30: a dashboard visitor that sends nonsense', () => {
  const nonsense: readonly [string, (socket: WebSocket) => void, number][] = [
    ['text that is not JSON', (socket) => socket.send('{"type":'), 1008],
    ['JSON of no known message', (socket) => socket.send('{"type":"watch","telemetry":"yes"}'), 1008],
    ['a binary message', (socket) => socket.send(Buffer.from([0, 1, 2, 3])), 1008],
    ['an oversize message', (socket) => socket.send('x'.repeat(256 * 1024)), 1009],
  ];

  it.each(nonsense)('is closed for %s; the others are unharmed', async (_what, send, code) => {
    await using served = await serveDashboard();
    using bad = await visit(served.liveUrl);
    using good = await visit(served.liveUrl);
    send(bad.socket);
    expect(await bad.closed).toBe(code);
    served.bus.publish(healthEvent('uplink', 'ok'));
    await good.until((message) => message.type === 'event');
    expect(good.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('is cut off for bytes that are no WebSocket frame at all; the others are unharmed', async () => {
    await using served = await serveDashboard();
    using good = await visit(served.liveUrl);
    const raw = connect(served.dashboard.port, '127.0.0.1');
    raw.on('error', () => {});
    raw.write(
      `GET /live HTTP/1.1\r\nHost: 127.0.0.1:${served.dashboard.port}\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await once(raw, 'data');
    raw.write(Buffer.alloc(256, 0xff));
    raw.resume();
    await once(raw, 'close');
    served.bus.publish(healthEvent('uplink', 'ok'));
    expect(await good.until((message) => message.type === 'event')).toMatchObject({
      event: { type: 'health', component: 'uplink' },
    });
  });

  it('costs nobody else anything when its connection is cut in the middle of the greeting', async () => {
    await using served = await serveDashboard();
    for (let counter = 0; counter < 90; counter++) served.bus.publish(gapEvent('mic', counter));
    for (let attempt = 0; attempt < 20; attempt++) {
      const socket = new WebSocket(served.liveUrl);
      socket.on('error', () => {});
      await once(socket, 'open');
      socket.terminate();
    }
    using good = await visit(served.liveUrl);
    served.bus.publish(healthEvent('uplink', 'ok'));
    expect(await good.until((message) => message.type === 'event')).toMatchObject({
      event: { type: 'health', component: 'uplink' },
    });
  });
});

describe('row 31: a visitor from where it should not be', () => {
  const token = 'correct horse battery staple';

  it.each([
    ['another site’s Origin', { Origin: 'https://evil.example' }, 403],
    ['a null Origin', { Origin: 'null' }, 403],
    ['a rebound Host', { Host: 'evil.example:8420' }, 403],
    ['a Host that hides in another', { Host: 'evil.example@127.0.0.1' }, 403],
    ['no token', {}, 401],
    ['a wrong token', { Authorization: 'Bearer wrong' }, 401],
    ['a wrong cookie', { Cookie: 'catnap_token=wrong; catnap_token=%E0%A4%A' }, 401],
  ])('is refused before the upgrade: %s', async (_what, headers: Record<string, string>, status) => {
    await using served = await serveDashboard({ token });
    expect(await refusedStatus(served.liveUrl, headers)).toBe(status);
  });

  it('is refused the page as well as the socket', async () => {
    await using served = await serveDashboard();
    const answer = await fetch(`${served.dashboard.url}/`, { headers: { Origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
  });

  it('passes with its own Origin and the token', async () => {
    await using served = await serveDashboard({ token });
    using visitor = await visit(served.liveUrl, {
      Origin: served.dashboard.url,
      Authorization: `Bearer ${token}`,
    });
    expect(visitor.messages[0]?.type).toBe('hello');
  });

  it('is refused with 503 when the house is full, and let in once somebody leaves', async () => {
    await using served = await serveDashboard({ maxClients: 1 });
    const first = await visit(served.liveUrl);
    expect(await refusedStatus(served.liveUrl)).toBe(503);
    first.socket.close();
    await first.closed;
    using second = await visit(served.liveUrl);
    expect(second.messages[0]?.type).toBe('hello');
  });
});

describe('a scanner that never ends its requests', () => {
  it('keeps nobody out, however many connections it holds', async () => {
    await using served = await serveDashboard({ maxClients: 2 });
    const { port, url } = served.dashboard;
    using before = await visit(served.liveUrl);
    const sockets = Array.from({ length: 300 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Slow: `);
    }
    await expect.poll(() => sockets.filter(({ destroyed }) => destroyed).length).toBeGreaterThan(270);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    using good = await visit(served.liveUrl);
    served.bus.publish(healthEvent('uplink', 'ok'));
    for (const visitor of [before, good]) await visitor.until((message) => message.type === 'event');
    for (const socket of sockets) socket.destroy();
  });
});
