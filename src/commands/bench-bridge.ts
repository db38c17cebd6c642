import type { Command } from 'commander';
import { benchCodec, benchLine, type CodecFigures, type LineFigures } from '../bench/bridge.js';
import { wholeNumber } from './whole-number.js';

interface BridgeFlags {
  readonly port?: string;
  readonly baud: number;
  readonly seconds: number;
  readonly json: boolean;
}

/** Channels of a row and rows of a frame: slow process signals, many channels, vibration. */
const SHAPES = [
  [8, 1],
  [16, 1],
  [3, 100],
] as const;

/** `catnap bench bridge`: the serial codec, and a live board. */
export function registerBridge(bench: Command): void {
  bench
    .command('bridge')
    .description('speed of the serial codec, and what a live board loses and costs')
    .option('--port <path>', 'serial device of a live board to read as well')
    .option('--baud <rate>', 'its rate', wholeNumber(1), 921_600)
    .option('--seconds <n>', 'how long to read it', wholeNumber(1), 30)
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: BridgeFlags) => {
      const codec = SHAPES.map(([channels, rows]) => benchCodec(channels, rows));
      const line = flags.port === undefined ? null : await benchLine(flags.port, flags.baud, flags.seconds);
      process.stdout.write(flags.json ? `${JSON.stringify({ codec, line })}\n` : render(codec, line));
    });
}

function render(codec: readonly CodecFigures[], line: LineFigures | null): string {
  const rows = codec.map(
    (figures) =>
      `${figures.channels} channels x ${figures.rowsPerFrame} rows a frame (${figures.frameBytes.toFixed(0)} bytes): ` +
      `${figures.decodeMbPerS.toFixed(0)} MB/CPU-s to packets, ${figures.hopsMbPerS.toFixed(0)} MB/CPU-s to hops, ` +
      `${(figures.coreShareAt1000FramesPerS * 100).toFixed(2)}% of a core at 1,000 frames/s\n`,
  );
  if (line === null) return rows.join('');
  const live =
    `${line.device}: ${line.seconds.toFixed(1)} s, ${line.framesPerS.toFixed(0)} frames/s, ${line.rows} rows, ` +
    `${line.rowsLost} lost on the line, ${line.rowsOverrun} by the board, ${line.garbageBytes} bytes of garbage, ${(line.coreShare * 100).toFixed(1)}% of a core\n`;
  return rows.join('') + live;
}
