/** The packets of firmware-bridge/PROTOCOL.md. Field order and sizes stand there; names here follow it. */
import { CatnapError } from '../../../core/errors.js';

export const PROTOCOL_VERSION = 1;
export const HEADER_BYTES = 12;
export const CRC_BYTES = 4;
/** Longest frame on the line, its delimiter included. */
export const FRAME_CAP_BYTES = 4096;
/** Longest packet whose frame still fits, CRC included: 4078 + 17 code bytes + 1 delimiter. */
export const PACKET_CAP_BYTES = 4078;
export const CHANNEL_CAP = 64;

export const TYPE = {
  hello: 0x01,
  samples: 0x02,
  summary: 0x03,
  overrun: 0x04,
  log: 0x05,
  ack: 0x06,
  nack: 0x07,
  pong: 0x08,
  helloRequest: 0x41,
  configure: 0x42,
  ping: 0x43,
  command: 0x44,
} as const;

export type SampleFormat = 'i16' | 'i32';

export interface BoardChannel {
  readonly name: string;
  readonly unit: string;
  /** value in `unit` = raw * scale + offset */
  readonly scale: number;
  readonly offset: number;
}

/** What a board is and sends. Samples are read only under the `session` of a hello that was received. */
export interface Hello {
  readonly kind: 'hello';
  readonly session: number;
  /** Index of the next row it will take. */
  readonly nextRow: number;
  readonly bootId: number;
  readonly rateHz: number;
  readonly baud: number;
  readonly rowsPerFrame: number;
  readonly format: SampleFormat;
  readonly gated: boolean;
  readonly deviceId: string;
  readonly firmware: string;
  readonly channels: readonly BoardChannel[];
}

/** Rows `[firstRow, firstRow + rows)`, interleaved. */
export interface Samples {
  readonly kind: 'samples';
  readonly session: number;
  readonly firstRow: number;
  readonly channels: number;
  readonly format: SampleFormat;
  /** Raw values; `null` is a missing one. */
  readonly values: readonly (number | null)[];
}

/** What the on-board gate says of rows it did not send. Raw units; `null` where no value was present. */
export interface Summary {
  readonly kind: 'summary';
  readonly session: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly channels: readonly ChannelSummary[];
}

export interface ChannelSummary {
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Mean squared distance from the gate's running mean. */
  readonly variance: number;
}

export type OverrunReason = 'buffer' | 'budget' | 'sampling';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type NackCode =
  | 'malformed'
  | 'unknown-type'
  | 'version'
  | 'out-of-range'
  | 'over-budget'
  | 'refused'
  | 'other';

export type BoardPacket =
  | Hello
  | Samples
  | Summary
  | {
      readonly kind: 'overrun';
      readonly session: number;
      readonly firstRow: number;
      readonly rows: number;
      readonly reason: OverrunReason;
    }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly text: string }
  | { readonly kind: 'ack'; readonly ofType: number; readonly ofSequence: number }
  | {
      readonly kind: 'nack';
      readonly ofType: number;
      readonly ofSequence: number;
      readonly code: NackCode;
      readonly why: string;
    }
  | {
      readonly kind: 'pong';
      readonly token: number;
      readonly session: number;
      readonly nextRow: number;
      /** Rows the board lost since boot, for want of buffer, line or time. */
      readonly rowsOverrun: number;
    };

export type HostPacket =
  | { readonly kind: 'hello-request' }
  | {
      readonly kind: 'configure';
      /** 0 leaves it. */
      readonly rateHz: number;
      /** 0 leaves it. */
      readonly rowsPerFrame: number;
      /** Multiple of a channel's mean deviation that opens the on-board gate; 0 turns it off, `null` leaves it. */
      readonly gateThreshold: number | null;
    }
  | { readonly kind: 'ping'; readonly token: number }
  | { readonly kind: 'command'; readonly text: string };

export type Packet = BoardPacket | HostPacket;

/**
 * A packet whose frame and CRC are right: bytes `[start, end)` of `bytes` are its payload. Borrowed: valid
 * until the next one.
 */
export interface PacketView {
  kind: 'packet';
  version: number;
  type: number;
  sequence: number;
  /** Microseconds since the board booted. */
  timeUs: number;
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Raw value that stands for "missing" in each format. */
export const MISSING_I16 = -32_768;
export const MISSING_I32 = -2_147_483_648;

export const SAMPLES_HEADER_BYTES = 12;

export function formatOf(code: number): SampleFormat | null {
  return code === 1 ? 'i16' : code === 2 ? 'i32' : null;
}

export function formatCode(format: SampleFormat): number {
  return format === 'i16' ? 1 : 2;
}

export function valueBytes(format: SampleFormat): number {
  return format === 'i16' ? 2 : 4;
}

/** The error of a payload that does not follow its packet's layout. */
export function malformed(what: string): CatnapError {
  return new CatnapError('SOURCE_FORMAT', `bridge packet: ${what}`);
}
