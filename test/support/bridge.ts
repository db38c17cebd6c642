import type { SourceItem } from '../../src/core/signal/frame.js';
import { FrameDecoder, frameOf, type Garbage } from '../../src/sources/serial/protocol/frame.js';
import { BoardLink } from '../../src/sources/serial/protocol/link.js';
import type { BoardPacket, Hello, PacketView, Samples } from '../../src/sources/serial/protocol/packet.js';
import { writePacket } from '../../src/sources/serial/protocol/payload.js';

/** A board's hello; what a test does not name is a two-channel board at 10 Hz. */
export function hello(changes: Partial<Hello> = {}): Hello {
  return {
    kind: 'hello',
    session: 100,
    nextRow: 0,
    bootId: 1,
    rateHz: 10,
    baud: 115_200,
    rowsPerFrame: 1,
    format: 'i16',
    gated: false,
    deviceId: 'board',
    firmware: 'test',
    channels: [
      { name: 'flow', unit: 'L/min', scale: 0.5, offset: 0 },
      { name: 'level', unit: 'm', scale: 1, offset: -10 },
    ],
    ...changes,
  };
}

/** Two-channel rows from `firstRow` whose first channel is the row's index, in session 100. */
export function samples(firstRow: number, rows: number, changes: Partial<Samples> = {}): Samples {
  const values = Array.from({ length: rows }, (_, i) => [(firstRow + i) % 30_000, 7]).flat();
  return { kind: 'samples', session: 100, firstRow, channels: 2, format: 'i16', values, ...changes };
}

/** The bytes of packets on the line, each with its time; sequence numbers count up. */
export function line(...packets: readonly (BoardPacket | { packet: BoardPacket; timeUs: number })[]): Buffer {
  return Buffer.concat(
    packets.map((entry, sequence) => {
      const { packet, timeUs } = 'packet' in entry ? entry : { packet: entry, timeUs: sequence * 1000 };
      return frameOf(writePacket(packet, sequence, timeUs));
    }),
  );
}

/** The frame of a packet whose version byte says 0. */
export function olderVersion(packet: BoardPacket): Uint8Array {
  const bytes = writePacket(packet, 0, 0);
  bytes[0] = 0;
  return frameOf(bytes);
}

/** Everything a link makes of some bytes, with hops copied. */
export function readAll(bytes: Uint8Array, link = new BoardLink('board', { hopRows: null })): SourceItem[] {
  const items: SourceItem[] = [];
  for (const item of link.read(bytes))
    items.push(item.kind === 'frame' ? { ...item, data: item.data.slice() } : item);
  return items;
}

/** Everything a decoder makes of some bytes, copied. */
export function decodeAll(bytes: Uint8Array, decoder = new FrameDecoder()): (PacketView | Garbage)[] {
  const items: (PacketView | Garbage)[] = [];
  decoder.feed(bytes);
  for (let item = decoder.next(); item !== null; item = decoder.next())
    items.push(item.kind === 'packet' ? { ...item, bytes: item.bytes.slice(0, item.end) } : { ...item });
  return items;
}
