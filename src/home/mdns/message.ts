/** Types of records (RFC 1035, 3.2.2; SRV: RFC 2782). */
export const TYPE = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const;

/** Class "internet". */
const IN = 1;
/** Of a question's class: answer only who asks. Of a record's: there is no other such record. Of flags: an answer. */
const TOP_BIT = 0x8000;
const HEADER_BYTES = 12;
/** An answer, from the authority for what it says (RFC 6762, 18.2 and 18.4). */
const ANSWER_FLAGS = 0x8400;
const LABEL_MAX_BYTES = 63;
/** Before the name in the data of an SRV record: priority, weight and port. */
const SRV_BYTES = 6;
/** A name that jumps to another place in the message more often than this is refused: it may run in circles. */
const JUMPS_MAX = 16;

/** A question, as RFC 6762 (5.4) extends those of RFC 1035. */
export interface Question {
  /** Without the last dot. */
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
  /** Names in it are whole. */
  readonly data: Buffer;
}

/** A message of multicast DNS (RFC 1035, 4.1; RFC 6762, 18). */
export interface Message {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly questions: readonly Question[];
  /** In an answer what is said; in a question what the one that asks knows already. */
  readonly said: readonly Answer[];
  /** What the one that asks will say of the names that it asks for, if nobody else does (RFC 6762, 8.2). */
  readonly proposed: readonly Answer[];
}

/** Reads a message; null for what is none. */
export function decodeMessage(bytes: Buffer): Message | null {
  try {
    const [id, flags] = [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
    const reader = new Reader(bytes);
    const many = <T>(at: number, read: () => T): T[] =>
      Array.from({ length: bytes.readUInt16BE(at) }, () => read());
    const questions = many(4, () => reader.question());
    const answers = many(6, () => reader.record());
    const proposed = many(8, () => reader.record());
    const others = many(10, () => reader.record());
    const isAnswer = (flags & TOP_BIT) !== 0;
    return { id, isAnswer, questions, said: isAnswer ? [...answers, ...others] : answers, proposed };
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
export function encodeAnswers(answers: readonly Answer[], repeated: Message | null = null): Buffer {
  const questions = repeated?.questions ?? [];
  const counts = [repeated?.id ?? 0, ANSWER_FLAGS, questions.length, answers.length, 0, 0];
  return Buffer.concat([
    ...counts.map(uint16),
    ...questions.map(encodeQuestion),
    ...answers.map((each) => encodeRecord(each, each.isOnly && repeated === null)),
  ]);
}

/**
 * A message that asks whether anybody has the names of `proposed` (RFC 6762, 8.1). The answer is to go to all: to one
 * port of a machine that several listen at, one of them alone would get it (15.1).
 */
export function encodeProbe(proposed: readonly Answer[]): Buffer {
  const names = [...new Set(proposed.map(({ name }) => name))];
  return Buffer.concat([
    ...[0, 0, names.length, 0, proposed.length, 0].map(uint16),
    ...names.map((name) => encodeQuestion({ name, type: TYPE.ANY })),
    ...proposed.map((each) => encodeRecord(each, false)),
  ]);
}

/** As much of a text, in whole characters, as one label of a name holds with `end` behind it; and `end`. */
export function labelFrom(text: string, end = ''): string {
  const fits = Buffer.from(text).subarray(0, LABEL_MAX_BYTES - Buffer.byteLength(end));
  // As of a stream, half a character at the end is left out.
  return new TextDecoder().decode(fits, { stream: true }) + end;
}

/** A name as labels, each behind its length. A dot within the first is written as `\.`. */
export function encodeName(name: string): Buffer {
  const labels = name.split(/(?<!\\)\./).map((label) => {
    const bytes = Buffer.from(label.replaceAll('\\.', '.')).subarray(0, LABEL_MAX_BYTES);
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  });
  return Buffer.concat([...labels, Buffer.of(0)]);
}

function encodeQuestion({ name, type }: Pick<Question, 'name' | 'type'>): Buffer {
  return Buffer.concat([encodeName(name), uint16(type), uint16(IN)]);
}

function encodeRecord({ name, type, keepSeconds, data }: Answer, isOnly: boolean): Buffer {
  const keep = Buffer.alloc(4);
  keep.writeUInt32BE(keepSeconds);
  const kind = uint16(IN | (isOnly ? TOP_BIT : 0));
  return Buffer.concat([encodeName(name), uint16(type), kind, keep, uint16(data.length), data]);
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

  record(): Answer {
    const name = this.#name();
    const type = this.#uint16();
    const isOnly = (this.#uint16() & TOP_BIT) !== 0;
    const keepSeconds = this.bytes.readUInt32BE(this.#at);
    this.#at += 4;
    const end = this.#uint16() + this.#at;
    if (end > this.bytes.length) throw new RangeError('data without end');
    const data = this.#data(type, end);
    this.#at = end;
    return { name, type, isOnly, keepSeconds, data };
  }

  /** Data as far as `end`, with names in it that were cut short by a jump made whole. */
  #data(type: number, end: number): Buffer {
    const start = this.#at;
    if (type === TYPE.PTR) return encodeName(this.#name());
    if (type !== TYPE.SRV) return this.bytes.subarray(start, end);
    this.#at += SRV_BYTES;
    return Buffer.concat([this.bytes.subarray(start, this.#at), encodeName(this.#name())]);
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
        return labels.join('.');
      }
      if (at > this.bytes.length) break;
      labels.push(this.bytes.toString('utf8', at - length, at).replaceAll('.', '\\.'));
    }
    throw new RangeError('a name without end');
  }
}
