import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { VOICE_RATE_HZ } from '../../sources/mono.js';
import { readAudio } from '../../sources/recording/read-audio.js';
import type { PhoneNetwork } from './phone-network.js';
import type { Phones } from './phones.js';
import { type Posteriors, WordSearch } from './search.js';

/** Recordings that are read as takes. */
const AUDIO = new Set(['.wav', '.flac', '.ogg', '.oga', '.opus']);
/** Longest take: one word or a short phrase. */
const MOST_SECONDS = 5;
/** A take that none of the others fits better than this is of something else. */
const LEAST_AGREEMENT = -2.5;

/** One recording of a word, and the phones heard in it. */
export interface Take {
  readonly file: string;
  readonly phones: Phones;
  /** How well the other takes' phones fit it at best; 0 at best. Null where it is alone. */
  readonly agreement: number | null;
}

/**
 * Hears the takes of a word in a folder, in the order of their names.
 * @throws CatnapError `INPUT_MISSING` where there is none; `SOURCE_FORMAT` for a take without speech, or that is of
 * something else than the others; what reading them throws.
 */
export async function hearTakes(folder: string, network: PhoneNetwork): Promise<readonly Take[]> {
  const files = takesIn(folder);
  const heard: { readonly file: string; readonly phones: Phones; readonly posteriors: Posteriors }[] = [];
  for (const file of files) {
    const posteriors = await network.hear((await readAudio(file)).subarray(0, MOST_SECONDS * VOICE_RATE_HZ));
    const phones = network.decode(posteriors);
    if (phones.length === 0)
      throw new CatnapError('SOURCE_FORMAT', `take ${file}: expected a spoken word, found no speech`);
    heard.push({ file, phones, posteriors });
  }
  const search = new WordSearch(network.inventory);
  return heard.map(({ file, phones, posteriors }) => {
    search.load(posteriors);
    const others = heard.filter((other) => other.file !== file);
    const fits = others.map((other) => search.find(other.phones).score);
    const agreement = fits.length === 0 ? null : Math.max(...fits);
    if (agreement !== null && others.length > 1 && agreement < LEAST_AGREEMENT)
      throw new CatnapError(
        'SOURCE_FORMAT',
        `take ${file}: expected the word of the other takes, found something else`,
      );
    return { file, phones, agreement };
  });
}

function takesIn(folder: string): readonly string[] {
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
