import {
  type BoardChannel,
  CHANNEL_CAP,
  type ChannelSummary,
  formatCode,
  formatOf,
  type Hello,
  type LogLevel,
  MISSING_I16,
  MISSING_I32,
  malformed,
  type NackCode,
  type OverrunReason,
  type Packet,
  type PacketView,
  PROTOCOL_VERSION,
  type Samples,
  type Summary,
  TYPE,
} from './packet.js';

const overrunReasons: readonly OverrunReason[] = ['buffer', 'budget', 'sampling'];
const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const nackCodes: readonly NackCode[] = [
  'malformed',
  'unknown-type',
  'version',
  'out-of-range',
  'over-budget',
  'refused',
];
const leaveGate = 0xffff;

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/** Little-endian fields out of a payload; throws `SOURCE_FORMAT` past its end. */
class Reader {
  readonly #view: DataView;
  #at = 0;

  constructor(readonly packet: PacketView) {
    const { bytes, start, end } = packet;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#view.byteLength) throw malformed(`type ${this.packet.type} ends within a field`);
    this.#at += bytes;
    return at;
  }

  u8 = (): number => this.#view.getUint8(this.#take(1));
  u16 = (): number => this.#view.getUint16(this.#take(2), true);
  u32 = (): number => this.#view.getUint32(this.#take(4), true);
  i16 = (): number => this.#view.getInt16(this.#take(2), true);
  i32 = (): number => this.#view.getInt32(this.#take(4), true);
  f32 = (): number => this.#view.getFloat32(this.#take(4), true);

  string(): string {
    const bytes = this.u8();
    const at = this.#take(bytes);
    return utf8.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, bytes));
  }

  /** Every field has been read; more bytes mean another layout than the version's. */
  finish<T>(value: T): T {
    if (this.#at !== this.#view.byteLength) throw malformed(`type ${this.packet.type} has bytes left over`);
    return value;
  }
}

function channelCount(r: Reader): number {
  const count = r.u8();
  if (count === 0 || count > CHANNEL_CAP)
    throw malformed(`channel count 1 to ${CHANNEL_CAP} expected, ${count} found`);
  return count;
}

function sampleFormat(r: Reader): Samples['format'] {
  const code = r.u8();
  const format = formatOf(code);
  if (format === null) throw malformed(`sample format 1 or 2 expected, ${code} found`);
  return format;
}

function readHello(r: Reader): Hello {
  const session = r.u32();
  const nextRow = r.u32();
  const bootId = r.u32();
  const rateHz = r.u32() / 1000;
  const baud = r.u32();
  const rowsPerFrame = r.u16();
  const format = sampleFormat(r);
  const gated = (r.u8() & 1) === 1;
  const count = channelCount(r);
  const deviceId = r.string();
  const firmware = r.string();
  const channels: BoardChannel[] = [];
  for (let i = 0; i < count; i++)
    channels.push({ name: r.string(), unit: r.string(), scale: r.f32(), offset: r.f32() });
  if (rateHz === 0) throw malformed('a hello with a rate of 0 Hz');
  return {
    kind: 'hello',
    session,
    nextRow,
    bootId,
    rateHz,
    baud,
    rowsPerFrame,
    format,
    gated,
    deviceId,
    firmware,
    channels,
  };
}

function readSamples(r: Reader): Samples {
  const session = r.u32();
  const firstRow = r.u32();
  const channels = channelCount(r);
  const format = sampleFormat(r);
  const rows = r.u16();
  const values: (number | null)[] = [];
  for (let i = 0; i < rows * channels; i++) {
    const raw = format === 'i16' ? r.i16() : r.i32();
    values.push(raw === (format === 'i16' ? MISSING_I16 : MISSING_I32) ? null : raw);
  }
  return { kind: 'samples', session, firstRow, channels, format, values };
}

function readSummary(r: Reader): Summary {
  const session = r.u32();
  const firstRow = r.u32();
  const rows = r.u32();
  const count = channelCount(r);
  const present = (raw: number): number | null => (raw === MISSING_I32 ? null : raw);
  const channels: ChannelSummary[] = [];
  for (let i = 0; i < count; i++) {
    channels.push({
      min: present(r.i32()),
      max: present(r.i32()),
      mean: present(r.i32()),
      variance: r.f32(),
    });
  }
  return { kind: 'summary', session, firstRow, rows, channels };
}

/**
 * Reads a packet's payload. Samples have a path of their own that allocates nothing ({@link BoardLink});
 * here they come out as plain values.
 * @throws CatnapError `SOURCE_FORMAT` when the type is unknown or the payload is not laid out as the protocol says
 */
export function readPacket(packet: PacketView): Packet {
  const r = new Reader(packet);
  switch (packet.type) {
    case TYPE.hello:
      return r.finish(readHello(r));
    case TYPE.samples:
      return r.finish(readSamples(r));
    case TYPE.summary:
      return r.finish(readSummary(r));
    case TYPE.overrun:
      return r.finish({
        kind: 'overrun',
        session: r.u32(),
        firstRow: r.u32(),
        rows: r.u32(),
        reason: overrunReasons[r.u8() - 1] ?? 'buffer',
      });
    case TYPE.log:
      return r.finish({ kind: 'log', level: logLevels[r.u8()] ?? 'info', text: r.string() });
    case TYPE.ack:
      return r.finish({ kind: 'ack', ofType: r.u8(), ofSequence: r.u16() });
    case TYPE.nack:
      return r.finish({
        kind: 'nack',
        ofType: r.u8(),
        ofSequence: r.u16(),
        code: nackCodes[r.u8() - 1] ?? 'other',
        why: r.string(),
      });
    case TYPE.pong:
      return r.finish({
        kind: 'pong',
        token: r.u32(),
        session: r.u32(),
        nextRow: r.u32(),
        rowsOverrun: r.u32(),
      });
    case TYPE.helloRequest:
      return r.finish({ kind: 'hello-request' });
    case TYPE.configure: {
      const rateHz = r.u32() / 1000;
      const rowsPerFrame = r.u16();
      const gate = r.u16();
      return r.finish({
        kind: 'configure',
        rateHz,
        rowsPerFrame,
        gateThreshold: gate === leaveGate ? null : gate / 16,
      });
    }
    case TYPE.ping:
      return r.finish({ kind: 'ping', token: r.u32() });
    case TYPE.command:
      return r.finish({ kind: 'command', text: r.string() });
    default:
      throw malformed(`unknown type ${packet.type}`);
  }
}

/** Little-endian fields into a growing packet. */
class Writer {
  #bytes: number[] = [];

  u8(value: number): this {
    this.#bytes.push(value & 0xff);
    return this;
  }
  u16(value: number): this {
    return this.u8(value).u8(value >> 8);
  }
  u32(value: number): this {
    return this.u16(value & 0xffff).u16(value >>> 16);
  }
  /** 53 bits of it: 285 years of microseconds. */
  u64(value: number): this {
    return this.u32(value >>> 0).u32(Math.floor(value / 2 ** 32));
  }
  f32(value: number): this {
    const bits = new DataView(new ArrayBuffer(4));
    bits.setFloat32(0, value, true);
    return this.u32(bits.getUint32(0, true));
  }
  string(text: string): this {
    const bytes = toUtf8.encode(text);
    if (bytes.length > 255) throw malformed(`a string of at most 255 bytes expected, ${bytes.length} found`);
    this.u8(bytes.length);
    this.#bytes.push(...bytes);
    return this;
  }
  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

function writeHello(w: Writer, p: Hello): Writer {
  w.u32(p.session)
    .u32(p.nextRow)
    .u32(p.bootId)
    .u32(Math.round(p.rateHz * 1000));
  w.u32(p.baud)
    .u16(p.rowsPerFrame)
    .u8(formatCode(p.format))
    .u8(p.gated ? 1 : 0);
  w.u8(p.channels.length).string(p.deviceId).string(p.firmware);
  for (const c of p.channels) w.string(c.name).string(c.unit).f32(c.scale).f32(c.offset);
  return w;
}

function writeSamples(w: Writer, p: Samples): Writer {
  w.u32(p.session).u32(p.firstRow).u8(p.channels).u8(formatCode(p.format));
  w.u16(p.values.length / p.channels);
  for (const value of p.values) {
    if (p.format === 'i16') w.u16(value ?? MISSING_I16);
    else w.u32(value ?? MISSING_I32);
  }
  return w;
}

function writeSummary(w: Writer, p: Summary): Writer {
  w.u32(p.session).u32(p.firstRow).u32(p.rows).u8(p.channels.length);
  for (const c of p.channels) {
    w.u32(c.min ?? MISSING_I32)
      .u32(c.max ?? MISSING_I32)
      .u32(c.mean ?? MISSING_I32);
    w.f32(c.variance);
  }
  return w;
}

function writePayload(w: Writer, p: Packet): Writer {
  switch (p.kind) {
    case 'hello':
      return writeHello(w, p);
    case 'samples':
      return writeSamples(w, p);
    case 'summary':
      return writeSummary(w, p);
    case 'overrun':
      return w
        .u32(p.session)
        .u32(p.firstRow)
        .u32(p.rows)
        .u8(overrunReasons.indexOf(p.reason) + 1);
    case 'log':
      return w.u8(logLevels.indexOf(p.level)).string(p.text);
    case 'ack':
      return w.u8(p.ofType).u16(p.ofSequence);
    case 'nack':
      return w
        .u8(p.ofType)
        .u16(p.ofSequence)
        .u8(nackCodes.indexOf(p.code) + 1)
        .string(p.why);
    case 'pong':
      return w.u32(p.token).u32(p.session).u32(p.nextRow).u32(p.rowsOverrun);
    case 'hello-request':
      return w;
    case 'configure':
      return w
        .u32(Math.round(p.rateHz * 1000))
        .u16(p.rowsPerFrame)
        .u16(
          p.gateThreshold === null ? leaveGate : Math.min(leaveGate - 1, Math.round(p.gateThreshold * 16)),
        );
    case 'ping':
      return w.u32(p.token);
    case 'command':
      return w.string(p.text);
  }
}

const typeOfKind: Readonly<Record<Packet['kind'], number>> = {
  hello: TYPE.hello,
  samples: TYPE.samples,
  summary: TYPE.summary,
  overrun: TYPE.overrun,
  log: TYPE.log,
  ack: TYPE.ack,
  nack: TYPE.nack,
  pong: TYPE.pong,
  'hello-request': TYPE.helloRequest,
  configure: TYPE.configure,
  ping: TYPE.ping,
  command: TYPE.command,
};

/**
 * A packet without its CRC: header and payload.
 * @throws CatnapError `SOURCE_FORMAT` when a string is longer than 255 bytes
 */
export function writePacket(packet: Packet, sequence: number, timeUs: number): Uint8Array {
  const header = new Writer().u8(PROTOCOL_VERSION).u8(typeOfKind[packet.kind]).u16(sequence).u64(timeUs);
  return writePayload(header, packet).done();
}
