import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { asListed } from '../bench/dataset.js';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { wholeDetectionOf } from '../core/events/events.js';
import { CLIPS_FOLDER, readClip } from '../events/clips.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents } from '../events/journal-reading.js';
import { makePrivateFolder } from '../files/private-folder.js';
import type { Seal } from '../files/sealed.js';
import { unwritable } from '../files/unwritable.js';
import { type Evidence, surestOf, wasOf } from '../learning/past/evidence.js';
import type { PastDetection } from '../learning/past/past-detection.js';
import { type PastRow, rowOf } from '../learning/past/row.js';
import { sealOf } from '../runtime/kept-clips.js';
import { pastNearMissesIn } from '../runtime/past.js';
import { csvOf } from './csv.js';
import { pastOf } from './past.js';
import { configPathOf, keptIn, stateDirOf } from './state-dir.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly from?: string;
  readonly to?: string;
  readonly source?: string;
  readonly unlabelled: boolean;
  readonly json: boolean;
}

/** A recording of the folder. */
interface Fixture {
  readonly file: string;
  readonly past: PastDetection;
  /** Null where nobody trusted says what it was. */
  readonly surest: Evidence | null;
}

/** What was exported. */
interface Exported {
  readonly words: number;
  readonly noises: number;
  /** Clips of which nobody trusted says what they are, where those were asked for. */
  readonly unlabelled: number;
  /** Detections of which somebody trusted says what they were, and of which no clip is kept. */
  readonly withoutClip: number;
  /** Rows, those of near misses among them. */
  readonly detections: number;
}

/** Mode of what only its owner may read. */
const OWN = { mode: 0o600 } as const;

/** `catnap events export`: what was heard and what it was, as a folder that `tune`, `bench` and `replay` read. */
export function registerExport(events: Command): void {
  events
    .command('export')
    .description('labelled clips and a row for each detection, as a folder that tune, bench and replay read')
    .argument('<folder>', 'a new one, or an empty one')
    .option('--unlabelled', 'clips of which nobody says what they are as well, in a list of their own', false)
    // The options of `catnap events`, which stand before or behind.
    .action(async (folder: string, _: unknown, command: Command) => {
      const flags: Flags = command.optsWithGlobals();
      const exported = await exportTo(folder, flags);
      process.stdout.write(flags.json ? `${JSON.stringify(exported)}\n` : told(exported, folder));
    });
}

async function exportTo(to: string, flags: Flags): Promise<Exported> {
  if (existsSync(to) && (!statSync(to).isDirectory() || readdirSync(to).length > 0))
    throw new CatnapError('USAGE', `${to}: expected a new or an empty folder, found something there`);
  const files = await clipsOf(keptIn(flags, JOURNAL_FOLDER));
  const seal = sealFor(flags);
  const isNew = !existsSync(to);
  try {
    await makePrivateFolder(to);
    await mkdir(join(to, CLIPS_FOLDER), { mode: 0o700 });
  } catch (cause) {
    throw unwritable(to, cause);
  }
  try {
    return await fill(to, flags, { files, seal });
  } catch (cause) {
    // Nothing half-done stays, which would stand in the way of the next try.
    for (const made of isNew ? [to] : readdirSync(to).map((name) => join(to, name)))
      await rm(made, { recursive: true, force: true });
    throw cause;
  }
}

/** Writes clips and lists into the folder. */
async function fill(
  to: string,
  flags: Flags,
  { files, seal }: { readonly files: ReadonlyMap<string, string>; readonly seal: Seal | null },
): Promise<Exported> {
  const [rows, fixtures]: [PastRow[], Fixture[]] = [[], []];
  let withoutClip = 0;
  for await (const past of heardOf(flags)) {
    const surest = surestOf(past);
    rows.push({ ...rowOf(past), witness: surest?.by ?? '', trust: surest?.trust ?? '' });
    if (surest === null && !flags.unlabelled) continue;
    const kept = files.get(past.detection);
    const wav = kept === undefined ? null : await readClip(join(stateDirOf(flags), CLIPS_FOLDER), kept, seal);
    if (wav === null || kept === undefined) {
      if (surest !== null) withoutClip += 1;
      continue;
    }
    const file = join(CLIPS_FOLDER, kept);
    await writeFile(join(to, file), wav, OWN);
    fixtures.push({ file, past, surest });
  }
  const { wake, noise, unlabelled } = listsOf(fixtures);
  for (const [name, list] of Object.entries({ wake, noise, unlabelled, detections: rows }))
    if (list.length > 0) await writeFile(join(to, `${name}.csv`), csvOf(list), OWN);
  const clips = { words: wake.length, noises: noise.length, unlabelled: unlabelled.length, withoutClip };
  return { ...clips, detections: rows.length };
}

/** Detections, and then what was almost noticed. */
async function* heardOf(flags: Flags): AsyncIterable<PastDetection> {
  yield* pastOf(flags);
  yield* pastNearMissesIn(stateDirOf(flags), flags);
}

/** By detection: the file of its newest clip. */
async function clipsOf(journal: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for await (const event of journalEvents(journal, { facets: { type: 'clip' } })) {
    const whole = wholeDetectionOf(event);
    if (event.type === 'clip' && whole !== null) files.set(whole, event.file);
  }
  return files;
}

/** What opens the clips: as the configuration says, where there is one. */
function sealFor(flags: Flags): Seal | null {
  const path = configPathOf(flags);
  if (path === null) return null;
  return sealOf(loadConfig(path, process.env, needsNothing).clips, dirname(path));
}

/** The recordings as lists of words said, of what was taken for one, and of what nobody says anything of. */
function listsOf(
  fixtures: readonly Fixture[],
): Readonly<Record<'wake' | 'noise' | 'unlabelled', readonly PastRow[]>> {
  const labels = new Set(fixtures.map(({ past }) => past.label));
  const [wake, noise, unlabelled]: [PastRow[], PastRow[], PastRow[]] = [[], [], []];
  for (const { file, past, surest } of fixtures) {
    const { detection, label: takenFor } = past;
    // What was heard on one day in one room is no independent draw.
    const group = `${past.source} ${past.at.slice(0, 10)}`;
    if (surest === null) {
      unlabelled.push({ file, label: '', takenFor, group, detection });
      continue;
    }
    const was = wasOf(past);
    const said = surest.real ? takenFor : labels.has(was) ? was : null;
    const about = { detection, witness: surest.by, trust: surest.trust };
    if (said === null) noise.push({ file, label: was, takenFor, group, ...about });
    else wake.push({ file, keyword: asListed(said), group, ...about });
  }
  return { wake, noise, unlabelled };
}

function told({ words, noises, unlabelled, withoutClip, detections }: Exported, to: string): string {
  const unsaid = unlabelled === 0 ? '' : `, ${unlabelled} of which nobody says what they are`;
  const lacking =
    withoutClip === 0 ? '' : `; ${withoutClip} more are labelled and have no clip (any more: see clips)`;
  return `${to}: ${words} clips of words, ${noises} of what was taken for one${unsaid}, ${detections} rows${lacking}\n`;
}
