import type { Thresholds } from '../../core/thresholds.js';
import { type Model, shippedModel } from '../../models/manifest.js';
import { MODELS_FOLDER } from '../../models/package-files.js';
import type { VoiceModelTraits, VoiceStageRequest } from '../stages/stage-kind.js';
import { nameOfWord, type OwnWordConfig } from './config.js';
import { EVEN_ACCEPT, type OwnWord } from './own-word.js';
import type { OwnWordsHeavySpec } from './own-words-heavy.js';
import type { OwnWordsTinySpec } from './own-words-tiny.js';
import type { PhoneNetwork } from './phone-network.js';
import { PhoneInventory } from './phones.js';
import { Pronouncer } from './pronunciations.js';
import { speltWord } from './spelt.js';
import type { Take } from './takes.js';

const MODEL = 'phones';
/** Noticed where it is rather so than not; sure enough to stand alone only where hardly anything else sounds so. */
const TINY: Thresholds = { accept: 0.98, reject: 0.5 };

/** Listening to own words: a look needs sound from before the word, and the verifier some from after it. */
export const OWN_TRAITS: VoiceModelTraits = {
  hopSamples: 1280,
  debounceHops: 1,
  contextMs: 1800,
  tailMs: 240,
  againMs: 480,
  calm: null,
};

/** What is asked of one of them. */
export type OwnWordsRequest = Pick<VoiceStageRequest, 'budgetMs' | 'exact'>;

/** The two stages that listen for own words, as data. */
export interface OwnWordsPlan {
  readonly tiny: OwnWordsTinySpec;
  readonly heavy: OwnWordsHeavySpec;
  readonly words: readonly string[];
  /** The lowest confidence from which any of them is believed. */
  readonly accept: number;
}

/**
 * Finds out how words are said, and plans the stages that listen for them.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `WORD_UNSAYABLE` for letters or IPA that nobody knows to say.
 */
export async function planOwnWords(
  configs: readonly OwnWordConfig[],
  { tiny, heavy }: Readonly<Record<'tiny' | 'heavy', OwnWordsRequest>>,
): Promise<OwnWordsPlan> {
  const model = shippedModel(MODEL);
  const ways = new Ways(model);
  const words: OwnWord[] = [];
  try {
    for (const config of configs) words.push(await ways.word(config));
  } finally {
    await ways.dispose();
  }
  return {
    tiny: {
      kind: 'own-words-tiny',
      name: 'own-words-tiny',
      ...tiny,
      thresholds: TINY,
      model,
      words,
    },
    heavy: {
      kind: 'own-words-heavy',
      name: 'own-words-heavy',
      ...heavy,
      model,
      words,
    },
    words: words.map(({ name }) => name),
    accept: Math.min(...words.map(({ accept }) => accept)),
  };
}

/** What finds out how words are said; each part is loaded when it is first asked, once for all words. */
class Ways {
  readonly #inventory: PhoneInventory;
  #pronouncer: Pronouncer | null = null;
  #network: PhoneNetwork | null = null;

  constructor(private readonly model: Model) {
    this.#inventory = new PhoneInventory(model.manifest.labels);
  }

  /** A word with every way it is said: as it is given or spelt, and as its takes were heard. */
  async word(config: OwnWordConfig): Promise<OwnWord> {
    const spelt = 'say' in config ? config : null;
    const takes = config.takes === undefined ? [] : await this.#taken(config.takes);
    const { ways, near } = spelt === null ? { ways: [], near: 0 } : await this.#spelt(spelt);
    return {
      name: nameOfWord(config),
      phrase: spelt?.say ?? null,
      ways: [...ways, ...takes.map(({ phones }) => phones)],
      takes: spelt === null ? takes.map(({ compared }) => compared) : [],
      near,
      accept: config.accept ?? EVEN_ACCEPT,
    };
  }

  async dispose(): Promise<void> {
    await this.#pronouncer?.dispose();
    await this.#network?.dispose();
  }

  #spelt({ say, ipa = [] }: Extract<OwnWordConfig, { say: string }>) {
    this.#pronouncer ??= new Pronouncer(`${MODELS_FOLDER}spelling`, this.#inventory);
    return speltWord(say, ipa, { inventory: this.#inventory, pronouncer: this.#pronouncer });
  }

  async #taken(folder: string): Promise<readonly Take[]> {
    const { PhoneNetwork } = await import('./phone-network.js');
    const { hearTakes } = await import('./takes.js');
    this.#network ??= await PhoneNetwork.load(this.model);
    return hearTakes(folder, this.#network);
  }
}
