import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The pieces of words that Moonshine writes in: a line a token, a space as `▁`, odd bytes as `<0x0A>`. */
const VOCABULARY = fileURLToPath(new URL('../../../../models/moonshine/vocabulary.txt', import.meta.url));
const SPACE = '▁';
const BYTE = /^<0x([0-9A-F]{2})>$/;

/**
 * Text as tokens and back. The vocabulary stays as it stands in its file: as objects it holds a hundred times as much.
 */
export class Tokens {
  readonly #vocabulary: Buffer;
  /** Where each token's line begins, and one past the end. */
  readonly #starts: Uint32Array;

  constructor(vocabulary: Buffer) {
    this.#vocabulary = vocabulary;
    const starts = [0];
    for (let at = vocabulary.indexOf('\n'); at >= 0; at = vocabulary.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.#starts = Uint32Array.from([...starts, vocabulary.length + 1]);
  }

  /** The text that tokens stand for; a token there is none of counts as nothing. */
  decode(tokens: readonly number[]): string {
    const pieces = tokens.map((token) => {
      const piece = this.#piece(token);
      const byte = BYTE.exec(piece.toString('latin1'))?.[1];
      return byte === undefined ? piece : Buffer.from(byte, 'hex');
    });
    const text = Buffer.concat(pieces).toString('utf8').replaceAll(SPACE, ' ');
    return text.startsWith(' ') ? text.slice(1) : text;
  }

  /**
   * Tokens of a text, as of the beginning of a word: byte-pair encoding, of which the earlier of two tokens is made
   * first (Sennrich et al. 2016, arXiv:1508.07909). For words with single spaces between them.
   */
  encode(text: string): readonly number[] {
    const ids = this.#ids();
    const pieces = Array.from(` ${text}`.replaceAll(' ', SPACE)).flatMap((letter) =>
      ids.has(letter) ? [letter] : bytesOf(letter),
    );
    for (;;) {
      let best = { id: Number.POSITIVE_INFINITY, at: -1 };
      for (let at = 0; at + 1 < pieces.length; at++) {
        const id = ids.get(`${pieces[at]}${pieces[at + 1]}`);
        if (id !== undefined && id < best.id) best = { id, at };
      }
      if (best.at < 0) return pieces.map((piece) => ids.get(piece) ?? 0);
      pieces.splice(best.at, 2, `${pieces[best.at]}${pieces[best.at + 1]}`);
    }
  }

  #piece(token: number): Buffer {
    return this.#vocabulary.subarray(this.#starts[token], (this.#starts[token + 1] ?? 1) - 1);
  }

  /** Built anew each time: phrases are few, and read once. Of two tokens that look the same the first counts. */
  #ids(): ReadonlyMap<string, number> {
    const ids = new Map<string, number>();
    for (let token = this.#starts.length - 2; token >= 0; token--)
      ids.set(this.#piece(token).toString('utf8'), token);
    return ids;
  }
}

function bytesOf(letter: string): readonly string[] {
  return [...Buffer.from(letter)].map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
}

/** Reads the vocabulary that Catnap carries. */
export function readTokens(): Tokens {
  return new Tokens(readFileSync(VOCABULARY));
}
