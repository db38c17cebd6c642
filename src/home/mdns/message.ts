/** Types of records (RFC 1035, 3.2.2; SRV: RFC 2782). */
export const TYPE = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const;

/** Class "internet". */
const IN = 1;
/** Of a question's class: answer only who asks. Of an answer's: there is no other such record. Of flags: an answer. */
const TOP_BIT = 0x8000;
const HEADER_BYTES = 12;
/** An answer, from the authority for what it says (RFC 6762, 18.2 and 18.4). */
const ANSWER_FLAGS = 0x8400;
const LABEL_MAX_BYTES = 63;
/** A name that jumps to another place in the message more often than this is refused: it may run in circles. */
const JUMPS_MAX = 16;

/** A question, as RFC 6762 (5.4) extends those of RFC 1035. */
export interface Question {
  /** Lower case, without the last dot. */
  readonly name: string;
  readonly type: number;
  /** The answer goes only to the one that asks. */
  readonly isForOne: boolean;
}

/** What is said of a name. */
export interface Answer {
  readonly name: string;
  readonly type: number;
  /** No one else may say it of that name: who has kept another such answer forgets it. */
  readonly isOnly: boolean;
  /** How long others may keep it (RFC 1035, 3.2.1); 0 takes it back. */
  readonly keepSeconds: number;
  readonly data: Buffer;
}

/** A message that asks. */
export interface Asked {
  readonly id: number;
  readonly questions: readonly Question[];
  /** PTR records that the one that asks knows already, and for how long it may keep them yet. */
  readonly known: readonly { readonly name: string; readonly to: string; readonly keepSeconds: number }[];
}

/** The questions of a message; null for one that asks nothing or is none. */
export function decodeAsked(bytes: Buffer): Asked | null {
  try {
    if (bytes.length < HEADER_BYTES || (bytes.readUInt16BE(2) & TOP_BIT) !== 0) return null;
    const reader = new Reader(bytes);
    const questions = Array.from({ length: bytes.readUInt16BE(4) }, () => reader.question());
    const answers = Array.from({ length: bytes.readUInt16BE(6) }, () => reader.pointer());
    const known = answers.flatMap((answer) => (answer === null ? [] : [answer]));
    return { id: bytes.readUInt16BE(0), questions, known };
  } catch (error) {
    // Read beyond its end.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * A message that answers.
 * @param repeated what was asked, with its id, for who asked by plain DNS (RFC 6762, 6.7)
 */
export function encodeAnswers(answers: readonly Answer[], repeated: Asked | null = null): Buffer {
  const questions = repeated?.questions ?? [];
  const header = Buffer.alloc(HEADER_BYTES);
  for (const [i, value] of [repeated?.id ?? 0, ANSWER_FLAGS, questions.length, answers.length].entries())
    header.writeUInt16BE(value, 2 * i);
  const asked = questions.map(({ name, type }) =>
    Buffer.concat([encodeName(name), uint16(type), uint16(IN)]),
  );
  const said = answers.map(({ name, type, isOnly, keepSeconds, data }) => {
    const keep = Buffer.alloc(4);
    keep.writeUInt32BE(keepSeconds);
    const kind = uint16(IN | (isOnly && repeated === null ? TOP_BIT : 0));
    return Buffer.concat([encodeName(name), uint16(type), kind, keep, uint16(data.length), data]);
  });
  return Buffer.concat([header, ...asked, ...said]);
}

/** As much of a text as one label of a name holds, in whole characters. */
export function labelFrom(text: string): string {
  // As of a stream, half a character at the end is left out.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, LABEL_MAX_BYTES), { stream: true });
}

/** A name as labels, each behind its length. A dot within the first is written as `\.`. */
export function encodeName(name: string): Buffer {
  const labels = name.split(/(?<!\\)\./).map((label) => {
    const bytes = Buffer.from(label.replaceAll('\\.', '.')).subarray(0, LABEL_MAX_BYTES);
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  });
  return Buffer.concat([...labels, Buffer.of(0)]);
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

class Reader {
  #at = HEADER_BYTES;

  constructor(private readonly bytes: Buffer) {}

  question(): Question {
    const name = this.#name();
    const type = this.#uint16();
    return { name, type, isForOne: (this.#uint16() & TOP_BIT) !== 0 };
  }

  /** A PTR record; null for one of another type. */
  pointer(): Asked['known'][number] | null {
    const name = this.#name();
    const type = this.#uint16();
    this.#uint16();
    const keepSeconds = this.bytes.readUInt32BE(this.#at);
    this.#at += 4;
    const end = this.#uint16() + this.#at;
    const to = type === TYPE.PTR ? this.#name() : null;
    this.#at = end;
    return to === null ? null : { name, to, keepSeconds };
  }

  #uint16(): number {
    const value = this.bytes.readUInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  #name(): string {
    const labels: string[] = [];
    let at = this.#at;
    let end: number | null = null;
    for (let jumps = 0; jumps < JUMPS_MAX; ) {
      const length = this.bytes.readUInt8(at);
      if (length >= 0xc0) {
        end ??= at + 2;
        at = this.bytes.readUInt16BE(at) & 0x3fff;
        jumps += 1;
        continue;
      }
      at += 1 + length;
      if (length === 0) {
        this.#at = end ?? at;
        return labels.join('.').toLowerCase();
      }
      if (at > this.bytes.length) break;
      labels.push(this.bytes.toString('utf8', at - length, at).replaceAll('.', '\\.'));
    }
    throw new RangeError('a name without end');
  }
}
