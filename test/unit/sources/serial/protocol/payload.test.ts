import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cobsDecode, cobsEncode } from '../../../../../src/sources/serial/protocol/cobs.js';
import { crc32 } from '../../../../../src/sources/serial/protocol/crc32.js';
import { frameOf } from '../../../../../src/sources/serial/protocol/frame.js';
import type { Packet } from '../../../../../src/sources/serial/protocol/packet.js';
import { readPacket, writePacket } from '../../../../../src/sources/serial/protocol/payload.js';
import { decodeAll } from '../../../../support/bridge.js';
import { root } from '../../../../support/tools.js';

interface PacketVector {
  readonly name: string;
  readonly sequence: number;
  readonly timeUs: number;
  readonly packet: Packet;
  readonly bytes: string;
  readonly frame: string;
}

interface Vectors {
  readonly crc32: readonly { readonly bytes: string; readonly crc: number }[];
  readonly cobs: readonly { readonly name: string; readonly plain: string; readonly stuffed: string }[];
  readonly packets: readonly PacketVector[];
  readonly malformed: readonly { readonly name: string; readonly bytes: string; readonly frame: string }[];
  readonly lines: readonly {
    readonly name: string;
    readonly line: string;
    readonly items: readonly string[];
  }[];
}

/** The same file drives firmware-bridge/test/check.c. */
const vectors = JSON.parse(readFileSync(join(root, 'firmware-bridge/vectors.json'), 'utf8')) as Vectors;
const bytes = (hex: string) => Buffer.from(hex, 'hex');
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

describe('the bridge codec agrees with the vectors of PROTOCOL.md on', () => {
  it.each(vectors.crc32)('the CRC of $bytes', (vector) => {
    expect(crc32(bytes(vector.bytes))).toBe(vector.crc);
    expect(crc32(bytes(vector.bytes))).toBe(zlibCrc32(bytes(vector.bytes)));
  });

  it.each(vectors.cobs)('stuffing $name', ({ plain, stuffed }) => {
    const output = new Uint8Array(600);
    expect(hex(output.subarray(0, cobsEncode(bytes(plain), output)))).toBe(stuffed);
    const input = bytes(stuffed);
    expect(hex(output.subarray(0, cobsDecode(input, 0, input.length, output)))).toBe(plain);
  });

  it.each(vectors.packets)('packet: $name', (vector) => {
    const packet = writePacket(vector.packet, vector.sequence, vector.timeUs);
    expect(hex(packet)).toBe(vector.bytes);
    expect(hex(frameOf(packet))).toBe(vector.frame);
    const [decoded] = decodeAll(bytes(vector.frame));
    if (decoded?.kind !== 'packet') throw new Error('expected a packet');
    expect(decoded).toMatchObject({ sequence: vector.sequence, timeUs: vector.timeUs });
    expect(readPacket(decoded)).toEqual(vector.packet);
  });

  it.each(vectors.malformed)('refusing a sound frame of a malformed packet: $name', (vector) => {
    const [item] = decodeAll(bytes(vector.frame));
    const isRefused =
      item?.kind === 'garbage'
        ? item.reason === 'version'
        : item !== undefined && throwsFormat(() => readPacket(item));
    expect(isRefused).toBe(true);
  });

  it.each(vectors.lines)('a line: $name', ({ line, items }) => {
    const found = decodeAll(bytes(line)).map((item) => (item.kind === 'packet' ? 'packet' : item.reason));
    expect(found).toEqual(items);
  });
});

function throwsFormat(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'SOURCE_FORMAT';
  }
}
