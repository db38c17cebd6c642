import { extname } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { tableOf } from '../core/kind.js';
import type { Source } from '../core/signal/frame.js';
import type * as z from '../core/zod.js';
import { createWayOut } from '../egress/way-out.js';
import { microphone } from '../sources/microphone/kind.js';
import { module } from '../sources/module/kind.js';
import { mqtt } from '../sources/mqtt/kind.js';
import { file } from '../sources/recording/kind.js';
import { serial } from '../sources/serial/kind.js';
import { serialRecording } from '../sources/serial/recording-kind.js';
import { serialText } from '../sources/serial-text/kind.js';
import type { OpenedSource, SourceEdges, SourceKind } from '../sources/source-kind.js';
import { stdin } from '../sources/stdin/kind.js';
import { csv } from '../sources/table/kind.js';
import { wyoming } from '../sources/wyoming/kind.js';
import { systemTime } from './process/system-clock.js';

/** Every kind of source: configuration, `doctor`, `init`, `record` and `replay` are made from it. */
export const SOURCES = tableOf({
  microphone,
  file,
  stdin,
  serial,
  'serial-recording': serialRecording,
  'serial-text': serialText,
  csv,
  mqtt,
  wyoming,
  module,
});

/** Settings of any kind of source, as the configuration has checked them. */
export type SourceConfig = z.infer<ReturnType<(typeof SOURCES)[keyof typeof SOURCES]['schema']>>;

type Kind = SourceKind<SourceConfig>;
type KindWith<Part extends keyof Kind> = Kind & Required<Pick<Kind, Part>>;

/** The kinds that have `part`, in the order in which they are offered. */
export function sourceKindsWith<Part extends keyof Kind>(part: Part): [KindWith<Part>, ...KindWith<Part>[]] {
  const kinds = Object.values(SOURCES) as unknown as readonly Kind[];
  const [first, ...others] = kinds.filter((kind): kind is KindWith<Part> => kind[part] !== undefined);
  if (first === undefined) throw new Error(`no kind of source has ${part}`);
  return [first, ...others];
}

/** The kind of a source. */
export function sourceKindOf({ kind }: SourceConfig): Kind {
  return SOURCES[kind] as unknown as Kind;
}

const RECORDED = sourceKindsWith('recording');

/** What recordings of such kinds are called, for a person. */
export const RECORDINGS = RECORDED.map(({ recording }) => recording.title);

/**
 * The kind of source that a recording is of, by the ending of its name.
 * @throws CatnapError `USAGE` for an ending that no kind has.
 */
export function kindOfRecording(path: string): KindWith<'recording'> {
  const ending = extname(path).toLowerCase();
  const found =
    RECORDED.find(({ recording }) => recording.extensions?.includes(ending)) ??
    RECORDED.find(({ recording }) => recording.extensions === null);
  if (found !== undefined) return found;
  throw new CatnapError('USAGE', `${path}: expected ${RECORDINGS.join(', ')}, found the ending "${ending}"`);
}

/** Opens a recording as the source `id`; its kind takes of the settings what it knows. */
export async function openRecording(
  path: string,
  id: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<Source> {
  const { kind, recording } = kindOfRecording(path);
  const like = { ...settings, kind, id, path } as unknown as SourceConfig;
  return (await recording.open({ path, id, like, rateHz: null, onRead: () => {} })).source;
}

/** Makes the source of a configuration; only its own kind's code is loaded. Opens no device yet. */
export function createSource(config: SourceConfig, edges: SourceEdges): Promise<OpenedSource> {
  return sourceKindOf(config).open(config, edges);
}

/** Makes the source of a configuration for a command that only hears it: relative paths are relative to `folder`. */
export async function createLoneSource(config: SourceConfig, folder: string): Promise<Source> {
  const edges = { ...systemTime, folder, wayOut: createWayOut(false), onHealth: () => () => {} };
  return (await createSource(config, edges)).source;
}
