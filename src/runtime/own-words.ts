import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import type { WordOutlook } from '../core/word-outlook.js';
import { makePrivateFolderSync } from '../files/private-folder.js';
import { replaceFile } from '../files/replace-file.js';
import { writing } from '../files/unwritable.js';
import { wavOf } from '../files/wav-header.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { labelOfListed, nameOfWord, takesFolderOf, wordByTakes } from '../voice/words/config.js';
import { FEWEST_TAKES, MOST_TAKES, type TakesKept } from '../voice/words/gather-takes.js';
import { labelOf } from '../voice/words/labels.js';
import { refusalOf, type WordAsked } from '../voice/words/word-report.js';
import { cascadeNameOf } from './config.js';
import type { ConfigFile } from './live-words.js';
import type { OwnWordsDesk, RemovedWord } from './page/page-command.js';
import { listenedWords } from './plan.js';
import type { WordThreads } from './word-threads.js';

/** Below the state folder: takes that were recorded on the page and are not kept yet. */
const FRESH_FOLDER = 'fresh-takes';

export interface OwnWordsDeps {
  /** Null: the configuration stands nowhere, and no word can be written. */
  readonly file: ConfigFile | null;
  readonly stateDir: string;
  readonly threads: Pick<WordThreads, 'ask'>;
}

/** Takes of one word that are being recorded. */
interface Fresh {
  readonly say: string;
  readonly files: readonly string[];
}

/** Words of the owner's, for whoever is not at the command line: the same as `catnap words` does. */
export class OwnWords implements OwnWordsDesk {
  readonly #folder: string;
  #fresh: Fresh | null = null;

  constructor(private readonly deps: OwnWordsDeps) {
    this.#folder = join(deps.stateDir, FRESH_FOLDER);
    // What was recorded before a power cut is nobody's.
    this.#tidy();
  }

  /** @throws CatnapError `USAGE` for what nobody knows to say. */
  async report(source: string, asked: WordAsked): Promise<WordOutlook> {
    const { listened } = this.#placeOf(source);
    return this.deps.threads.ask<'report'>({ kind: 'report', asked: [asked, listened ?? []] });
  }

  /**
   * Has a source listen for a word.
   * @param anyway also where it is too short to work
   * @returns its label.
   * @throws CatnapError `USAGE` where it is listened for already, or is not taken.
   */
  async add(source: string, asked: WordAsked, anyway: boolean): Promise<string> {
    const { file, cascade, listened } = this.#placeOf(source);
    const label = nameOfWord({ say: asked.say });
    const same = labelOf(label, listened?.map(labelOfListed) ?? []);
    if (same !== null) throw new CatnapError('USAGE', `"${same}" is listened for already; remove it first`);
    const report = await this.deps.threads.ask<'report'>({ kind: 'report', asked: [asked, null] });
    if (report.verdict === 'refuse' && !anyway) throw new CatnapError('USAGE', refusalOf(asked.say, report));
    const ipa = asked.ipa.length === 0 ? {} : { ipa: [...asked.ipa] };
    file.addWord({ say: asked.say, ...ipa }, { cascade, listened });
    return label;
  }

  /**
   * Has a source listen for a word no longer.
   * @param anyway also where more is said of it, which goes with it
   * @throws CatnapError `USAGE` where it does not; `WORD_IN_USE`.
   */
  remove(source: string, label: string, anyway: boolean): RemovedWord {
    const { file, ...place } = this.#placeOf(source);
    return file.removeWord(label, { ...place, anyway });
  }

  /**
   * Takes a recording among those of a word.
   * @param samples 16 kHz
   * @param isFirst those before are forgotten, as where they are of another word
   * @returns how many there are, and why this one is none of them where it is not.
   * @throws CatnapError `USAGE` where enough are there, `OUTPUT_UNWRITABLE`, `BUSY`.
   */
  async take(
    say: string,
    samples: Int16Array,
    isFirst: boolean,
  ): Promise<{ readonly count: number; readonly refusal: string | null }> {
    takesFolderOf(say);
    if (isFirst || this.#fresh?.say !== say) this.#begin(say);
    const { files } = this.#fresh as Fresh;
    if (files.length === MOST_TAKES)
      throw new CatnapError('USAGE', `${MOST_TAKES} takes are there: keep them`);
    const file = join(this.#folder, `${String(files.length + 1).padStart(2, '0')}.wav`);
    writing('takes', 'to write a recording', () => replaceFile(file, wavOf(VOICE_RATE_HZ, samples)));
    // Another page may have begun with another word meanwhile, and its takes stand in the place of these.
    const isOvertaken = () => this.#fresh?.say !== say || this.#fresh.files !== files;
    const heard = this.deps.threads.ask<'hear'>({ kind: 'hear', files: [...files, file] });
    const refusal = await heard.catch((error: unknown) => {
      if (isOvertaken()) return null;
      throw error;
    });
    if (this.#fresh === null || isOvertaken())
      throw new CatnapError('BUSY', 'another page records takes just now: record when it is done');
    if (refusal === null) this.#fresh = { say, files: [...files, file] };
    return { count: this.#fresh.files.length, refusal };
  }

  /**
   * Keeps the takes of a word beside the configuration, and listens for it by them.
   * @param isSpelt whether its spelling says how it is said
   * @throws CatnapError `USAGE`, `SOURCE_FORMAT` where fewer than three are of one word.
   */
  async keep(source: string, { say, ipa }: WordAsked, isSpelt: boolean): Promise<TakesKept> {
    const { file, cascade, listened } = this.#placeOf(source);
    const { files } = this.#fresh ?? { files: [] };
    if (this.#fresh?.say !== say || files.length < FEWEST_TAKES)
      throw new CatnapError(
        'USAGE',
        `"${say}": expected ${FEWEST_TAKES} to ${MOST_TAKES} takes, found ${files.length}`,
      );
    const kept = await this.deps.threads.ask<'gather'>({
      kind: 'gather',
      folder: resolve(dirname(file.path), takesFolderOf(say)),
      from: this.#folder,
      word: { phrase: isSpelt ? say : null, ipa: isSpelt ? ipa : [] },
    });
    file.addWord(wordByTakes({ say, ipa }, isSpelt, kept.point), { cascade, listened });
    this.#forget();
    return kept;
  }

  /** Forgets what was recorded and not kept. */
  close(): void {
    this.#tidy();
  }

  #placeOf(source: string) {
    const { file } = this.deps;
    if (file === null)
      throw new CatnapError('USAGE', 'words of your own need a configuration file: `catnap init` writes one');
    const { sources, cascades } = file.read();
    const cascade = cascadeNameOf(sources, source) ?? '';
    const found = cascades[cascade];
    if (found?.kind !== 'voice')
      throw new CatnapError('USAGE', `${source}: expected a voice source, found another`);
    return { file, cascade, listened: listenedWords(found) };
  }

  #begin(say: string): void {
    writing('takes', 'to write a recording', () => {
      this.#forget();
      makePrivateFolderSync(this.#folder);
    });
    this.#fresh = { say, files: [] };
  }

  /** A disk that refuses ends nothing: the next start tidies, and whoever records a take is told. */
  #tidy(): void {
    try {
      this.#forget();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  #forget(): void {
    this.#fresh = null;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
