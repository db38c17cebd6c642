import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asListed } from '../bench/dataset.js';
import { CatnapError } from '../core/errors.js';
import { type EventOf, wholeDetectionOf } from '../core/events/events.js';
import { labelOf, type Told } from '../core/events/labels.js';
import { EventStamp } from '../core/events/stamp.js';
import { CLIPS_FOLDER } from '../events/clips.js';
import { journalEvents } from '../events/journal-reading.js';
import { keepLabels, keptLabels } from '../events/labels-file.js';
import { unwritable } from '../files/unwritable.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { toldIn } from './told-in.js';

/** What reading a folder came to. */
export interface LabelledByFolder {
  readonly labelled: number;
  /** The folder said the same before. */
  readonly same: number;
  /** Recordings that are no clip of a detection that the journal holds. */
  readonly unknown: number;
}

type Row = Readonly<Record<string, string | undefined>>;

/** What a clip is of, by where it was found; null: no word at all. */
type Was = string | null;

/** Lists of words said, of noises, and of what was to be labelled: what a row of each says its file is. */
const LISTS: Readonly<Record<string, (row: Row) => Was | undefined>> = {
  wake: ({ keyword }) => keyword || undefined,
  noise: ({ label }) => label || null,
  unlabelled: ({ label }) => label || undefined,
};

/** Names of folders, and labels, that say that there was no word. */
const NO_WORD = new Set(['noise', 'none', 'nothing', 'wrong']);
/** Says that it was what it was taken for. */
const RIGHT = 'right';

/**
 * Labels the detections and near misses that the clips of a folder are of: by the folder below it that a clip lies in,
 * `right`, `wrong`, `noise` or what it was, or by the lists `wake.csv`, `noise.csv` and `unlabelled.csv`. Nothing is
 * kept unless all of it is.
 *
 * @param stateDir whose journal names the clips
 * @throws CatnapError `INPUT_MISSING` where no clip in it is labelled, `USAGE` where one is labelled twice or none is
 * the journal's, `OUTPUT_UNWRITABLE`.
 */
export async function labelByFolder(
  folder: string,
  stateDir: string,
  journal: string,
): Promise<LabelledByFolder> {
  const found = wasByFile(folder);
  const clips = new Map<string, Was>();
  for await (const event of journalEvents(journal, { facets: { type: 'clip' } })) {
    const whole = wholeDetectionOf(event);
    if (event.type !== 'clip' || whole === null) continue;
    const was = found.get(event.file);
    if (was !== undefined) clips.set(whole, was);
  }
  const told = await toldIn(journal, (_, whole) => clips.has(whole));
  if (told.size === 0)
    throw new CatnapError(
      'USAGE',
      `${folder}: expected clips of detections that the journal holds, found none among ${found.size} that are labelled`,
    );
  const before = saidBefore(stateDir);
  const stamp = new EventStamp('folder', randomUUID(), systemClock);
  const labels = [...told].flatMap(([whole, about]): EventOf<'label'>[] => {
    const said = verdictOf(about, clips.get(whole) ?? null);
    const known = before.get(whole);
    if (known !== undefined && known.verdict === said.verdict && known.was === said.was) return [];
    return [{ ...labelOf(about, { ...said, by: folder, witness: 'folder' }), ...stamp.next(null) }];
  });
  try {
    if (labels.length > 0) await keepLabels(stateDir, labels);
  } catch (cause) {
    throw unwritable(stateDir, cause);
  }
  return { labelled: labels.length, same: told.size - labels.length, unknown: found.size - told.size };
}

/** By the name of a clip's file: what it was, of those of which the folder says so. */
function wasByFile(folder: string): ReadonlyMap<string, Was> {
  if (!existsSync(folder))
    throw new CatnapError('INPUT_MISSING', `${folder}: expected a folder of clips, found nothing`);
  const found = new Map<string, { readonly was: Was; readonly where: string }>();
  const take = (path: string, was: Was, where: string) => {
    const before = found.get(basename(path));
    if (before !== undefined && before.was !== was)
      throw new CatnapError('USAGE', `${path}: expected one label, found ${before.where} and ${where}`);
    found.set(basename(path), { was, where });
  };
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const sorted = basename(dirname(file));
    if (!file.endsWith('.wav') || dirname(file) === '.' || sorted === CLIPS_FOLDER) continue;
    take(file, NO_WORD.has(sorted.toLowerCase()) ? null : sorted, `the folder ${sorted}`);
  }
  for (const [name, wasOf] of Object.entries(LISTS))
    for (const row of rowsOf(join(folder, `${name}.csv`))) {
      const was = wasOf(row);
      // What `export` wrote a witness to is that witness's word, and no new one; what was moved lies elsewhere now.
      if (was === undefined || row.witness || !row.file || !existsSync(resolve(folder, row.file))) continue;
      take(row.file, was !== null && NO_WORD.has(was.toLowerCase()) ? null : was, `${name}.csv`);
    }
  if (found.size > 0) return new Map([...found].map(([file, { was }]) => [file, was]));
  throw new CatnapError(
    'INPUT_MISSING',
    `${folder}: expected clips in folders that are named for what they are, or labels in unlabelled.csv, found neither`,
  );
}

function rowsOf(list: string): readonly Row[] {
  if (!existsSync(list)) return [];
  try {
    return parse(readFileSync(list), { columns: true, skip_empty_lines: true, bom: true }) as Row[];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CatnapError('USAGE', `${list}: expected a CSV file with a line of names, found ${why}`, {
      cause,
    });
  }
}

/** By detection: what a folder said of it last. */
function saidBefore(stateDir: string): ReadonlyMap<string, EventOf<'label'>> {
  const ofFolders = keptLabels(stateDir).filter(({ witness }) => witness === 'folder');
  return new Map(ofFolders.map((label) => [label.detection, label]));
}

/** A word is the one that it was taken for however lists spell it. */
function verdictOf({ last: { label } }: Told, was: Was): Pick<EventOf<'label'>, 'verdict' | 'was'> {
  if (was === null) return { verdict: 'wrong', was: null };
  const isRight =
    was.toLowerCase() === RIGHT || asListed(was.toLowerCase()) === asListed(label.toLowerCase());
  return isRight ? { verdict: 'right', was: null } : { verdict: 'wrong', was };
}
