import { CatnapError } from '../../../core/errors.js';
import { type GapReason, isSameSignal, type SourceItem } from '../../../core/signal/frame.js';
import { defaultHopRows, HopCutter } from '../../../core/signal/hops.js';
import { FILL_ROWS, RowLosses } from '../../row-losses.js';
import { FrameDecoder, type Garbage, type GarbageReason } from './frame.js';
import {
  CHANNEL_CAP,
  formatOf,
  type Hello,
  MISSING_I16,
  MISSING_I32,
  type PacketView,
  SAMPLES_HEADER_BYTES,
  TYPE,
  valueBytes,
} from './packet.js';
import { readPacket } from './payload.js';

/** What a link has seen since it was made. Counters only grow. */
export interface LinkStats {
  readonly packets: number;
  readonly rows: number;
  /** Rows that vanished on the line, as far as their number is known. */
  readonly rowsLost: number;
  /** Rows the board says it lost, for want of buffer, line or time. */
  readonly rowsOverrun: number;
  /** Rows the board's own gate summarised. */
  readonly rowsGated: number;
  /** Rows that came under a session no hello had described, twice, or malformed. */
  readonly rowsRefused: number;
  readonly garbageBytes: number;
  readonly garbage: Readonly<Record<GarbageReason, number>>;
  /** Samples whose device time was before that of the samples ahead of them. */
  readonly timeRegressions: number;
}

/** What a link hears besides samples. */
export interface LinkEvents {
  /** The board described itself; called for every hello. */
  hello?(hello: Hello): void;
  /** Samples came that no known hello describes: the board should be asked for one. */
  helloWanted?(): void;
  /** An answer to a packet of the host's, or a log line. */
  said?(packet: Extract<ReturnType<typeof readPacket>, { kind: 'ack' | 'nack' | 'pong' | 'log' }>): void;
  /** Rows came. */
  rows?(rows: number): void;
  /** Rows were lost while the line was open, and why. */
  lost?(rows: number, reason: GapReason): void;
}

/**
 * One board's bytes to the items of a source. Samples are read only under the session of a hello that was
 * received, so that a lost hello costs rows and never gives a value in the wrong unit. The board's row index is
 * the sample clock: it goes on over unplugging (one boot), and starts behind an unknown gap after a reset.
 */
export class BoardLink {
  readonly #decoder = new FrameDecoder();
  readonly #hops: HopCutter;
  readonly #losses: RowLosses;
  readonly #events: LinkEvents;
  readonly #hopRows: number | null;
  #hello: Hello | null = null;
  /** Session whose samples are taken; null until a hello came on this opening of the line. */
  #session: number | null = null;
  /** The hello's scales and offsets, for the inner loop. */
  readonly #scale = new Float64Array(CHANNEL_CAP);
  readonly #offset = new Float64Array(CHANNEL_CAP);
  /** Row index that continues the sample clock, or null before the first row of a boot. */
  #nextRow: number | null = null;
  #samplesTimeUs = 0;
  #garbageSince = false;
  /** Whether rows came since the line was opened: what was lost before that is the outage's, and a gap. */
  #flows = false;
  #stats = {
    packets: 0,
    rows: 0,
    rowsLost: 0,
    rowsOverrun: 0,
    rowsGated: 0,
    rowsRefused: 0,
    garbageBytes: 0,
    garbage: { cobs: 0, short: 0, crc: 0, version: 0, oversize: 0, payload: 0 },
    timeRegressions: 0,
  };

  constructor(source: string, options: { readonly hopRows: number | null; readonly events?: LinkEvents }) {
    this.#hops = new HopCutter(source);
    this.#losses = new RowLosses(this.#hops, FILL_ROWS);
    this.#hopRows = options.hopRows;
    this.#events = options.events ?? {};
  }

  get stats(): LinkStats {
    return this.#stats;
  }

  get hello(): Hello | null {
    return this.#hello;
  }

  /** The line was reopened: half a frame is forgotten, and samples wait for a new hello. */
  reopen(): void {
    this.#decoder.reset();
    this.#session = null;
    this.#flows = false;
  }

  /** Accounts for what was lost last: the line is closed. */
  *end(): Generator<SourceItem> {
    yield* this.#losses.settle();
  }

  /**
   * Reads a portion of the line. The items' data is reused: take each before asking for the next.
   * @throws CatnapError `SOURCE_FORMAT` when a board whose hello was never understood speaks another protocol version
   */
  *read(chunk: Uint8Array): Generator<SourceItem> {
    this.#decoder.feed(chunk);
    for (let item = this.#decoder.next(); item !== null; item = this.#decoder.next()) {
      if (item.kind === 'garbage') this.#garbage(item);
      else yield* this.#packet(item);
    }
  }

  #garbage(garbage: Garbage): void {
    this.#count(garbage.reason, garbage.bytes);
    if (garbage.reason === 'version' && this.#hello === null) {
      throw new CatnapError(
        'SOURCE_FORMAT',
        `board on ${this.#hops.source}: expected bridge protocol version 1, found ${garbage.version}; update the board's firmware or Catnap`,
      );
    }
  }

  #count(reason: GarbageReason, bytes: number): void {
    this.#stats.garbage[reason]++;
    this.#stats.garbageBytes += bytes;
    this.#garbageSince = true;
  }

  *#packet(packet: PacketView): Generator<SourceItem> {
    this.#stats.packets++;
    if (packet.type === TYPE.samples) {
      yield* this.#samples(packet);
      return;
    }
    let read: ReturnType<typeof readPacket>;
    try {
      read = readPacket(packet);
    } catch {
      this.#count('payload', packet.end);
      return;
    }
    switch (read.kind) {
      case 'hello':
        yield* this.#greet(read);
        return;
      case 'summary':
        if (this.#known(read.session)) yield* this.#absent(read.firstRow, read.rows, 'gated');
        return;
      case 'overrun':
        if (this.#known(read.session)) yield* this.#absent(read.firstRow, read.rows, 'overrun');
        return;
      case 'ack':
      case 'nack':
      case 'pong':
      case 'log':
        this.#events.said?.(read);
        return;
      default:
        // A host's packet: an echoing line, or two hosts on one. It says nothing about the signal.
        this.#count('payload', packet.end);
    }
  }

  #known(session: number): boolean {
    if (session === this.#session) return true;
    this.#events.helloWanted?.();
    return false;
  }

  *#greet(hello: Hello): Generator<SourceItem> {
    const before = this.#hello;
    const rebooted = before !== null && before.bootId !== hello.bootId;
    if (rebooted) {
      yield* this.#reset();
      this.#nextRow = null;
      this.#samplesTimeUs = 0;
    }
    // Rows lost before the change belong to the format they were sampled under.
    if (before !== null && before.session !== hello.session && !rebooted)
      yield* this.#gapTo(hello.nextRow, 'format');
    this.#hello = hello;
    this.#session = hello.session;
    hello.channels.forEach((channel, i) => {
      this.#scale[i] = channel.scale;
      this.#offset[i] = channel.offset;
    });
    const format = {
      kind: 'format' as const,
      source: this.#hops.source,
      rateHz: hello.rateHz,
      channels: hello.channels.map(({ name, unit }) => ({ name, unit })),
    };
    if (before === null || !isSameSignal(before, hello)) {
      yield* this.#losses.settle();
      if (this.#hops.offset > 0) yield this.#hops.interrupt(0, 'format');
      yield this.#hops.start(format, this.#hopRows ?? defaultHopRows(hello.rateHz));
    }
    this.#events.hello?.(hello);
  }

  /** Rows `[firstRow, firstRow + rows)` are known to be missing, and why. */
  *#absent(firstRow: number, rows: number, reason: GapReason): Generator<SourceItem> {
    if (this.#nextRow === null) {
      this.#nextRow = firstRow;
    }
    yield* this.#gapTo(firstRow, this.#garbageSince ? 'garbage' : 'lost');
    yield* this.#gapTo((firstRow + rows) >>> 0, reason);
    this.#garbageSince = false;
  }

  /** A gap up to `row` where that is ahead of the clock; row indices are 32 bits and wrap. */
  *#gapTo(row: number, reason: GapReason): Generator<SourceItem> {
    if (this.#nextRow === null) return;
    const ahead = (row - this.#nextRow) | 0;
    if (ahead <= 0) return;
    this.#nextRow = row;
    if (reason === 'overrun') this.#stats.rowsOverrun += ahead;
    else if (reason === 'gated') this.#stats.rowsGated += ahead;
    else this.#stats.rowsLost += ahead;
    if (!this.#flows) {
      yield* this.#losses.settle();
      yield this.#hops.interrupt(ahead, reason);
      return;
    }
    if (reason !== 'gated') this.#events.lost?.(ahead, reason);
    yield* this.#losses.lose(ahead, reason);
  }

  /** How long it was away is not known. */
  *#reset(): Generator<SourceItem> {
    yield* this.#losses.settle();
    yield this.#hops.interrupt(0, 'reset');
  }

  *#samples(packet: PacketView): Generator<SourceItem> {
    const { bytes, start, end } = packet;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (end - start < SAMPLES_HEADER_BYTES) return this.#count('payload', end);
    const firstRow = view.getUint32(start + 4, true);
    const channels = bytes[start + 8] as number;
    const format = formatOf(bytes[start + 9] as number);
    const rows = view.getUint16(start + 10, true);
    if (!this.#known(view.getUint32(start, true))) {
      this.#stats.rowsRefused += rows;
      return;
    }
    const hello = this.#hello as Hello;
    const fits =
      format === hello.format &&
      channels === hello.channels.length &&
      end - start === SAMPLES_HEADER_BYTES + rows * channels * valueBytes(format);
    if (!fits) {
      // The same session with another shape: the board contradicts its own hello.
      this.#count('payload', end);
      this.#stats.rowsRefused += rows;
      return;
    }
    yield* this.#place(firstRow, rows, packet.timeUs);
    if (this.#nextRow !== firstRow) return;
    yield* this.#rows(view, start + SAMPLES_HEADER_BYTES, rows, hello);
  }

  /** Brings the clock to `firstRow`; leaves it elsewhere when these rows were there already. */
  *#place(firstRow: number, rows: number, timeUs: number): Generator<SourceItem> {
    const timeBack = timeUs < this.#samplesTimeUs;
    if (timeBack) this.#stats.timeRegressions++;
    if (this.#nextRow === null) {
      this.#nextRow = firstRow;
    } else if (((firstRow - this.#nextRow) | 0) < 0) {
      if (!timeBack) {
        this.#stats.rowsRefused += rows;
        return;
      }
      // Rows and time both went back: a board that boots under one id has been reset.
      yield* this.#reset();
      this.#nextRow = firstRow;
    } else {
      yield* this.#gapTo(firstRow, this.#garbageSince ? 'garbage' : 'lost');
      // Rows go on but the device's clock does not: how long it was away is not known.
      if (timeBack) yield* this.#reset();
    }
    this.#samplesTimeUs = timeUs;
    this.#garbageSince = false;
  }

  *#rows(view: DataView, at: number, rows: number, hello: Hello): Generator<SourceItem> {
    const channels = hello.channels.length;
    const bytesPerRow = channels * valueBytes(hello.format);
    yield* this.#losses.settle();
    this.#flows = true;
    this.#events.rows?.(rows);
    for (let row = 0; row < rows; ) {
      const run = Math.min(rows - row, this.#hops.room);
      this.#convert(view, at + row * bytesPerRow, run * channels, hello);
      row += run;
      this.#nextRow = ((this.#nextRow as number) + run) >>> 0;
      this.#stats.rows += run;
      if (this.#hops.commit(run)) yield this.#hops.frame();
    }
  }

  /** Raw values to values in their units, at the hop's end. */
  #convert(view: DataView, at: number, values: number, hello: Hello): void {
    const { data, offset } = this.#hops;
    const scale = this.#scale;
    const shift = this.#offset;
    const channels = hello.channels.length;
    const wide = hello.format === 'i32';
    const missing = wide ? MISSING_I32 : MISSING_I16;
    const bytes = valueBytes(hello.format);
    for (let i = 0, c = 0; i < values; i++) {
      const from = at + i * bytes;
      const raw = wide ? view.getInt32(from, true) : view.getInt16(from, true);
      data[offset + i] = raw === missing ? Number.NaN : raw * (scale[c] as number) + (shift[c] as number);
      if (++c === channels) c = 0;
    }
  }
}
