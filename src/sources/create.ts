import { resolve } from 'node:path';
import type { SourceConfig } from '../config/sources.js';
import type { Source } from '../core/frame.js';
import { inRealTime } from '../replay.js';
import type { WayOut } from '../uplink/way-out.js';
import { CsvSource } from './csv.js';
import { FileSource } from './file.js';
import { Microphone } from './microphone.js';
import { VOICE_RATE_HZ } from './mono.js';
import { MqttSource } from './mqtt.js';
import { ResampledSource } from './resampled.js';
import { SerialSource } from './serial.js';
import { SerialRecording } from './serial-recording.js';
import { openStandardInput, RawPcmSource } from './stdin.js';

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
 * Makes the source of a configuration. Opens nothing yet.
 * @param folder what relative paths are relative to.
 * @param wayOut what a source takes that has to reach for its rows.
 */
export function createSource(
  config: SourceConfig,
  folder: string,
  wayOut: Pick<WayOut, 'leave'>,
): CreatedSource {
  switch (config.kind) {
    case 'microphone':
      return {
        source: microphone(config),
        command: null,
        isDevice: true,
        title: `${config.recorder} ${config.device}`,
      };
    case 'serial':
      return boardOf(new SerialSource(config), config.path);
    case 'serial-recording': {
      const recording = new SerialRecording({ ...config, path: resolve(folder, config.path) });
      return { source: atSpeed(recording, config.speed), command: null, isDevice: false, title: config.path };
    }
    case 'csv': {
      const table = new CsvSource({ ...config, path: resolve(folder, config.path) });
      return { source: atSpeed(table, config.speed), command: null, isDevice: false, title: config.path };
    }
    case 'file': {
      const file = new FileSource({ ...config, path: resolve(folder, config.path) });
      return {
        source: config.realtime ? inRealTime(file) : file,
        command: null,
        isDevice: false,
        title: config.path,
      };
    }
    case 'stdin':
      return {
        source: new RawPcmSource({ ...config, stream: openStandardInput() }),
        command: null,
        isDevice: false,
        title: 'stdin',
      };
    case 'mqtt':
      return {
        source: new MqttSource(config, wayOut),
        command: null,
        isDevice: true,
        title: `${config.url} ${config.topic}`,
      };
  }
}

/** 0 is as fast as it goes. */
function atSpeed(source: Source, speed: number): Source {
  return speed === 0 ? source : inRealTime(source, speed);
}

function microphone(config: Extract<SourceConfig, { kind: 'microphone' }>): Source {
  const source = new Microphone(config);
  return config.rateHz === VOICE_RATE_HZ ? source : new ResampledSource(source);
}

function boardOf(source: SerialSource, title: string): CreatedSource {
  return { source, command: (text) => source.command(text), isDevice: true, title };
}
