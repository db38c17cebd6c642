import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWayOut } from '../../../../src/egress/way-out.js';
import { decodeMessage, encodeAnswers, encodeName, TYPE } from '../../../../src/home/mdns/message.js';
import { recordsOf } from '../../../../src/home/mdns/records.js';
import { MdnsResponder } from '../../../../src/home/mdns/responder.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { freePort } from '../../../support/broker.js';

const GROUP = '224.0.0.251';
const LOOPBACK = '127.0.0.1';
const SERVICE = '_wyoming._tcp.local';
/** Questions whether anybody has the names, before it is announced. */
const PROBES = 3;
const FOUND = { timeout: 8000 };

interface Heard {
  readonly from: number;
  readonly bytes: Buffer;
}

/** A neighbour on loopback: one that hears what is said to all, or one that asks by plain DNS. */
async function neighbour(port: number): Promise<{ socket: Socket; heard: Heard[] }> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const heard: Heard[] = [];
  socket.on('message', (bytes, { port: from }) => heard.push({ from, bytes }));
  socket.bind(port);
  await once(socket, 'listening');
  socket.setMulticastInterface(LOOPBACK);
  onTestFinished(() => void socket.close());
  return { socket, heard };
}

/** As asked by who looks for services; `known`: the pointers that it has. */
function asks(name: string, type: number, known: readonly string[] = [], id = 7): Buffer {
  const header = Buffer.alloc(12);
  for (const [i, value] of [id, 0, 1, known.length].entries()) header.writeUInt16BE(value, 2 * i);
  const question = Buffer.concat([encodeName(name), Buffer.of(0, type, 0, 1)]);
  const answers = known.map((to) => {
    const data = encodeName(to);
    return Buffer.concat([
      encodeName(SERVICE),
      Buffer.of(0, TYPE.PTR, 0, 1, 0, 0, 0x11, 0x94, 0, data.length),
      data,
    ]);
  });
  return Buffer.concat([header, question, ...answers]);
}

interface Device {
  readonly name?: string;
  readonly host?: string;
  /** Of its service. */
  readonly port?: number;
  readonly addresses?: readonly string[];
}

/** A device that announces its service; `found`: each time it is found, or what keeps it from that. */
function device(mdnsPort: number, { addresses = [LOOPBACK], ...its }: Device = {}) {
  const found: string[] = [];
  const wayOut = createWayOut(false);
  const responder = new MdnsResponder(
    { service: '_wyoming._tcp', name: 'Küche no. 1', host: 'catnap-kitchen', port: 10_400, ...its },
    {
      ...systemTime,
      wayOut,
      port: mdnsPort,
      addresses: () => addresses,
      ownAddresses: () => addresses,
      onFound: (address, name) => found.push(`${address} ${name}`),
      onFailure: (address, failure) => found.push(`${address} ${failure.message}`),
    },
  );
  responder.open();
  onTestFinished(() => responder.close());
  return { responder, wayOut, found };
}

async function announced(its: Device = {}) {
  const port = await freePort();
  const ears = await neighbour(port);
  ears.socket.addMembership(GROUP, LOOPBACK);
  const { found, ...rest } = device(port, its);
  await expect.poll(() => found, FOUND).toHaveLength(1);
  return { port, ears, found, ...rest };
}

/** Names of the services in answers. */
function namesIn(heard: readonly Heard[]): string[] {
  return heard.flatMap(({ bytes }) => {
    const said = decodeMessage(bytes)?.said ?? [];
    return said.filter(({ type }) => type === TYPE.SRV).map(({ name }) => name);
  });
}

describe('the announcement of a service by multicast DNS', () => {
  it('tells all of its name, its port and its address, and takes it back', async () => {
    const { ears, responder, wayOut } = await announced();
    await expect.poll(() => ears.heard.length).toBe(PROBES + 1);
    const first = ears.heard.at(-1);
    if (first === undefined) throw new Error('expected an announcement');
    // An answer of five records, none of them asked for.
    expect([2, 4, 6].map((at) => first.bytes.readUInt16BE(at))).toEqual([0x8400, 0, 5]);
    for (const part of ['_wyoming', 'catnap-kitchen', Buffer.from('Küche no. 1').toString('latin1')])
      expect(first.bytes.toString('latin1')).toContain(part);
    expect(first.bytes.includes(Buffer.of(0, 0, 0, 0, 10_400 >> 8, 10_400 & 0xff))).toBe(true);
    expect(first.bytes.subarray(-4)).toEqual(Buffer.of(127, 0, 0, 1));
    const before = ears.heard.length;
    await responder.close();
    await expect.poll(() => ears.heard.length).toBeGreaterThan(before);
    const goodbye = ears.heard.at(-1)?.bytes;
    const name = encodeName(SERVICE);
    expect(goodbye?.subarray(12, 12 + name.length + 8)).toEqual(
      Buffer.concat([name, Buffer.of(0, TYPE.PTR, 0, 1, 0, 0, 0, 0)]),
    );
    expect(wayOut.bytesOut.home).toBeGreaterThan(300);
  });

  it('answers who looks for it, and who asks alone with the question', async () => {
    const { port } = await announced();
    const { socket, heard } = await neighbour(0);
    const ask = async (question: Buffer): Promise<Buffer> => {
      const before = heard.length;
      socket.send(question, port, GROUP);
      await expect.poll(() => heard.length).toBe(before + 1);
      return heard.at(-1)?.bytes ?? Buffer.alloc(0);
    };
    const answer = await ask(asks('_WYOMING._tcp.local', TYPE.PTR, [], 99));
    expect([0, 2, 4, 6].map((at) => answer.readUInt16BE(at))).toEqual([99, 0x8400, 1, 5]);
    const address = await ask(asks('catnap-kitchen.local', TYPE.A));
    expect(address.readUInt16BE(6)).toBe(1);
    expect((await ask(asks('_services._dns-sd._udp.local', TYPE.PTR))).readUInt16BE(6)).toBe(5);
  });

  it('answers by IPv6 with the address of IPv6', async () => {
    const port = await freePort();
    const { found } = device(port, { name: 'Küche', addresses: ['::1'] });
    await expect.poll(() => found, FOUND).toEqual(['::1 Küche']);
    const socket = createSocket('udp6');
    onTestFinished(() => void socket.close());
    const ask = async (question: Buffer): Promise<Buffer> => {
      socket.send(question, port, '::1');
      const [bytes] = await once(socket, 'message');
      return bytes;
    };
    const answer = await ask(asks(SERVICE, TYPE.PTR));
    expect(answer.readUInt16BE(6)).toBe(5);
    expect(answer.subarray(-16)).toEqual(Buffer.from([...Array<number>(15).fill(0), 1]));
    expect((await ask(asks('catnap-kitchen.local', TYPE.AAAA))).readUInt16BE(6)).toBe(1);
  });

  it('answers for names that are longer than a label holds as it announces them: cut to whole characters', async () => {
    const { port } = await announced({ name: 'ü'.repeat(40), host: `catnap-${'a'.repeat(64)}` });
    const { socket, heard } = await neighbour(0);
    socket.send(asks(`${'ü'.repeat(31)}.${SERVICE}`, TYPE.SRV), port, GROUP);
    await expect.poll(() => heard.length).toBe(1);
    socket.send(asks(`catnap-${'a'.repeat(56)}.local`, TYPE.A), port, GROUP);
    await expect.poll(() => heard.length).toBe(2);
  });

  it('does not answer what is known, what is nobody of its, nor what is no question', async () => {
    const { port } = await announced();
    const { socket, heard } = await neighbour(0);
    const silent = [
      asks(SERVICE, TYPE.PTR, ['küche no\\. 1._wyoming._tcp.local']),
      asks('_http._tcp.local', TYPE.PTR),
      asks(SERVICE, TYPE.A),
      Buffer.alloc(3),
      asks(SERVICE, TYPE.PTR).subarray(0, 20),
      // A pointer that leads to itself.
      Buffer.concat([asks(SERVICE, TYPE.PTR).subarray(0, 12), Buffer.of(0xc0, 12, 0, TYPE.PTR, 0, 1)]),
    ];
    for (const question of silent) socket.send(question, port, GROUP);
    socket.send(asks('catnap-kitchen.local', TYPE.A, [], 1234), port, GROUP);
    await expect.poll(() => heard.length).toBe(1);
    expect(heard[0]?.bytes.readUInt16BE(0)).toBe(1234);
  });
});

describe('devices of one name', () => {
  const names = { name: 'kitchen', host: 'catnap-kitchen' };

  it('asks three times whether anybody has its names before it tells of them', async () => {
    const { ears, found } = await announced(names);
    expect(found).toEqual([`${LOOPBACK} kitchen`]);
    await expect.poll(() => ears.heard.length, FOUND).toBe(PROBES + 2);
    const messages = ears.heard.map(({ bytes }) => decodeMessage(bytes));
    expect(messages.map((each) => each?.isAnswer)).toEqual([false, false, false, true, true]);
    expect(messages[0]?.questions.map(({ name, type }) => [name, type])).toEqual([
      [`kitchen.${SERVICE}`, TYPE.ANY],
      ['catnap-kitchen.local', TYPE.ANY],
    ]);
    expect(messages[0]?.proposed.map(({ type }) => type)).toEqual([TYPE.SRV, TYPE.TXT, TYPE.A]);
  });

  it('finds the second under a number, and the first as before', async () => {
    const { port, found } = await announced(names);
    const second = device(port, { ...names, addresses: ['127.0.0.2'] });
    await expect.poll(() => second.found, FOUND).toEqual(['127.0.0.2 kitchen (2)']);
    const third = device(port, { ...names, addresses: ['127.0.0.3'] });
    await expect.poll(() => third.found, FOUND).toEqual(['127.0.0.3 kitchen (3)']);
    expect(found).toEqual([`${LOOPBACK} kitchen`]);
    const { socket, heard } = await neighbour(0);
    socket.send(asks(SERVICE, TYPE.PTR), port, GROUP);
    await expect.poll(() => heard.length).toBe(3);
    expect(namesIn(heard).sort()).toEqual(
      ['kitchen (2)', 'kitchen (3)', 'kitchen'].map((name) => `${name}.${SERVICE}`),
    );
    socket.send(asks('catnap-kitchen-2.local', TYPE.A), port, GROUP);
    await expect.poll(() => heard.length).toBe(4);
    expect(heard.at(-1)?.bytes.subarray(-4)).toEqual(Buffer.of(127, 0, 0, 2));
  });

  it('gives the name to one of two that start at once, and a number to the other', async () => {
    const port = await freePort();
    const both = ['127.0.0.1', '127.0.0.2'].map((address) =>
      device(port, { ...names, addresses: [address] }),
    );
    await expect.poll(() => both.flatMap(({ found }) => found).length, FOUND).toBe(2);
    expect(both.flatMap(({ found }) => found.map((each) => each.slice(10))).sort()).toEqual([
      'kitchen',
      'kitchen (2)',
    ]);
  });

  it('finds two services of one machine, too', async () => {
    const { port } = await announced(names);
    const second = device(port, { ...names, port: 10_401 });
    await expect.poll(() => second.found, FOUND).toEqual([`${LOOPBACK} kitchen (2)`]);
  });

  it('does not take itself at another of its addresses for another', async () => {
    const port = await freePort();
    const { found } = device(port, { ...names, addresses: ['127.0.0.1', '127.0.0.2'] });
    await expect.poll(() => found.length, FOUND).toBe(2);
    expect(found.sort()).toEqual(['127.0.0.1 kitchen', '127.0.0.2 kitchen']);
  });

  it('asks again when another tells of its name, and keeps it if nobody says so then', async () => {
    const { port, ears, found } = await announced(names);
    const stranger = await neighbour(port);
    const theirs = recordsOf({ service: '_wyoming._tcp', ...names, port: 9 }, ['127.0.0.9']);
    stranger.socket.send(encodeAnswers(theirs), port, GROUP);
    const probes = (): number =>
      ears.heard.filter(({ bytes }) => decodeMessage(bytes)?.isAnswer === false).length;
    await expect.poll(probes, FOUND).toBe(2 * PROBES);
    await expect.poll(() => found, FOUND).toEqual([`${LOOPBACK} kitchen`, `${LOOPBACK} kitchen`]);
  });
});
