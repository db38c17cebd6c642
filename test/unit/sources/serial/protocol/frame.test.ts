import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameDecoder, frameOf } from '../../../../../src/sources/serial/protocol/frame.js';
import { BoardLink } from '../../../../../src/sources/serial/protocol/link.js';
import type { BoardPacket, Packet } from '../../../../../src/sources/serial/protocol/packet.js';
import { readPacket, writePacket } from '../../../../../src/sources/serial/protocol/payload.js';
import { decodeAll, hello, line, readAll, samples } from '../../../../support/bridge.js';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const text = fc.string({ maxLength: 60, unit: 'grapheme' });
const f32 = fc
  .float({ noNaN: true, noDefaultInfinity: true })
  .map((value) => (Object.is(value, -0) ? 0 : value));
const rawOf = (least: number, most: number) => fc.option(fc.integer({ min: least, max: most }));
const format = fc.constantFrom('i16' as const, 'i32' as const);

const anySamples = fc
  .record({
    session: u32,
    firstRow: u32,
    channels: fc.integer({ min: 1, max: 64 }),
    format,
    rows: fc.integer({ min: 0, max: 12 }),
  })
  .chain(({ rows, ...rest }) => {
    const wide = rest.format === 'i32';
    const raw = wide ? rawOf(-2_147_483_647, 2_147_483_647) : rawOf(-32_767, 32_767);
    const count = rows * rest.channels;
    return fc
      .array(raw, { minLength: count, maxLength: count })
      .map((values): Packet => ({ kind: 'samples', ...rest, values }));
  });

const anyPacket: fc.Arbitrary<Packet> = fc.oneof(
  anySamples,
  fc.record({
    kind: fc.constant('hello' as const),
    session: u32,
    nextRow: u32,
    bootId: u32,
    rateHz: fc.integer({ min: 1, max: 1_000_000 }).map((millihertz) => millihertz / 1000),
    baud: u32,
    rowsPerFrame: u16,
    format,
    gated: fc.boolean(),
    deviceId: text,
    firmware: text,
    channels: fc.array(fc.record({ name: text, unit: text, scale: f32, offset: f32 }), {
      minLength: 1,
      maxLength: 20,
    }),
  }),
  fc.record({
    kind: fc.constant('overrun' as const),
    session: u32,
    firstRow: u32,
    rows: u32,
    reason: fc.constantFrom('buffer' as const, 'budget' as const, 'sampling' as const),
  }),
  fc.record({
    kind: fc.constant('log' as const),
    level: fc.constantFrom('debug' as const, 'error' as const),
    text,
  }),
  fc.record({ kind: fc.constant('ack' as const), ofType: u8, ofSequence: u16 }),
  fc.record({ kind: fc.constant('pong' as const), token: u32, session: u32, nextRow: u32, rowsOverrun: u32 }),
  fc.record({ kind: fc.constant('command' as const), text }),
);

/** A session with everything in it: what damage is done to. */
const session: readonly BoardPacket[] = [
  hello(),
  samples(0, 5),
  { kind: 'overrun', session: 100, firstRow: 5, rows: 2, reason: 'buffer' },
  { kind: 'log', level: 'info', text: 'steady' },
  samples(7, 5),
];

describe('the decoder', () => {
  it('gives back every packet that was written', () => {
    fc.assert(
      fc.property(anyPacket, u16, fc.integer({ min: 0, max: 2 ** 53 - 1 }), (packet, sequence, timeUs) => {
        const written = writePacket(packet, sequence, timeUs);
        const [item, ...more] = decodeAll(frameOf(written));
        expect(more).toEqual([]);
        if (item?.kind !== 'packet') throw new Error('expected a packet');
        expect(item).toMatchObject({ sequence, timeUs });
        expect(readPacket(item)).toEqual(packet);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same items however the bytes were portioned', () => {
    const bytes = Buffer.concat([
      line(...session),
      Buffer.from('garbage\0'),
      Buffer.alloc(5000, 1),
      line(samples(12, 3)),
    ]);
    const whole = decodeAll(bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const decoder = new FrameDecoder();
        const ends = [...cuts, bytes.length].sort((a, b) => a - b);
        let from = 0;
        const items = ends.flatMap((end) => {
          const part = decodeAll(bytes.subarray(from, end), decoder);
          from = end;
          return part;
        });
        expect(items).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('lets no single wrong bit of a session pass: every value given is one that was sent', () => {
    const bytes = line(...session);
    const sent = new Map(valuesOf(readAll(bytes)));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      const link = new BoardLink('board', { hopRows: null });
      const values = valuesOf(readAll(damaged, link));
      for (const [, data] of values) expect([...sent.values()]).toContainEqual(data);
      expect(link.stats.packets, `bit ${bit}`).toBeLessThan(session.length);
    }
  });

  it('row 7: loses one frame, and only that, at every point where it may be cut', () => {
    const middle = line(samples(5, 5));
    for (let cut = 0; cut < middle.length; cut++) {
      const link = new BoardLink('board', { hopRows: null });
      const items = readAll(
        Buffer.concat([
          line(hello(), samples(0, 5)),
          middle.subarray(0, cut),
          Buffer.of(0),
          line({ packet: samples(10, 5), timeUs: 9000 }),
        ]),
        link,
      );
      const lost = cut === middle.length - 1 ? 0 : 5;
      expect(link.stats.rows, `cut at ${cut}`).toBe(15 - lost);
      expect(link.stats.rowsLost, `cut at ${cut}`).toBe(lost);
      expect(valuesOf(items).at(-1)?.[0]).toBe(14);
    }
  });

  it('finds nothing in 10 MB of random bytes, and the next frame after them', () => {
    const link = new BoardLink('board', { hopRows: null });
    let state = 1;
    const chunk = Buffer.alloc(10_000);
    for (let n = 0; n < 1000; n++) {
      for (let i = 0; i < chunk.length; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        chunk[i] = state >>> 24;
      }
      expect(readAll(chunk, link)).toEqual([]);
    }
    expect(link.stats.garbageBytes).toBeGreaterThan(9_900_000);
    expect(
      readAll(Buffer.concat([Buffer.of(0), line(hello(), samples(0, 1))]), link).map((item) => item.kind),
    ).toEqual(['format', 'frame']);
  });

  it('reads any payload of a sound frame or refuses it, and a link never throws for one', () => {
    fc.assert(
      fc.property(u8, fc.uint8Array({ maxLength: 80 }), (type, payload) => {
        const packet = Buffer.concat([Buffer.from([1, type]), Buffer.alloc(10), payload]);
        const link = new BoardLink('board', { hopRows: null });
        const items = readAll(Buffer.concat([line(hello()), frameOf(packet), line(samples(0, 1))]), link);
        expect(items.some((item) => item.kind === 'format')).toBe(true);
        const [item] = decodeAll(frameOf(packet));
        if (item?.kind !== 'packet') throw new Error('expected a packet');
        try {
          readPacket(item);
        } catch (error) {
          expect(error).toMatchObject({ code: 'SOURCE_FORMAT' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function valuesOf(items: ReturnType<typeof readAll>): [number, number[]][] {
  return items.flatMap((item) => (item.kind === 'frame' ? [[item.sample, Array.from(item.data)]] : []));
}
