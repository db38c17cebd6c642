import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWayOut } from '../../../../src/egress/way-out.js';
import { encodeName, TYPE } from '../../../../src/home/mdns/message.js';
import { MdnsResponder } from '../../../../src/home/mdns/responder.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { freePort } from '../../../support/broker.js';

const GROUP = '224.0.0.251';
const LOOPBACK = '127.0.0.1';
const SERVICE = '_wyoming._tcp.local';

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

async function announced(name = 'Küche no. 1', host = 'catnap-kitchen') {
  const port = await freePort();
  const ears = await neighbour(port);
  ears.socket.addMembership(GROUP, LOOPBACK);
  const told: (string | null)[] = [];
  const wayOut = createWayOut(false);
  const responder = new MdnsResponder(
    { service: '_wyoming._tcp', name, host, port: 10_400 },
    {
      ...systemTime,
      wayOut,
      port,
      addresses: () => [LOOPBACK],
      onLook: (_, failure) => told.push(failure?.message ?? null),
    },
  );
  responder.open();
  await expect.poll(() => told).toEqual([null]);
  return { port, ears, responder, wayOut };
}

const said = ({ bytes }: Heard): string => bytes.toString('latin1');

describe('the announcement of a service by multicast DNS', () => {
  it('tells all of its name, its port and its address, and takes it back', async () => {
    const { ears, responder, wayOut } = await announced();
    await expect.poll(() => ears.heard.length).toBeGreaterThan(0);
    const [first] = ears.heard;
    if (first === undefined) throw new Error('expected an announcement');
    // An answer of five records, none of them asked for.
    expect([2, 4, 6].map((at) => first.bytes.readUInt16BE(at))).toEqual([0x8400, 0, 5]);
    for (const part of ['_wyoming', 'catnap-kitchen', Buffer.from('Küche no. 1').toString('latin1')])
      expect(said(first)).toContain(part);
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
    const { port, responder } = await announced();
    const { socket, heard } = await neighbour(0);
    const ask = async (question: Buffer): Promise<Buffer> => {
      const before = heard.length;
      socket.send(question, port, GROUP);
      await expect.poll(() => heard.length).toBe(before + 1);
      return heard.at(-1)?.bytes ?? Buffer.alloc(0);
    };
    const found = await ask(asks('_WYOMING._tcp.local', TYPE.PTR, [], 99));
    expect([0, 2, 4, 6].map((at) => found.readUInt16BE(at))).toEqual([99, 0x8400, 1, 5]);
    const address = await ask(asks('catnap-kitchen.local', TYPE.A));
    expect(address.readUInt16BE(6)).toBe(1);
    expect((await ask(asks('_services._dns-sd._udp.local', TYPE.PTR))).readUInt16BE(6)).toBe(5);
    await responder.close();
  });

  it('answers by IPv6 with the address of IPv6', async () => {
    const port = await freePort();
    const told: (string | null)[] = [];
    const responder = new MdnsResponder(
      { service: '_wyoming._tcp', name: 'Küche', host: 'catnap-kitchen', port: 10_400 },
      {
        ...systemTime,
        wayOut: createWayOut(false),
        port,
        addresses: () => ['::1'],
        onLook: (_, failure) => told.push(failure?.message ?? null),
      },
    );
    responder.open();
    await expect.poll(() => told).toEqual([null]);
    const socket = createSocket('udp6');
    onTestFinished(() => void socket.close());
    const ask = async (question: Buffer): Promise<Buffer> => {
      socket.send(question, port, '::1');
      const [bytes] = await once(socket, 'message');
      return bytes;
    };
    const found = await ask(asks(SERVICE, TYPE.PTR));
    expect(found.readUInt16BE(6)).toBe(5);
    expect(found.subarray(-16)).toEqual(Buffer.from([...Array<number>(15).fill(0), 1]));
    expect((await ask(asks('catnap-kitchen.local', TYPE.AAAA))).readUInt16BE(6)).toBe(1);
    await responder.close();
  });

  it('answers for names that are longer than a label holds as it announces them: cut to whole characters', async () => {
    const { port, responder } = await announced('ü'.repeat(40), `catnap-${'a'.repeat(64)}`);
    const { socket, heard } = await neighbour(0);
    socket.send(asks(`${'ü'.repeat(31)}.${SERVICE}`, TYPE.SRV), port, GROUP);
    await expect.poll(() => heard.length).toBe(1);
    socket.send(asks(`catnap-${'a'.repeat(56)}.local`, TYPE.A), port, GROUP);
    await expect.poll(() => heard.length).toBe(2);
    await responder.close();
  });

  it('does not answer what is known, what is nobody of its, nor what is no question', async () => {
    const { port, responder } = await announced();
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
    await responder.close();
  });
});
