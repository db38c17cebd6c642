import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { loudSpan } from '../../dsp/trim.js';
import { VOICE_RATE_HZ } from '../../sources/mono.js';
import { readAudio } from '../../sources/recording/read-audio.js';
import { stretchOf } from './inner-values.js';
import { type ComparedTake, melodyOf } from './likeness.js';
import { type PhoneNetwork, STEP_SAMPLES } from './phone-network.js';
import type { PhoneInventory, Phones } from './phones.js';
import { type Posteriors, WordSearch } from './search.js';

/** Recordings that are read as takes. */
const AUDIO = new Set(['.wav', '.flac', '.ogg', '.oga', '.opus']);
/** Longest take: one word or a short phrase. */
const MOST_SECONDS = 5;
/** A take that none of the others fits better than this is of something else. */
const LEAST_AGREEMENT = -2.5;
/**
 * Where no phone is likelier than silence, one is heard that is so much less likely, in logarithms: a short word of
 * vowels alone, of a language that the network does not know. Of 17 people who say such a word 5 are heard so.
 */
const FAINT_LEEWAY = 1.5;
/** How far below its loudest 20 ms a take's edge may be, and what is kept beyond it. */
const EDGE_DB = 30;
const EDGE_KEEP_MS = 100;
/** Nor is it further from the first and the last phone than so many steps: a room's noise is none of the word. */
const BEFORE_PHONES = 10;
const AFTER_PHONES = 16;
/** The same for the always-on search, behind which the gate may shut before more is heard. */
const AROUND_PHONES = 4;

/** One recording of a word, the phones heard in it, and between its edges what sounds are compared by. */
export interface Take {
  readonly file: string;
  readonly phones: Phones;
  readonly posteriors: Posteriors;
  readonly compared: ComparedTake;
}

/**
 * The sound of a take, as much of it as is heard.
 * @throws CatnapError as {@link readAudio}.
 */
export async function readTake(file: string): Promise<Float32Array> {
  return (await readAudio(file)).subarray(0, MOST_SECONDS * VOICE_RATE_HZ);
}

/**
 * Hears one take.
 * @throws CatnapError `SOURCE_FORMAT` where no speech is in it; what reading it throws.
 */
export async function hearTake(file: string, network: PhoneNetwork): Promise<Take> {
  const samples = await readTake(file);
  const { inner, ...posteriors } = await network.hearWithin(samples);
  const spoken = network.spoken(posteriors) ?? network.spoken(posteriors, FAINT_LEEWAY);
  if (spoken === null)
    throw new CatnapError('SOURCE_FORMAT', `take ${file}: expected a spoken word, found no speech`);
  const { start, end } = loudSpan(samples, VOICE_RATE_HZ, EDGE_DB, EDGE_KEEP_MS);
  const [loudStart, loudEnd] = [Math.floor(start / STEP_SAMPLES), Math.ceil(end / STEP_SAMPLES)];
  const first = Math.min(spoken.start, Math.max(loudStart, spoken.start - BEFORE_PHONES));
  const last = Math.max(spoken.end, Math.min(loudEnd, spoken.end + AFTER_PHONES));
  const pitch = melodyOf(samples, VOICE_RATE_HZ).subarray(first, last);
  const compared = {
    inner: stretchOf(inner, first, last),
    pitch,
    spoken: stretchOf(inner, spoken.start - AROUND_PHONES, spoken.end + AROUND_PHONES),
    phoneSteps: spoken.end - first,
  };
  return { file, phones: spoken.phones, posteriors, compared };
}

/**
 * The take that agrees least with the others, where it is of something else than they are; null: all are of one word.
 * Of two nobody can say which is the odd one.
 */
export function oddTake(takes: readonly Take[], inventory: PhoneInventory): Take | null {
  if (takes.length < 3) return null;
  const agreements = agreementsOf(takes, inventory);
  const least = Math.min(...agreements);
  return least < LEAST_AGREEMENT ? (takes[agreements.indexOf(least)] ?? null) : null;
}

/** By take: how well the sounds of whichever other one fits it best fit it; 0 at best. */
function agreementsOf(takes: readonly Take[], inventory: PhoneInventory): readonly number[] {
  const search = new WordSearch(inventory);
  return takes.map((take) => {
    search.load(take.posteriors);
    const others = takes.filter((other) => other !== take);
    return Math.max(...others.map(({ phones }) => search.find(phones).score));
  });
}

/**
 * Hears the takes of a word in a folder, in the order of their names.
 * @throws CatnapError `INPUT_MISSING` where there is none; `SOURCE_FORMAT` for a take without speech, or that is of
 * something else than the others; what reading them throws.
 */
export async function hearTakes(folder: string, network: PhoneNetwork): Promise<readonly Take[]> {
  const takes: Take[] = [];
  for (const file of takesIn(folder)) takes.push(await hearTake(file, network));
  const odd = oddTake(takes, network.inventory);
  if (odd === null) return takes;
  throw new CatnapError('SOURCE_FORMAT', whyOdd(odd.file));
}

/** Why a take is none of those of a word, in a sentence that names it. */
export function whyOdd(file: string): string {
  return `take ${file}: expected the word of the other takes, found something else`;
}

/** A file that is no take of a word. */
export interface LeftOut {
  readonly file: string;
  /** In a sentence that names it. */
  readonly why: string;
}

/** Takes that are of one word, and the files that were left out. */
export interface Agreeing {
  readonly takes: readonly Take[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Hears recordings of a word and leaves out those that are none.
 * @throws CatnapError what reading them throws.
 */
export async function agreeingTakes(files: readonly string[], network: PhoneNetwork): Promise<Agreeing> {
  const leftOut: LeftOut[] = [];
  let takes: readonly Take[] = [];
  for (const file of files) {
    try {
      takes = [...takes, await hearTake(file, network)];
    } catch (error) {
      if (!(error instanceof CatnapError) || error.code !== 'SOURCE_FORMAT') throw error;
      leftOut.push({ file, why: error.message });
    }
  }
  for (let odd = oddTake(takes, network.inventory); odd !== null; odd = oddTake(takes, network.inventory)) {
    const { file } = odd;
    takes = takes.filter((take) => take.file !== file);
    leftOut.push({ file, why: whyOdd(file) });
  }
  return { takes, leftOut };
}

/**
 * Recordings in a folder, in the order of their names.
 * @throws CatnapError `INPUT_MISSING` where there is none.
 */
export function takesIn(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw new CatnapError('INPUT_MISSING', `takes ${folder}: expected a folder of recordings`, { cause });
  }
  const files = names.filter((name) => AUDIO.has(extname(name).toLowerCase())).sort();
  if (files.length > 0) return files.map((name) => join(folder, name));
  throw new CatnapError('INPUT_MISSING', `takes ${folder}: expected WAV, FLAC or Ogg recordings, found none`);
}
