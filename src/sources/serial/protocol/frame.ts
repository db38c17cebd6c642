import { cobsBound, cobsDecode, cobsEncode } from './cobs.js';
import { crc32 } from './crc32.js';
import {
  CRC_BYTES,
  FRAME_CAP_BYTES,
  HEADER_BYTES,
  malformed,
  PACKET_CAP_BYTES,
  type PacketView,
  PROTOCOL_VERSION,
} from './packet.js';

/** Why bytes between two delimiters are no packet. `version` is sound but of another protocol. */
export type GarbageReason = 'cobs' | 'short' | 'crc' | 'version' | 'oversize' | 'payload';

/** Loss is data: bytes that gave no packet come out as an item of their own. */
export interface Garbage {
  kind: 'garbage';
  reason: GarbageReason;
  /** Bytes on the line, delimiter not counted. */
  bytes: number;
  /** The protocol version found when the reason is `version`, else 0. */
  version: number;
}

/**
 * Packet (without CRC) to frame: CRC-32 appended, stuffed, delimited.
 * @throws CatnapError `SOURCE_FORMAT` when the frame would pass 4 KiB
 */
export function frameOf(packet: Uint8Array): Uint8Array {
  const bytes = packet.length + CRC_BYTES;
  if (bytes > PACKET_CAP_BYTES)
    throw malformed(`a packet of at most ${PACKET_CAP_BYTES} bytes expected, ${bytes} found`);
  const withCrc = new Uint8Array(bytes);
  withCrc.set(packet);
  new DataView(withCrc.buffer).setUint32(packet.length, crc32(packet), true);
  const frame = new Uint8Array(cobsBound(bytes) + 1);
  const end = cobsEncode(withCrc, frame);
  return frame.subarray(0, end + 1);
}

/**
 * Takes the bytes of a line in any portions and gives packets and garbage, one at a time:
 *
 *     decoder.feed(chunk);
 *     for (let item = decoder.next(); item !== null; item = decoder.next()) ...
 *
 * It allocates nothing for a frame: items and their bytes are reused by the following `next`. What is held
 * between chunks is at most one frame of 4 KiB; a longer one is counted and skipped to its delimiter.
 */
export class FrameDecoder {
  readonly #carry = new Uint8Array(FRAME_CAP_BYTES);
  readonly #packet = new Uint8Array(FRAME_CAP_BYTES);
  readonly #fields = new DataView(this.#packet.buffer);
  readonly #view: PacketView = {
    kind: 'packet',
    version: 0,
    type: 0,
    sequence: 0,
    timeUs: 0,
    bytes: this.#packet,
    start: HEADER_BYTES,
    end: HEADER_BYTES,
  };
  readonly #garbage: Garbage = { kind: 'garbage', reason: 'cobs', bytes: 0, version: 0 };
  #carried = 0;
  /** Bytes of an oversize frame seen so far; 0 when the frame under way still fits. */
  #oversizeBytes = 0;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Gives the next portion. The former one must have been read to its end (`next` gave null). */
  feed(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** The next packet or piece of garbage, or null when the chunk is used up. */
  next(): PacketView | Garbage | null {
    for (;;) {
      const start = this.#at;
      const end = this.#chunk.indexOf(0, start);
      if (end === -1) {
        this.#keep(start);
        return null;
      }
      this.#at = end + 1;
      const bytes = this.#oversizeBytes + this.#carried + end - start;
      // Two delimiters in a row: the sender is making sure that we are in step.
      if (bytes === 0) continue;
      if (bytes >= FRAME_CAP_BYTES) {
        this.#oversizeBytes = 0;
        this.#carried = 0;
        return this.#refuse('oversize', bytes);
      }
      if (this.#carried === 0) return this.#decode(this.#chunk, start, end);
      this.#carry.set(this.#chunk.subarray(start, end), this.#carried);
      this.#carried = 0;
      return this.#decode(this.#carry, 0, bytes);
    }
  }

  /** Forgets a half-received frame, as after reopening the line. */
  reset(): void {
    this.#carried = 0;
    this.#oversizeBytes = 0;
    this.#chunk = new Uint8Array(0);
    this.#at = 0;
  }

  #keep(start: number): void {
    const rest = this.#chunk.length - start;
    this.#at = this.#chunk.length;
    if (this.#oversizeBytes > 0 || this.#carried + rest >= FRAME_CAP_BYTES) {
      this.#oversizeBytes += this.#carried + rest;
      this.#carried = 0;
      return;
    }
    this.#carry.set(this.#chunk.subarray(start), this.#carried);
    this.#carried += rest;
  }

  #decode(input: Uint8Array, start: number, end: number): PacketView | Garbage {
    const packet = this.#packet;
    const length = cobsDecode(input, start, end, packet);
    if (length < 0) return this.#refuse('cobs', end - start);
    if (length < HEADER_BYTES + CRC_BYTES) return this.#refuse('short', end - start);
    const body = length - CRC_BYTES;
    if (crc32(packet, 0, body) !== this.#fields.getUint32(body, true))
      return this.#refuse('crc', end - start);
    if (packet[0] !== PROTOCOL_VERSION) return this.#refuse('version', end - start, packet[0]);
    const view = this.#view;
    view.version = PROTOCOL_VERSION;
    view.type = packet[1] as number;
    view.sequence = this.#fields.getUint16(2, true);
    view.timeUs = this.#fields.getUint32(4, true) + this.#fields.getUint32(8, true) * 2 ** 32;
    view.end = body;
    return view;
  }

  #refuse(reason: GarbageReason, bytes: number, version = 0): Garbage {
    const garbage = this.#garbage;
    garbage.reason = reason;
    garbage.bytes = bytes;
    garbage.version = version;
    return garbage;
  }
}
