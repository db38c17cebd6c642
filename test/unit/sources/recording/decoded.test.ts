import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../../src/sources/recording/decoded.js';

/** Pieces as a file gives them: views of one buffer that each next one overwrites. */
async function* pieces(bytes: readonly number[], readBytes: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(readBytes);
  for (let at = 0; at < bytes.length; at += readBytes) {
    const piece = bytes.slice(at, at + readBytes);
    buffer.fill(0xee);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

const stream = fc.record({
  bytes: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 200 }),
  readBytes: fc.integer({ min: 1, max: 100 }),
  length: fc.integer({ min: 0, max: 100 }),
});

describe('a byte stream, however it is cut', () => {
  it('keeps in front what was looked at, for whoever takes or reads on', async () => {
    await fc.assert(
      fc.asyncProperty(stream, async ({ bytes, readBytes, length }) => {
        const reader = new ByteReader(pieces(bytes, readBytes));
        expect([...(await reader.peek(length))]).toEqual(bytes.slice(0, length));
        expect([...(await reader.take(length))]).toEqual(bytes.slice(0, length));
        await reader.peek(length);
        const left: number[] = [];
        for await (const piece of reader) left.push(...piece);
        expect(left).toEqual(bytes.slice(length));
      }),
    );
  });

  it('skips what nobody wants and says how much there was of it', async () => {
    await fc.assert(
      fc.asyncProperty(stream, async ({ bytes, readBytes, length }) => {
        const reader = new ByteReader(pieces(bytes, readBytes));
        expect(await reader.skip(length)).toBe(Math.min(length, bytes.length));
        expect([...(await reader.take(bytes.length))]).toEqual(bytes.slice(length));
      }),
    );
  });
});
