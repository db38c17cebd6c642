import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import type { SignalFormat, Source, SourceItem } from '../core/signal/frame.js';
import type { Config } from '../runtime/config.js';
import { sourceIdOf } from '../runtime/replay.js';
import { kindOfRecording, type SourceConfig } from '../runtime/sources.js';
import type { SensorConfig } from '../sensor/config.js';
import { tellPace } from '../sensor/normal/pace.js';
import { paceContext, sensorPace } from '../sensor/profile.js';
import type { Recording } from '../sources/source-kind.js';

export interface RecordingOptions {
  readonly config: Config;
  /** Path of the configuration; null where none was named. */
  readonly configPath: string | null;
  /** Rows a second of a CSV file; null: as the configuration or its times say. */
  readonly rateHz: number | null;
  readonly onRead: (bytes: number) => void;
  /** Column of a table that is left out; null: none. */
  readonly ignore?: string | null;
  /** The one column of a table that is read. */
  readonly only?: string;
}

/**
 * Opens a recording by its extension, as the configuration reads that file or, if it has one such source, any
 * like it.
 */
export async function openRecording(path: string, options: RecordingOptions): Promise<Recording> {
  const kind = kindOfRecording(path);
  const { rateHz, onRead } = options;
  const like = configured(kind.kind, path, options);
  return kind.recording.open({ path, id: sourceIdOf(path), like: restricted(like, options), rateHz, onRead });
}

/** With other columns, where a table is read. */
function restricted(
  like: SourceConfig | null,
  { ignore = null, only }: RecordingOptions,
): SourceConfig | null {
  if (ignore === null && only === undefined) return like;
  const before = like !== null && 'ignore' in like ? like.ignore : [];
  const columns = only === undefined ? {} : { columns: [only], ignore: [] };
  return { ...like, ignore: [...before, ...(ignore === null ? [] : [ignore])], ...columns } as SourceConfig;
}

/** The source of the configuration that reads this file; else the only one of its kind. */
function configured(
  kind: string,
  path: string,
  { config, configPath }: RecordingOptions,
): SourceConfig | null {
  if (configPath === null) return null;
  const folder = dirname(configPath);
  const candidates = config.sources.filter((source) => source.kind === kind);
  const same = candidates.find(
    (source) => 'path' in source && resolve(folder, source.path) === resolve(path),
  );
  return same ?? (candidates.length === 1 ? (candidates[0] ?? null) : null);
}

/**
 * Looks before the first of several is read, so that a slip in the last name costs nothing.
 * @throws CatnapError `INPUT_MISSING`.
 */
export function requireRecording(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === false) return;
  const what = found === undefined ? 'nothing of that name' : 'a folder';
  throw new CatnapError('INPUT_MISSING', `${path}: expected a readable recording, found ${what}`);
}

/** Rows a second as `--rate` gives them. */
export function rateOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const rateHz = Number(text);
  if (rateHz > 0 && Number.isFinite(rateHz)) return rateHz;
  throw new CatnapError('USAGE', `--rate: expected rows a second, found "${text}"`);
}

/** Counts what a source gave, for a note to a person. */
export class Tally implements Source {
  readonly id: string;
  readonly #source: Source;
  #format: SignalFormat | null = null;
  #rows = 0;
  readonly #lost = new Map<string, number>();

  constructor(source: Source) {
    this.id = source.id;
    this.#source = source;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    for await (const item of this.#source.frames(signal)) {
      if (item.kind === 'format') this.#format = item;
      if (item.kind === 'frame') this.#rows += item.data.length / item.channels;
      if (item.kind === 'gap')
        this.#lost.set(item.reason, (this.#lost.get(item.reason) ?? 0) + item.lostSamples);
      yield item;
    }
  }

  /** One line about a sensor recording: what was read, what of it was learnt from, what was lost. */
  note(cascade: SensorConfig, complaints: readonly string[]): string {
    const format = this.#format;
    if (format === null) return 'nothing was read';
    const seconds = this.#rows / format.rateHz;
    const parts = [
      `${this.#rows} rows of ${format.channels.map(({ name }) => name).join(', ')} at ${Number(format.rateHz.toPrecision(3))} Hz`,
      learning(cascade, format.rateHz, seconds),
      ...complaints,
      ...[...this.#lost].map(([reason, rows]) => `${rows} rows lost (${reason})`),
    ];
    return parts.join('; ');
  }
}

function learning(config: SensorConfig, rateHz: number, seconds: number): string {
  const pace = sensorPace(config, rateHz);
  const isShort = config.normal === null && seconds <= pace.learnRows * pace.rowSeconds;
  const told = tellPace(pace, paceContext(config));
  return isShort
    ? `${told}; too short to watch: all of it is learnt from (set learnSeconds, or normal)`
    : told;
}
