import { systemClock, systemTime } from '../runtime/process/system-clock.js';
import { FrameDecoder, frameOf } from '../sources/serial/protocol/frame.js';
import { BoardLink, type LinkStats } from '../sources/serial/protocol/link.js';
import type { Hello, Samples } from '../sources/serial/protocol/packet.js';
import { writePacket } from '../sources/serial/protocol/payload.js';
import { SerialSource } from '../sources/serial/serial.js';
import { quantileOrNull } from './statistics.js';

/** How fast bytes of a board become packets, and rows. */
export interface CodecFigures {
  /** Channels of a row and rows of a frame. */
  readonly channels: number;
  readonly rowsPerFrame: number;
  readonly frameBytes: number;
  /** Millions of line bytes a CPU second to checked packets, and to hops of values; medians of the rounds. */
  readonly decodeMbPerS: number;
  readonly hopsMbPerS: number;
  /** Share of one core that hops cost at a thousand frames a second. */
  readonly coreShareAt1000FramesPerS: number;
}

/** What a live board gave. */
export interface LineFigures {
  readonly device: string;
  readonly seconds: number;
  readonly framesPerS: number;
  readonly rows: number;
  /** On the line. */
  readonly rowsLost: number;
  /** By the board itself, which says so. */
  readonly rowsOverrun: number;
  readonly garbageBytes: number;
  /** CPU seconds of this process for each second, in all threads. */
  readonly coreShare: number;
}

const ROUND_BYTES = 8 * 1024 * 1024;
const ROUNDS = 7;
const CHUNK_BYTES = 64 * 1024;
const SESSION = 1;

/** Measures the codec over synthetic frames of one shape, in this process. */
export function benchCodec(channels: number, rowsPerFrame: number): CodecFigures {
  const { hello, frames, frameBytes, rows } = boardBytes(channels, rowsPerFrame);
  const decodes: number[] = [];
  const hops: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const decoder = new FrameDecoder();
    decodes.push(
      mbPerS(frames, (chunk) => {
        decoder.feed(chunk);
        let packets = 0;
        while (decoder.next() !== null) packets++;
        return packets;
      }),
    );
    // A link takes a row once, so every pass is another board's.
    let link = new BoardLink('bench', { hopRows: 100 });
    hops.push(
      mbPerS(frames, (chunk) => {
        if (chunk.byteOffset === frames.byteOffset) {
          link = new BoardLink('bench', { hopRows: 100 });
          for (const _ of link.read(hello));
        }
        let items = 0;
        for (const _ of link.read(chunk)) items++;
        return items;
      }),
    );
    if (link.stats.rows !== rows) throw new Error(`bench lost rows: ${link.stats.rows} of ${rows}`);
  }
  const hopsMbPerS = quantileOrNull(hops, 0.5) as number;
  return {
    channels,
    rowsPerFrame,
    frameBytes,
    decodeMbPerS: quantileOrNull(decodes, 0.5) as number,
    hopsMbPerS,
    coreShareAt1000FramesPerS: (1000 * frameBytes) / (hopsMbPerS * 1e6),
  };
}

/**
 * Reads a live board for some seconds after its first hop.
 * @throws CatnapError what the line throws
 */
export async function benchLine(path: string, baud: number, seconds: number): Promise<LineFigures> {
  const source = new SerialSource({ ...systemTime, id: 'bench', path, baud });
  const stop = new AbortController();
  let begun: { atMs: number; cpu: NodeJS.CpuUsage; stats: LinkStats } | null = null;
  for await (const item of source.frames(stop.signal)) {
    if (item.kind !== 'frame') continue;
    begun ??= {
      atMs: systemClock.monotonicMs(),
      cpu: process.cpuUsage(),
      stats: structuredClone(source.stats),
    };
    if (systemClock.monotonicMs() - begun.atMs >= seconds * 1000) break;
  }
  stop.abort();
  const { stats, hello } = source;
  const spent = process.cpuUsage(begun?.cpu);
  const elapsedS = (systemClock.monotonicMs() - (begun?.atMs ?? 0)) / 1000;
  return {
    device: hello?.deviceId ?? '',
    seconds: elapsedS,
    framesPerS: (stats.packets - (begun?.stats.packets ?? 0)) / elapsedS,
    rows: stats.rows - (begun?.stats.rows ?? 0),
    rowsLost: stats.rowsLost - (begun?.stats.rowsLost ?? 0),
    rowsOverrun: stats.rowsOverrun - (begun?.stats.rowsOverrun ?? 0),
    garbageBytes: stats.garbageBytes - (begun?.stats.garbageBytes ?? 0),
    coreShare: (spent.user + spent.system) / 1e6 / elapsedS,
  };
}

/** Runs over `bytes` in the portions a serial port gives. CPU time, since a busy machine is no slower codec. */
function mbPerS(bytes: Uint8Array, take: (chunk: Uint8Array) => number): number {
  const start = process.cpuUsage();
  let taken = 0;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) taken += take(bytes.subarray(at, at + CHUNK_BYTES));
  if (taken === 0) throw new Error('bench took nothing');
  const { user, system } = process.cpuUsage(start);
  return bytes.length / (user + system);
}

function boardBytes(channels: number, rowsPerFrame: number) {
  const description: Hello = {
    kind: 'hello',
    session: SESSION,
    nextRow: 0,
    bootId: 1,
    rateHz: 1000,
    baud: 4_000_000,
    rowsPerFrame,
    format: 'i16',
    gated: false,
    deviceId: 'bench',
    firmware: 'bench',
    channels: Array.from({ length: channels }, (_, i) => ({
      name: `c${i}`,
      unit: '',
      scale: 0.01,
      offset: 0,
    })),
  };
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let frame = 0; bytes < ROUND_BYTES; frame++) {
    const firstRow = frame * rowsPerFrame;
    // A noisy signal, with the zeros that a real one has now and then.
    const values = Array.from(
      { length: channels * rowsPerFrame },
      (_, i) => (((firstRow + i) * 7919) % 4001) - 2000,
    );
    const packet: Samples = { kind: 'samples', session: SESSION, firstRow, channels, format: 'i16', values };
    const part = frameOf(writePacket(packet, frame & 0xffff, frame));
    parts.push(part);
    bytes += part.length;
  }
  return {
    hello: frameOf(writePacket(description, 0, 0)),
    frames: Buffer.concat(parts),
    frameBytes: bytes / parts.length,
    rows: parts.length * rowsPerFrame,
  };
}
