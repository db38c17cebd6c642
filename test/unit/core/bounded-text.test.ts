import { describe, expect, it } from 'vitest';
import { boundedText } from '../../../src/core/bounded-text.js';

describe('text that comes in pieces', () => {
  it('is one, wherever it was cut', async () => {
    const bytes = new TextEncoder().encode('{"said":"grüß Gott"}');
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await boundedText(pieces, bytes.length)).toBe('{"said":"grüß Gott"}');
  });

  it('is not read on where it is too long', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield new Uint8Array(10);
      }
    }
    expect(await boundedText(endless(), 25)).toBeNull();
    expect(read).toBe(3);
  });
});
