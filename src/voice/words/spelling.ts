import { resolve } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { CatnapError } from '../../core/errors.js';
import { onnxRuntime, openSession, type Session } from '../../engines/onnx.js';
import { readModelFile } from '../../models/model-file.js';
import { withoutMarks } from './plain-words.js';

/**
 * Most tokens, phones and the blanks between them, that it was taught to write of one word: the last is the end,
 * whatever is left of a longer one. That is read from within the letters before: so many are read once more.
 */
const MOST_TOKENS = 32;
const OVERLAP_LETTERS = 4;
const BEFORE_LETTERS = 6;
/** More letters are no word. */
const MOST_LETTERS = 60;
const ENCODED = ['encoder_outputs', 'projected_keys', 'encoder_mask'] as const;

/** Of the files of `models/spelling/`. */
const SHA256 = {
  'encoder.onnx': '85610fcdcd9309720783ac76cf154ea3f0b966e382fb86ce4d7b3474c8590882',
  'decoder.onnx': '024790900f2d865dd83df92f9772dd95cfc590b70698c49de3f73ddbdd44311f',
  'letters.json': '50d97cd875dbfe58da90ce254da704cb229d55328fda287fb58a956a779e328d',
} as const;

/** What the network spells with and speaks in. */
interface Alphabet {
  readonly letters: readonly string[];
  readonly phones: readonly string[];
}

/** A phone, and the letter that it was written for, which the network looked at most. */
interface Written {
  readonly phone: string;
  readonly letter: number;
}

/**
 * How a written word is said, by a network: letters are read by a GRU, phones are written one after the other with
 * attention to the letters (Bahdanau et al., 2015). For words no dictionary has.
 */
export class SpellingNetwork {
  readonly #letters: ReadonlyMap<string, number>;

  private constructor(
    private readonly alphabet: Alphabet,
    private readonly encoder: Session,
    private readonly decoder: Session,
  ) {
    this.#letters = new Map(alphabet.letters.map((letter, index) => [letter, index]));
  }

  /**
   * @param folder of `encoder.onnx`, `decoder.onnx` and `letters.json`.
   * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`.
   */
  static async load(folder: string): Promise<SpellingNetwork> {
    const file = (part: keyof typeof SHA256) => ({
      model: 'spelling',
      path: resolve(folder, part),
      sha256: SHA256[part],
    });
    return new SpellingNetwork(
      JSON.parse(readModelFile(file('letters.json')).toString('utf8')) as Alphabet,
      await openSession(file('encoder.onnx')),
      await openSession(file('decoder.onnx')),
    );
  }

  /**
   * Names of the phones of one word, without spaces in it.
   * @throws CatnapError `WORD_UNSAYABLE` for a letter the network does not know, none at all, or more than 60.
   */
  async phonesOf(word: string): Promise<readonly string[]> {
    if (word === '') throw unsayable(word, 'nothing');
    const ids = [...word.toLowerCase().normalize('NFC')].flatMap((letter) => this.#idsOf(letter, word));
    if (ids.length > MOST_LETTERS) throw unsayable(word, `${ids.length}`, `at most ${MOST_LETTERS} letters`);
    let said: readonly Written[] = [];
    for (let [from, first] = [0, 0]; ; ) {
      const { written, isCutShort } = await this.#read(ids.slice(from));
      const read = written.map(({ phone, letter }) => ({ phone, letter: from + letter }));
      said = [
        ...said.filter(({ letter }) => letter < first),
        ...read.filter(({ letter }) => letter >= first),
      ];
      const next = (read.at(-1)?.letter ?? 0) - OVERLAP_LETTERS;
      if (!isCutShort || next <= first) return said.map(({ phone }) => phone);
      first = next;
      from = Math.max(0, next - BEFORE_LETTERS);
    }
  }

  async dispose(): Promise<void> {
    await this.encoder.release();
    await this.decoder.release();
  }

  /** Reads letters, as many of them as it can. */
  async #read(ids: readonly number[]): Promise<{ written: readonly Written[]; isCutShort: boolean }> {
    const { Tensor } = onnxRuntime();
    const { hidden, prev_attn, ...encoded } = await this.encoder.run({
      input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      input_lengths: new Tensor('int64', BigInt64Array.of(BigInt(ids.length)), [1]),
    });
    const feeds: Record<string, Ort.Tensor> = {
      positions: new Tensor('float32', Float32Array.from(ids.keys()), [1, ids.length]),
      hidden: hidden as Ort.Tensor,
      prev_attn: prev_attn as Ort.Tensor,
    };
    for (const name of ENCODED) feeds[name] = encoded[name] as Ort.Tensor;
    return this.#write(feeds);
  }

  async #write(feeds: Record<string, Ort.Tensor>) {
    const { Tensor } = onnxRuntime();
    const { phones } = this.alphabet;
    const written: Written[] = [];
    let last = phones.indexOf('<sos>');
    for (let tokens = 1; tokens < MOST_TOKENS; tokens++) {
      feeds.decoder_input_ids = new Tensor('int64', BigInt64Array.of(BigInt(last)), [1, 1]);
      const found = await this.decoder.run(feeds);
      last = Number((found.next_token_ids?.data as BigInt64Array | undefined)?.[0] ?? 0n);
      const phone = phones[last];
      if (phone === undefined || phone === '<eos>') return { written, isCutShort: false };
      feeds.hidden = found.hidden_out as Ort.Tensor;
      feeds.prev_attn = found.prev_attn_out as Ort.Tensor;
      if (!/^<|^\s*$/u.test(phone)) written.push({ phone, letter: lookedAt(feeds.prev_attn) });
    }
    return { written, isCutShort: true };
  }

  /** Of a letter, or of what it is without its mark where the network does not know it with one. */
  #idsOf(letter: string, word: string): readonly number[] {
    const id = this.#letters.get(letter);
    if (id !== undefined) return [id];
    const plain = withoutMarks(letter);
    if (plain !== letter) return [...plain].flatMap((each) => this.#idsOf(each, word));
    throw unsayable(word, `"${letter}"`);
  }
}

/** The middle of the letters that were looked at. */
function lookedAt({ data }: Ort.Tensor): number {
  const shares = [...(data as Float32Array)];
  return Math.round(shares.reduce((sum, share, letter) => sum + share * letter, 0));
}

function unsayable(word: string, found: string, expected = 'Latin letters'): CatnapError {
  return new CatnapError(
    'WORD_UNSAYABLE',
    `word "${word}": expected ${expected}, found ${found}; say it in IPA, or record it unspelt`,
  );
}
