import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { CatnapError } from '../core/errors.js';
import { asMeant } from '../core/words.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { nameOfWord, type OwnWordConfig, ownWordSchema } from '../voice/words/config.js';
import { copyTakes, gatherTakes } from '../voice/words/gather-takes.js';
import { planOwnWords } from '../voice/words/plan.js';
import { seededRandom, shuffled } from './audio.js';
import { type Comparator, isTrainedElsewhere } from './words-comparators.js';

/**
 * How the words are told to Catnap: as they are spelt; with takes of other people, or of the speaker; takes alone. Or
 * who else listens for them.
 */
export type Manner = 'typed' | 'takes5' | 'own3' | 'takesAlone' | Comparator;

/** A recording of a phrase. */
export interface Clip {
  readonly path: string;
  readonly phrase: string;
  /** '' where nobody knows. */
  readonly speaker: string;
}

/** A word as it is told: its spelling or none, the clips that are its takes, and those that it is measured on. */
export interface Told {
  /** Its name for the time of the measurement: a phrase may be spelt with what no name may hold. */
  readonly label: string;
  readonly phrase: string;
  readonly spelt: boolean;
  readonly takes: readonly string[];
  readonly measured: ReadonlySet<string>;
}

/** Takes given of a word, and the clips that are then not measured on. */
const TAKES: Readonly<Record<Manner, number>> = {
  typed: 0,
  takes5: 5,
  own3: 3,
  takesAlone: 5,
  openWakeWord: 0,
  dtw: 5,
};
const UNSPELT: ReadonlySet<Manner> = new Set(['takesAlone', 'dtw']);

/**
 * The clips that a folder's `words.csv` (`file,phrase,speaker`; more columns are passed over) lists, each once. Phrases
 * that differ by capitals and signs alone are one, called as it stands there first.
 * @throws CatnapError `USAGE` for a folder without a list, or a list of something else.
 */
export function readClips(data: string): readonly Clip[] {
  const list = join(data, 'words.csv');
  if (!existsSync(list)) throw new CatnapError('USAGE', `${data}: expected words.csv (file,phrase,speaker)`);
  const phrases = new Map<string, string>();
  const clips = new Map<string, Clip>();
  for (const { line, row } of rowsOf(list)) {
    const { file = '', phrase: typed = '', speaker = '' } = row;
    const where = `${list}, line ${line}`;
    if (file === '' || typed === '')
      throw new CatnapError('USAGE', `${where}: expected file,phrase,speaker, found "${file},${typed}"`);
    const path = isAbsolute(file) ? file : join(data, file);
    if (!existsSync(path))
      throw new CatnapError('USAGE', `${where}: expected a recording at ${file}, found none`);
    const meant = asMeant(typed);
    const label = nameOfWord({ say: meant }) || meant;
    const phrase = phrases.get(label) ?? meant;
    phrases.set(label, phrase);
    const before = clips.get(resolve(path));
    if (before !== undefined && before.phrase !== phrase)
      throw new CatnapError(
        'USAGE',
        `${where}: expected one phrase of ${file}, found "${before.phrase}" too`,
      );
    clips.set(resolve(path), before ?? { path, phrase, speaker });
  }
  return [...clips.values()];
}

/** Rows of a list as spreadsheets write them, whatever ends a line; an empty column at the end may be missing. */
function rowsOf(list: string): readonly { readonly line: number; readonly row: Record<string, string> }[] {
  const how = { columns: true, skip_empty_lines: true, trim: true, bom: true, info: true } as const;
  const ends = { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count_less: true };
  try {
    const rows = parse(readFileSync(list), { ...how, ...ends }) as unknown as readonly {
      readonly info: { readonly lines: number };
      readonly record: Record<string, string>;
    }[];
    return rows.map(({ info, record }) => ({ line: info.lines, row: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CatnapError('USAGE', `${list}: expected a table of file,phrase,speaker: ${error.message}`);
  }
}

/** Whether words that are told so are told by takes, so that it matters which ones were drawn. */
export function isDealt(manner: Manner): boolean {
  return TAKES[manner] > 0;
}

/** The clips that a phrase needs to be measured in a manner, in words. */
export function neededFor(manner: Manner): string {
  const takes = TAKES[manner];
  return manner === 'own3'
    ? `a speaker with more than ${takes} clips`
    : `takes of ${takes} people and clips of others`;
}

/**
 * Deals the clips of each phrase: takes for the word, and what is measured on, the same whatever the order of the list.
 * Without phrases of too few clips.
 */
export function dealt(clips: readonly Clip[], manner: Manner, seed: string): readonly Told[] {
  const told: Told[] = [];
  const sorted = [...clips].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const phrase of new Set(sorted.map((clip) => clip.phrase))) {
    if (manner === 'openWakeWord' && !isTrainedElsewhere(phrase)) continue;
    const random = seededRandom(`${seed} ${phrase}`);
    const own = shuffled(
      sorted.filter((clip) => clip.phrase === phrase),
      random,
    );
    const { takes, rest } = manner === 'own3' ? ofOneSpeaker(own) : ofOthers(own, TAKES[manner]);
    if (takes.length < TAKES[manner] || rest.length === 0) continue;
    told.push({
      label: `word_${told.length}`,
      phrase,
      spelt: !UNSPELT.has(manner),
      takes: takes.map(({ path }) => path),
      measured: new Set(rest.map(({ path }) => path)),
    });
  }
  return told;
}

/** Takes of so many people, and the clips of everybody else. */
function ofOthers(
  clips: readonly Clip[],
  count: number,
): { readonly takes: readonly Clip[]; readonly rest: readonly Clip[] } {
  const takes: Clip[] = [];
  for (const clip of clips) {
    const isNew = clip.speaker === '' || takes.every(({ speaker }) => speaker !== clip.speaker);
    if (takes.length < count && isNew) takes.push(clip);
  }
  const givers = new Set(takes.map(({ speaker }) => speaker).filter((speaker) => speaker !== ''));
  return { takes, rest: clips.filter((clip) => !takes.includes(clip) && !givers.has(clip.speaker)) };
}

/** Three takes of the speaker who has most clips, and that speaker's others. */
function ofOneSpeaker(clips: readonly Clip[]): {
  readonly takes: readonly Clip[];
  readonly rest: readonly Clip[];
} {
  const speakers = new Set(clips.map(({ speaker }) => speaker).filter((speaker) => speaker !== ''));
  const [most = []] = [...speakers]
    .map((speaker) => clips.filter((clip) => clip.speaker === speaker))
    .sort((a, b) => b.length - a.length);
  return { takes: most.slice(0, TAKES.own3), rest: most.slice(TAKES.own3) };
}

/** What a word is refused with: too few takes of it agree, or nobody knows to say its letters. */
const REFUSALS: ReadonlySet<string> = new Set(['SOURCE_FORMAT', 'WORD_UNSAYABLE']);

/** A word that is told, as a configuration has it; its takes lie in a folder. */
export interface ToldWord extends Told {
  readonly config: OwnWordConfig;
}

/**
 * Lays takes out as folders for as long as they are needed, as `catnap words record --from` does: those that are of
 * something else are left out, and the word is believed from where its takes say.
 * @param onRefused is told of a word that too few takes are left of, or that nobody knows to say.
 */
export async function withTakes<Word extends Told, T>(
  told: readonly Word[],
  onRefused: (told: Word, why: string) => void,
  use: (words: readonly (Word & ToldWord)[]) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'catnap-takes-'));
  try {
    const words: (Word & ToldWord)[] = [];
    for (const [index, each] of told.entries()) {
      try {
        words.push({ ...each, config: await configOf(each, join(folder, String(index))) });
      } catch (error) {
        if (!(error instanceof CatnapError) || !REFUSALS.has(error.code)) throw error;
        onRefused(each, error.message);
      }
    }
    return await use(words);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function configOf({ label, phrase, spelt, takes }: Told, folder: string): Promise<OwnWordConfig> {
  if (takes.length === 0) return sayable({ say: phrase, name: label });
  const given = join(folder, 'given');
  mkdirSync(given, { recursive: true });
  for (const [index, file] of takes.entries()) copyFileSync(file, join(given, `${index}-${basename(file)}`));
  const kept = await gatherTakes(
    join(folder, 'takes'),
    { phrase: spelt ? phrase : null, ipa: [] },
    (fresh, judges) => copyTakes(fresh, given, judges),
  );
  const { accept } = kept.point;
  const told = { name: label, takes: kept.folder, accept };
  return spelt ? { say: phrase, ...told } : told;
}

/** @throws CatnapError `WORD_UNSAYABLE` for a word that is not spelt in letters that somebody knows to say. */
async function sayable(word: OwnWordConfig & { readonly say: string }): Promise<OwnWordConfig> {
  if (!ownWordSchema.safeParse(word).success)
    throw new CatnapError('WORD_UNSAYABLE', `"${word.say}": expected a word or phrase in letters`);
  await planOwnWords([word], UNHURRIED);
  return word;
}

/** Seconds until a word that is told could be listened for. */
export async function secondsToAdd({ config }: ToldWord): Promise<number> {
  const before = systemClock.monotonicMs();
  await planOwnWords([config], UNHURRIED);
  return (systemClock.monotonicMs() - before) / 1000;
}

/** What own words are planned with where nobody waits. */
export const UNHURRIED = {
  tiny: { budgetMs: 60_000 },
  heavy: { budgetMs: 60_000 },
};
