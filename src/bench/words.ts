import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CatnapError } from '../core/errors.js';
import type { Interval } from '../core/intervals.js';
import { voiceSchema } from '../runtime/config.js';
import type { OwnWordConfig } from '../voice/words/config.js';
import { seededRandom } from './audio.js';
import { type Recording, readNegatives } from './dataset.js';
import { benchWake, type Condition } from './wake.js';

/** How the words are told to Catnap: as they are spelt; with takes of other people, or of the speaker; takes alone. */
export type Manner = 'typed' | 'takes5' | 'own3' | 'takesAlone';

/** What `catnap bench words` is asked. */
export interface WordsBenchOptions {
  /** Folder with `words.csv` (`file,phrase,speaker`); every other recording in it holds none of the words. */
  readonly data: string;
  readonly negatives: readonly string[];
  readonly conditions: readonly Condition[];
  readonly manners: readonly Manner[];
  readonly every: number;
  readonly seed: string;
  readonly onRecording: () => void;
}

/** How a phrase fared in one manner; a condition that was not asked for is left out. */
export type PhraseFigures = {
  readonly [Each in Condition]?: { readonly clips: number; readonly missed: number };
} & {
  readonly falseAccepts: number;
  readonly falseAcceptsPerHour: Interval;
  /** From the end of the word to its acceptance, on the sample clock; null where it was never heard. */
  readonly latencyMs: number | null;
};

/** What it answers. */
export interface WordsBench {
  readonly phrases: Readonly<Record<string, Partial<Record<Manner, PhraseFigures>>>>;
  /** Hours listened for false accepts, in the first condition. */
  readonly hours: number;
  /** CPU time of the whole cascade over the time it listened, on this machine. */
  readonly cpuShare: number;
  readonly unreadable: readonly string[];
}

interface Clip {
  readonly path: string;
  readonly phrase: string;
  readonly speaker: string;
}

/** Takes given of a word, and the clips that are then not measured on. */
const TAKES: Readonly<Record<Manner, number>> = { typed: 0, takes5: 5, own3: 3, takesAlone: 5 };

/**
 * Measures own words through the cascade as if nobody had known them: all phrases at once, each as a word of the
 * owner's.
 * @throws CatnapError `USAGE` for a folder without a list; what loading the models throws.
 */
export async function benchWords(options: WordsBenchOptions): Promise<WordsBench> {
  const clips = readClips(options.data);
  const listed = new Set(clips.map(({ path }) => path));
  const others = [options.data, ...options.negatives]
    .flatMap(readNegatives)
    .filter(({ path }) => !listed.has(path))
    .filter((_, index) => index % options.every === 0);
  const phrases: Record<string, Partial<Record<Manner, PhraseFigures>>> = {};
  const unreadable = new Set<string>();
  let hours = 0;
  let cpuShare = 0;
  for (const manner of options.manners) {
    const { told, measured } = dealt(clips, manner, options.seed);
    const recordings = [
      ...measured.filter((_, index) => index % options.every === 0).map((clip) => asRecording(clip, told)),
      ...others,
    ];
    const found = await withTakes(told, (words) => runOf(words, recordings, options));
    for (const each of found.unreadable) unreadable.add(each);
    for (const run of found.runs) {
      if (run.stages !== 'tiny+heavy') continue;
      const condition = run.condition as Condition;
      if (condition === options.conditions[0]) hours = Math.max(hours, run.hours);
      for (const [label, figures] of Object.entries(run.keywords)) {
        const phrase = told.find((word) => word.label === label)?.phrase ?? label;
        const before = phrases[phrase]?.[manner];
        const clean = before === undefined;
        phrases[phrase] = {
          ...phrases[phrase],
          [manner]: {
            falseAccepts: clean ? figures.falseAccepts : before.falseAccepts,
            falseAcceptsPerHour: clean ? figures.falseAcceptsInterval : before.falseAcceptsPerHour,
            latencyMs: clean ? figures.latencyMs.p50 : before.latencyMs,
            ...before,
            [condition]: { clips: figures.clips, missed: figures.missed },
          },
        };
      }
    }
    cpuShare = Math.max(cpuShare, ...Object.values(found.cpuShare));
  }
  return { phrases, hours, cpuShare, unreadable: [...unreadable] };
}

function runOf(
  words: readonly OwnWordConfig[],
  recordings: readonly Recording[],
  options: WordsBenchOptions,
) {
  const config = voiceSchema.parse({ kind: 'voice', tiny: { words } });
  const { conditions, seed, onRecording } = options;
  const wordOf = (label: string) => label;
  return benchWake({ recordings, config, conditions, compare: false, seed, wordOf, onRecording });
}

function readClips(data: string): readonly Clip[] {
  const list = join(data, 'words.csv');
  if (!existsSync(list)) throw new CatnapError('USAGE', `${data}: expected words.csv (file,phrase,speaker)`);
  const rows = parse(readFileSync(list), { columns: true, skip_empty_lines: true }) as Record<
    string,
    string
  >[];
  return rows.map(({ file = '', phrase = '', speaker = '' }) => ({
    path: join(data, file),
    phrase,
    speaker,
  }));
}

function asRecording({ path, phrase, speaker }: Clip, told: readonly Told[]): Recording {
  const keywords = told.filter((word) => word.phrase === phrase).map(({ label }) => label);
  return { corpus: 'wake', path, keywords, text: '', endSeconds: null, group: speaker, label: '' };
}

/** A word as it is told: its spelling or none, and the clips that are its takes. */
interface Told {
  /** Its name for the time of the measurement: a phrase may be spelt with what no name may hold. */
  readonly label: string;
  readonly phrase: string;
  readonly spelt: boolean;
  readonly takes: readonly string[];
}

/** Deals the clips of each phrase: takes for the word, and what is measured on. */
function dealt(
  clips: readonly Clip[],
  manner: Manner,
  seed: string,
): { readonly told: readonly Told[]; readonly measured: readonly Clip[] } {
  const told: Told[] = [];
  const measured: Clip[] = [];
  for (const phrase of new Set(clips.map((clip) => clip.phrase))) {
    const random = seededRandom(`${seed} ${phrase}`);
    const own = clips.filter((clip) => clip.phrase === phrase).map((clip) => ({ clip, order: random() }));
    const shuffled = own.sort((a, b) => a.order - b.order).map(({ clip }) => clip);
    const { takes, rest } = manner === 'own3' ? ofOneSpeaker(shuffled) : ofOthers(shuffled, TAKES[manner]);
    if (takes.length < TAKES[manner] || rest.length === 0) continue;
    told.push({
      label: `word_${told.length}`,
      phrase,
      spelt: manner !== 'takesAlone',
      takes: takes.map(({ path }) => path),
    });
    measured.push(...rest);
  }
  return { told, measured };
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
  const most = [...grouped(clips)]
    .filter(([speaker]) => speaker !== '')
    .map(([, own]) => own)
    .sort((a, b) => b.length - a.length)[0];
  return { takes: most?.slice(0, TAKES.own3) ?? [], rest: most?.slice(TAKES.own3) ?? [] };
}

function grouped(clips: readonly Clip[]): ReadonlyMap<string, Clip[]> {
  const groups = new Map<string, Clip[]>();
  for (const clip of clips) groups.set(clip.speaker, [...(groups.get(clip.speaker) ?? []), clip]);
  return groups;
}

/** Lays takes out as folders for as long as they are needed. */
async function withTakes<T>(
  told: readonly Told[],
  use: (words: readonly OwnWordConfig[]) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'catnap-takes-'));
  try {
    const words = told.map(({ label, phrase, spelt, takes }, index): OwnWordConfig => {
      const own = join(folder, String(index));
      mkdirSync(own);
      for (const [take, path] of takes.entries()) copyFileSync(path, join(own, `${take}-${basename(path)}`));
      if (!spelt) return { name: label, takes: own };
      return { say: phrase, name: label, ...(takes.length === 0 ? {} : { takes: own }) };
    });
    return await use(words);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
