import { CatnapError } from '../../core/errors.js';

/** A message of the Wyoming protocol (github.com/OHF-Voice/wyoming, README "Format"). */
export interface WyomingMessage {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Raw samples; null where it has none. */
  readonly payload: Buffer | null;
}

/** The version of the protocol that is spoken. */
const VERSION = '1.9.0';
const NEWLINE = 10;
const HEADER_MAX_BYTES = 64 * 1024;
const DATA_MAX_BYTES = 256 * 1024;
/** Half a minute at 16 kHz. */
const PAYLOAD_MAX_BYTES = 1024 * 1024;

/** A message as it goes over the wire: a line of JSON, the data, the payload. */
export function encodeMessage(
  type: string,
  data: Readonly<Record<string, unknown>> = {},
  payload: Buffer | null = null,
): Buffer {
  const body = Object.keys(data).length === 0 ? null : Buffer.from(JSON.stringify(data));
  const header = {
    type,
    version: VERSION,
    ...(body === null ? {} : { data_length: body.length }),
    ...(payload === null ? {} : { payload_length: payload.length }),
  };
  const line = Buffer.from(`${JSON.stringify(header)}\n`);
  return Buffer.concat([line, ...(body === null ? [] : [body]), ...(payload === null ? [] : [payload])]);
}

interface Header {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly dataBytes: number;
  readonly payloadBytes: number;
}

/**
 * Cuts messages out of what a socket gives, however it is cut. What is kept is bounded, and looked at once.
 * @throws CatnapError `SOURCE_FORMAT` from {@link push} for what is no message, or too long for one.
 */
export class MessageReader {
  #pieces: Buffer[] = [];
  #kept = 0;
  #header: Header | null = null;
  /** The line that was read last, and what it says: chunk after chunk begins alike. */
  #line: Buffer = Buffer.alloc(0);
  #lineSays: Header | null = null;

  /** The messages that are whole with these bytes. */
  *push(bytes: Buffer): Generator<WyomingMessage> {
    let rest = bytes;
    for (;;) {
      const wanted: number = this.#header === null ? lineIn(rest) : this.#missing(this.#header);
      if (wanted > rest.length) {
        this.#keep(rest);
        return;
      }
      const whole = this.#whole(rest.subarray(0, wanted));
      rest = rest.subarray(wanted);
      if (this.#header === null) this.#header = this.#headerOf(whole);
      else yield this.#message(this.#header, whole);
      if (this.#header !== null && this.#missing(this.#header) === 0)
        yield this.#message(this.#header, Buffer.alloc(0));
      if (rest.length === 0) return;
    }
  }

  #headerOf(line: Buffer): Header {
    if (this.#lineSays !== null && line.equals(this.#line)) return this.#lineSays;
    this.#lineSays = headerOf(line);
    // Copied: it may be a small part of a large piece.
    this.#line = Buffer.from(line);
    return this.#lineSays;
  }

  #missing({ dataBytes, payloadBytes }: Header): number {
    return dataBytes + payloadBytes - this.#kept;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#kept += piece.length;
    if (this.#header === null && this.#kept > HEADER_MAX_BYTES)
      throw malformed(`a line of at most ${HEADER_MAX_BYTES} bytes`, `${this.#kept} bytes without its end`);
  }

  #whole(last: Buffer): Buffer {
    const whole = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#kept = 0;
    return whole;
  }

  #message({ type, data, dataBytes, payloadBytes }: Header, body: Buffer): WyomingMessage {
    this.#header = null;
    const more = dataBytes === 0 ? {} : recordIn(body.subarray(0, dataBytes), 'data');
    const payload = payloadBytes === 0 ? null : body.subarray(dataBytes);
    return { type, data: { ...data, ...more }, payload };
  }
}

/** Bytes up to and with the end of a line; more than there are where it does not end here. */
function lineIn(bytes: Buffer): number {
  const end = bytes.indexOf(NEWLINE);
  return end === -1 ? bytes.length + 1 : end + 1;
}

function headerOf(line: Buffer): Header {
  if (line.length > HEADER_MAX_BYTES)
    throw malformed(`a line of at most ${HEADER_MAX_BYTES} bytes`, `${line.length}`);
  const header = recordIn(line, 'line');
  const { type, data = {} } = header;
  if (typeof type !== 'string' || type.length > 64)
    throw malformed('a type', JSON.stringify(type)?.slice(0, 40));
  if (!isRecord(data)) throw malformed('data that is an object', typeof data);
  return {
    type,
    data,
    dataBytes: lengthOf(header.data_length, DATA_MAX_BYTES, 'data_length'),
    payloadBytes: lengthOf(header.payload_length, PAYLOAD_MAX_BYTES, 'payload_length'),
  };
}

function lengthOf(found: unknown, max: number, name: string): number {
  if (found === undefined || found === null) return 0;
  if (typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= max) return found;
  throw malformed(`${name} from 0 to ${max}`, JSON.stringify(found)?.slice(0, 40));
}

function recordIn(bytes: Buffer, what: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(bytes.toString('utf8'));
    if (isRecord(found)) return found;
  } catch {
    // Told below.
  }
  throw malformed(`a ${what} of JSON`, `"${bytes.toString('utf8', 0, 40).trim()}"`);
}

function isRecord(found: unknown): found is Record<string, unknown> {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

function malformed(expected: string, found: string | undefined): CatnapError {
  return new CatnapError('SOURCE_FORMAT', `Wyoming: expected ${expected}, found ${found ?? 'none'}`);
}

/** What raw samples are. */
export interface AudioFormat {
  readonly rateHz: number;
  readonly bytesPerSample: number;
  readonly channels: number;
}

/**
 * The format that `audio-start` and `audio-chunk` carry.
 * @throws CatnapError `SOURCE_FORMAT` for one that is none.
 */
export function formatOf({ data }: Pick<WyomingMessage, 'data'>): AudioFormat {
  const { rate, width, channels } = data;
  const isOne = (value: unknown, from: number, to: number): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to;
  if (isOne(rate, 4000, 192_000) && isOne(width, 2, 4) && isOne(channels, 1, 8))
    return { rateHz: rate, bytesPerSample: width, channels };
  const found = JSON.stringify({ rate, width, channels });
  throw malformed('rate from 4000 to 192000, width from 2 to 4, channels from 1 to 8', found.slice(0, 80));
}
