import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createGatekeeper } from '../../../src/dashboard/access.js';
import { createDoorman } from '../../../src/dashboard/doorman.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';

const TOKEN = 'the-right-token-16';
const config = { host: '127.0.0.1', token: TOKEN, allowedHosts: [] };

function request(address: string, token: string | null): IncomingMessage {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  return {
    headers: authorization,
    socket: { remoteAddress: address },
    url: '/',
  } as unknown as IncomingMessage;
}

function door() {
  const time = new VirtualTime();
  const doorman = createDoorman(createGatekeeper(config), time);
  const asked: { atMs: number; status: number }[] = [];
  const ask = (address: string, token: string | null): void => {
    void doorman.check(request(address, token)).then((access) => {
      asked.push({ atMs: time.clock.monotonicMs(), status: access.allowed ? 200 : access.status });
    });
  };
  return { time, ask, asked, of: (status: number) => asked.filter((each) => each.status === status) };
}

describe('who shows a wrong token', () => {
  it('is looked at once a second, however many are shown at once', async () => {
    const { time, ask, of } = door();
    for (let guess = 0; guess < 100; guess++) ask('10.0.0.1', `wrong-${guess}`);
    await time.advance(0);
    expect(of(429), 'sent away at once').toHaveLength(94);
    await time.advance(60_000);
    expect(of(401).map(({ atMs }) => atMs)).toEqual([1000, 2000, 3000, 4000, 5000, 6000]);
  });

  it('cannot tell a right one among many before its turn', async () => {
    const { time, ask, asked, of } = door();
    ask('10.0.0.1', 'wrong');
    ask('10.0.0.1', 'wrong');
    ask('10.0.0.1', TOKEN);
    await time.advance(1999);
    expect(of(200)).toEqual([]);
    await time.advance(1);
    expect(of(200)).toHaveLength(1);
    expect(asked).toHaveLength(3);
  });

  it('is slow from many addresses, too, and keeps nobody out who has shown the right one', async () => {
    const { time, ask, of } = door();
    ask('10.0.0.9', TOKEN);
    await time.advance(0);
    for (let guess = 0; guess < 2000; guess++) ask(`10.1.${guess >> 8}.${guess & 255}`, 'wrong');
    ask('10.0.0.9', TOKEN);
    await time.advance(0);
    expect(of(200)).toHaveLength(2);
    await time.advance(60_000);
    expect(of(401).length).toBeLessThan(60);
  });

  it('is no guess without a token', async () => {
    const { time, ask, of } = door();
    for (let visit = 0; visit < 100; visit++) ask('10.0.0.1', null);
    await time.advance(0);
    expect(of(401)).toHaveLength(100);
  });
});
