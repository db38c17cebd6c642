import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CatnapError } from '../core/errors.js';

/** One labelled recording of a folder laid out as the benchmark's data is. */
export interface Recording {
  /** Which list it stands in. */
  readonly corpus: 'wake' | 'wuw' | 'commands' | 'orders' | 'noise' | 'negatives';
  readonly path: string;
  /** Words of the list's keyword column that are said in it. */
  readonly keywords: readonly string[];
  /** What is said in it, in lower case, where the list has a transcript; '' where it has none. */
  readonly text: string;
  /** Where the keyword ends, seconds, where the list says so. */
  readonly endSeconds: number | null;
  /** Acoustic group, speaker or origin; '' where unknown. Splits go by it. */
  readonly group: string;
  /** What is asked for in it, as the list has it: `label`, or the single word; '' where it has nothing. */
  readonly label: string;
}

type Row = Readonly<Record<string, string>>;

const READERS: Readonly<
  Record<Exclude<Recording['corpus'], 'negatives'>, (row: Row) => Omit<Recording, 'path' | 'label'>>
> = {
  wake: (row) => ({ corpus: 'wake', ...wordOf(row.keyword), group: row.group ?? '' }),
  wuw: (row) => ({
    ...wordOf(row.keyword, row.end),
    corpus: 'wuw',
    text: (row.text ?? '').toLowerCase(),
    group: row.speaker ?? '',
  }),
  commands: (row) => ({ corpus: 'commands', ...wordOf(row.word), group: row.speaker ?? '' }),
  orders: (row) => ({ corpus: 'orders', ...wordOf(undefined), group: row.source ?? '' }),
  noise: (row) => ({ corpus: 'noise', ...wordOf(undefined), group: row.group ?? row.file ?? '' }),
};

/** What a recording stands or falls with: its group; itself where that is unknown. */
export function groupOf({ group, path }: Recording): string {
  return group === '' ? path : group;
}

/** A word as lists spell it: `hey_jarvis` is `jarvis` there. */
export function asListed(label: string): string {
  return label.replace(/^hey[ _]/, '').replaceAll(/[ -]/g, '_');
}

/** Whether the transcript of a recording has this word, as lists spell it (`smart_mirror`), as a word of its own. */
export function mentions({ text }: Pick<Recording, 'text'>, word: string): boolean {
  return ` ${text} `.includes(` ${word.replaceAll('_', ' ')} `);
}

function wordOf(word: string | undefined, end?: string): Pick<Recording, 'keywords' | 'text' | 'endSeconds'> {
  const endSeconds = end === undefined || end === '' ? null : Number(end);
  return { keywords: word === undefined || word === '' ? [] : [word], text: '', endSeconds };
}

/**
 * The recordings that a folder's lists (`wake.csv`, `wuw.csv`, `commands.csv`, `orders.csv`, `noise.csv`) name.
 * Lists may be missing. Long backgrounds below `noise/background` belong to the noises, listed or not.
 * @throws CatnapError `INPUT_MISSING` when there is none of them.
 */
export function readDataset(folder: string): readonly Recording[] {
  const recordings: Recording[] = [];
  for (const [name, read] of Object.entries(READERS)) {
    const list = join(folder, `${name}.csv`);
    if (!existsSync(list)) continue;
    for (const row of parse(readFileSync(list), { columns: true, skip_empty_lines: true }) as Row[]) {
      recordings.push({
        ...read(row),
        path: join(folder, row.file ?? ''),
        label: row.label ?? row.word ?? '',
      });
    }
  }
  const background = join(folder, 'noise', 'background');
  const listed = new Set(recordings.map(({ path }) => path));
  for (const recording of existsSync(background) ? readNegatives(background) : []) {
    if (!listed.has(recording.path))
      recordings.push({ ...recording, corpus: 'noise', group: basename(recording.path) });
  }
  if (recordings.length > 0) return recordings;
  const lists = Object.keys(READERS).map((name) => `${name}.csv`);
  throw new CatnapError(
    'INPUT_MISSING',
    `${folder}: expected at least one of ${lists.join(', ')}, found none`,
  );
}

const AUDIO = new Set(['.wav', '.flac', '.ogg', '.oga', '.opus']);

/**
 * Every recording below a folder, as recordings that hold no keyword.
 * @throws CatnapError `INPUT_MISSING` where there is no such folder.
 */
export function readNegatives(folder: string): readonly Recording[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CatnapError('INPUT_MISSING', `${folder}: expected a folder of recordings, found none`);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => AUDIO.has(extname(file).toLowerCase()))
    .sort()
    .map((file) => ({
      corpus: 'negatives',
      path: join(folder, file),
      keywords: [],
      text: '',
      endSeconds: null,
      group: '',
      label: '',
    }));
}
