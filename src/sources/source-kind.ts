import type { Time } from '../core/clock.js';
import type { Health } from '../core/events/health.js';
import type { Findings } from '../core/finding.js';
import type { Answered, Ask, SettingFault, Zod } from '../core/kind.js';
import type { Source } from '../core/signal/frame.js';
import type * as z from '../core/zod.js';
import type { WayOut } from '../egress/way-out.js';

/** What every source of a configuration has. */
export interface SourceSettings {
  readonly id: string;
  readonly kind: string;
  /** Name of the cascade that watches it. */
  readonly cascade: string;
}

/** Where a source stands. */
export interface SourcePlace {
  /** What relative paths are relative to. */
  readonly folder: string;
}

/** What a source is given of the world it is checked in. */
export interface CheckEdges extends SourcePlace, Time {
  /** Taken by a source that has to reach for its rows. */
  readonly wayOut: Pick<WayOut, 'leave'>;
}

/** What a source is given of the world it is opened in. */
export interface SourceEdges extends CheckEdges {
  /** What is told how one thing about the source is; no other's health covers it. */
  readonly onHealth: (condition: SourceCondition) => (health: Health) => void;
}

/**
 * What a source tells the health of: its channels (dead or cancelling in a mix, left out), whether values come, whether
 * their times can be read, and whether the clock that gives those goes on.
 */
export type SourceCondition = 'channels' | 'values' | 'times' | 'clock';

/** A source and how to treat it. */
export interface OpenedSource {
  readonly source: Source;
  /** Sends text to the source's board, where it has one that takes commands. */
  readonly command: ((text: string) => Promise<void>) | null;
  /** Goes on for ever: to be opened again when it is lost. A recording ends, and what is wrong with it stays. */
  readonly isDevice: boolean;
  /** What a person calls it. */
  readonly title: string;
}

/** How `catnap replay` opens a recording that is named on the command line. */
export interface RecordingRequest<Config> {
  readonly path: string;
  /** What its events call it where no configuration does. */
  readonly id: string;
  /** The source of the configuration that reads this file, or the only one of its kind. */
  readonly like: Config | null;
  /** Rows a second, where the file does not say; null: as the configuration or its times say. */
  readonly rateHz: number | null;
  readonly onRead: (bytes: number) => void;
}

/** A file that was named on the command line. */
export interface Recording {
  readonly source: Source;
  /** Name of the cascade that is to watch it, where none is named. */
  readonly cascade: string;
  /** What was not as it should be, so far; empty when all was. */
  readonly complaints: () => readonly string[];
}

/** A kind of source whose recordings `catnap replay` plays. */
export interface RecordingKind<Config> {
  /** What a person calls such files. */
  readonly title: string;
  /** Endings of their names, lower case, with the dot; null: every ending that is no other kind's. */
  readonly extensions: readonly string[] | null;
  open(request: RecordingRequest<Config>): Promise<Recording>;
}

/** What there is of a kind on this machine, by the names a configuration wants. */
export interface Attached {
  /** What they are called together: `microphones`. */
  readonly name: string;
  /** The same for a person, with the setting that takes such a name. */
  readonly title: string;
  readonly devices: readonly {
    /** For a person. */
    readonly line: string;
    /** For a program. */
    readonly about: Readonly<Record<string, string>>;
  }[];
  /** Why it cannot be told; null where it can. */
  readonly problem: string | null;
}

/** What `catnap record` writes down. */
export interface Capture {
  readonly source: Source;
  readonly rateHz: number;
}

/**
 * A kind of source: its settings, its code, what `catnap doctor` looks at and what `catnap init` asks. What loads
 * libraries stands in modules of its own, imported when it is called.
 */
export interface SourceKind<Config extends SourceSettings> {
  readonly kind: Config['kind'];
  /** The settings, for a configuration. */
  schema(z: Zod): z.ZodType<Config>;
  /** Makes the source; opens no device yet. */
  open(config: Config, edges: SourceEdges): Promise<OpenedSource>;
  /** What is wrong with the settings on this machine, whenever they are tried; looked at with every configuration. */
  faults?(config: Config, place: SourcePlace): readonly SettingFault[];
  /** What it plays and is not there now: wrong for a run, and nothing to who only reads the settings. */
  missing?(config: Config, place: SourcePlace): readonly SettingFault[];
  /** What this source needs of the machine; without it, nothing. What is thrown is a problem, too. */
  check?(config: Config, edges: CheckEdges): Promise<Findings>;
  /** Asks what `catnap init` has to know. */
  question?(ask: Ask): Promise<Answered>;
  readonly recording?: RecordingKind<Config>;
  /** Looks for what `catnap devices` lists. */
  attached?(): Promise<Attached>;
  /** Opens it for `catnap record`, unchanged; `device` takes the place of the configured one. */
  capture?(config: Config, time: Time, device: string | undefined): Promise<Capture>;
}

/** A source that goes on for ever. */
export function deviceOf(
  source: Source,
  title: string,
  command: OpenedSource['command'] = null,
): OpenedSource {
  return { source, command, isDevice: true, title };
}

/** A source that ends. */
export function recordingOf(source: Source, title: string): OpenedSource {
  return { source, command: null, isDevice: false, title };
}
