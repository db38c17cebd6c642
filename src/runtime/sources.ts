import { resolve } from 'node:path';
import type { Source } from '../core/signal/frame.js';
import type { WayOut } from '../egress/way-out.js';
import type { SourceConfig } from '../sources/config.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { inRealTime } from './replay.js';

/** A source and how to treat it. */
export interface CreatedSource {
  readonly source: Source;
  /** Sends text to the source's board, where it has one that takes commands. */
  readonly command: ((text: string) => Promise<void>) | null;
  /** Goes on for ever: to be opened again when it is lost. A recording ends, and what is wrong with it stays. */
  readonly isDevice: boolean;
  /** What a person calls it. */
  readonly title: string;
}

/**
 * Makes the source of a configuration; only its own kind is imported. Opens nothing yet.
 * @param folder what relative paths are relative to.
 * @param wayOut what a source takes that has to reach for its rows.
 */
export async function createSource(
  config: SourceConfig,
  folder: string,
  wayOut: Pick<WayOut, 'leave'>,
): Promise<CreatedSource> {
  switch (config.kind) {
    case 'microphone': {
      const { Microphone } = await import('../sources/microphone/microphone.js');
      return deviceOf(
        await atVoiceRate(new Microphone(config), config.rateHz),
        `${config.recorder} ${config.device}`,
      );
    }
    case 'serial': {
      const { SerialSource } = await import('../sources/serial/serial.js');
      const board = new SerialSource(config);
      return { ...deviceOf(board, config.path), command: (text) => board.command(text) };
    }
    case 'serial-recording': {
      const { SerialRecording } = await import('../sources/serial/serial-recording.js');
      const recording = new SerialRecording({ ...config, path: resolve(folder, config.path) });
      return recordingOf(atSpeed(recording, config.speed), config.path);
    }
    case 'csv': {
      const { CsvSource } = await import('../sources/table/csv.js');
      const table = new CsvSource({ ...config, path: resolve(folder, config.path) });
      return recordingOf(atSpeed(table, config.speed), config.path);
    }
    case 'file': {
      const { FileSource } = await import('../sources/recording/file.js');
      const file = new FileSource({ ...config, path: resolve(folder, config.path) });
      return recordingOf(config.realtime ? inRealTime(file) : file, config.path);
    }
    case 'stdin': {
      const { openStandardInput, RawPcmSource } = await import('../sources/stdin/stdin.js');
      return recordingOf(new RawPcmSource({ ...config, stream: openStandardInput() }), 'stdin');
    }
    case 'mqtt': {
      const { MqttSource } = await import('../sources/mqtt/mqtt.js');
      return deviceOf(new MqttSource(config, wayOut), `${config.url} ${config.topic}`);
    }
  }
}

function deviceOf(source: Source, title: string): CreatedSource {
  return { source, command: null, isDevice: true, title };
}

function recordingOf(source: Source, title: string): CreatedSource {
  return { source, command: null, isDevice: false, title };
}

/** 0 is as fast as it goes. */
function atSpeed(source: Source, speed: number): Source {
  return speed === 0 ? source : inRealTime(source, speed);
}

async function atVoiceRate(source: Source, rateHz: number): Promise<Source> {
  if (rateHz === VOICE_RATE_HZ) return source;
  const { ResampledSource } = await import('../sources/resampled.js');
  return new ResampledSource(source);
}
