import type { Stage } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import { type Model, shippedModel } from '../models/manifest.js';
import { processCpuMs } from '../runtime/process/system-clock.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { createOwnWordsTiny, type OwnWordsTinySpec } from '../voice/words/own-words-tiny.js';
import { PhoneNetwork } from '../voice/words/phone-network.js';
import type { PhraseReader } from '../voice/words/phrase-reader.js';
import { OWN_TRAITS, planOwnWords } from '../voice/words/plan.js';
import { AROUND_OTHERS, AROUND_WORD, padded, seededRandom, shuffled } from './audio.js';
import { readNegatives } from './dataset.js';
import { SharedHearing } from './shared-hearing.js';
import { quantileOrNull } from './statistics.js';
import { type Clip, readClips, UNHURRIED } from './words-told.js';

/** What `catnap bench search` is asked. */
export interface SearchBenchOptions {
  /** Folder with `words.csv` (`file,phrase,speaker`); every other recording in it holds none of the words. */
  readonly data: string;
  readonly negatives: readonly string[];
  /** Hours of recordings without a word that are heard at most; null: all of them. */
  readonly hours: number | null;
  /** Shipped models, or paths of manifests. */
  readonly networks: readonly string[];
  readonly seed: string;
}

/** What the search does where a word comes into question from a confidence on. */
export interface SearchPoint {
  readonly from: number;
  /** Clips whose word never came into question. */
  readonly missed: number;
  /** How often a word came into question in recordings without it, an hour and word. */
  readonly wakeUpsPerHour: number;
}

/** How the always-on search fares with one network. */
export interface SearchFigures {
  readonly network: string;
  readonly bytes: number;
  readonly clips: number;
  readonly wordHours: number;
  readonly points: readonly SearchPoint[];
  /** CPU time over the time it listened, of the stage by itself, all words; and over that of the first network. */
  readonly cpuShare: number;
  readonly cpuRatio: number;
}

/** Confidences from which a word may come into question; the search goes by 0.5. */
const FROM = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98];
/** A word that came into question counts once in this time. */
const APART_SAMPLES = 1.5 * VOICE_RATE_HZ;
/** What each network hears for its CPU time, in turn with the others, so often. */
const TIMED_SAMPLES = 30 * VOICE_RATE_HZ;
const ROUNDS = 7;
/** Nobody gives up waiting for a decision. */
const { signal: UNABORTED } = new AbortController();
/** The search asks nobody to read. */
const UNASKED: PhraseReader = { score: async () => Number.NEGATIVE_INFINITY, dispose: async () => {} };

/**
 * Measures the always-on search for own words with one phone network or another, no gate before it and no judge behind
 * it, each recording by itself.
 * @throws CatnapError `USAGE` for a folder without a list, or a network whose labels are others than those of the
 * shipped one, by which words are spelt; what loading the models throws.
 */
export async function benchSearch(options: SearchBenchOptions): Promise<readonly SearchFigures[]> {
  const clips = readClips(options.data);
  const phrases = [...new Set(clips.map(({ phrase }) => phrase))];
  const { tiny } = await planOwnWords(
    phrases.map((say, index) => ({ say, name: `word_${index}` })),
    UNHURRIED,
  );
  const searches: Search[] = [];
  try {
    for (const name of options.networks) searches.push(await searchWith(name, tiny));
    for (const clip of clips) {
      const signal = await signalOf(clip.path, AROUND_WORD, options.seed);
      for (const search of searches) await search.clip(signal, phrases.indexOf(clip.phrase));
    }
    const timed = await hearOthers(searches, clips, options);
    const spentMs = await timeInTurn(searches, timed);
    const listenedMs = (1000 * timed.length) / VOICE_RATE_HZ;
    return searches.map((search, index) =>
      search.figures(spentMs[index] ?? [], spentMs[0] ?? [], listenedMs),
    );
  } finally {
    for (const search of searches) await search.dispose();
  }
}

/** Lets every search hear the recordings without a word; gives the beginning of them for the CPU time. */
async function hearOthers(
  searches: readonly Search[],
  clips: readonly Clip[],
  { data, negatives, hours, seed }: SearchBenchOptions,
): Promise<Float32Array> {
  const listed = new Set(clips.map(({ path }) => path));
  const paths = [data, ...negatives]
    .flatMap(readNegatives)
    .map(({ path }) => path)
    .filter((path) => !listed.has(path));
  const most = hours === null ? Number.POSITIVE_INFINITY : hours * 3600 * VOICE_RATE_HZ;
  const timed = new Float32Array(TIMED_SAMPLES);
  let heard = 0;
  for (const path of shuffled(paths, seededRandom(`${seed} hours`))) {
    if (heard >= most) break;
    const signal = await signalOf(path, AROUND_OTHERS, seed);
    if (heard < TIMED_SAMPLES) timed.set(signal.subarray(0, TIMED_SAMPLES - heard), heard);
    heard += signal.length;
    for (const search of searches) await search.other(signal);
  }
  return timed.subarray(0, heard);
}

async function signalOf(
  path: string,
  { lead, tail }: typeof AROUND_WORD,
  seed: string,
): Promise<Float32Array> {
  return padded(await readAudio(path), lead, tail, seededRandom(`${seed} ${path}`));
}

/** CPU milliseconds of each search in each round. */
async function timeInTurn(
  searches: readonly Search[],
  signal: Float32Array,
): Promise<readonly (readonly number[])[]> {
  const spent = searches.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, search] of searches.entries()) spent[index]?.push(await search.time(signal));
  return spent;
}

async function searchWith(name: string, spec: OwnWordsTinySpec): Promise<Search> {
  const model = shippedModel(name);
  const labels = spec.model.manifest.labels;
  if (model.manifest.labels.join(' ') !== labels.join(' '))
    throw new CatnapError(
      'USAGE',
      `network ${name}: expected the ${labels.length} labels of ${spec.model.manifest.name}, found others`,
    );
  const network = await PhoneNetwork.load(model);
  // Each word by itself, for a stage tells of one word at a time how sure it is; they share what the network hears.
  const shared = new SharedHearing(network, UNASKED);
  const alone: Stage[] = [];
  for (const word of spec.words) {
    const wordAlone: OwnWordsTinySpec = { ...spec, model, words: [word] };
    alone.push(await shared.host.here(wordAlone));
  }
  return new Search(model, network, alone, await createOwnWordsTiny({ ...spec, model }, network));
}

/** The search with one network, and what it came to. */
class Search {
  readonly #missed = FROM.map(() => 0);
  readonly #wakeUps = FROM.map(() => 0);
  #clips = 0;
  #wordSamples = 0;

  constructor(
    private readonly model: Model,
    private readonly network: PhoneNetwork,
    /** A stage for each word. */
    private readonly alone: readonly Stage[],
    /** One for all of them, as it is run; it has the network. */
    private readonly together: Stage,
  ) {}

  /** Hears a clip of one of the words. */
  async clip(signal: Float32Array, word: number): Promise<void> {
    let surest = 0;
    await this.#hear(
      signal,
      ([confidence = 0]) => {
        surest = Math.max(surest, confidence);
      },
      [word],
    );
    this.#clips += 1;
    for (const [at, from] of FROM.entries())
      if (surest < from) this.#missed[at] = (this.#missed[at] ?? 0) + 1;
  }

  /** Hears a recording that holds none of the words. */
  async other(signal: Float32Array): Promise<void> {
    const until = this.alone.map(() => FROM.map(() => 0));
    await this.#hear(signal, (confidences, sample) => {
      for (const [word, confidence] of confidences.entries())
        for (const [at, from] of FROM.entries()) {
          const ends = until[word] as number[];
          if (confidence < from || sample < (ends[at] as number)) continue;
          ends[at] = sample + APART_SAMPLES;
          this.#wakeUps[at] = (this.#wakeUps[at] ?? 0) + 1;
        }
    });
    this.#wordSamples += signal.length * this.alone.length;
  }

  /** CPU milliseconds of a signal, as the stage is run. */
  async time(signal: Float32Array): Promise<number> {
    this.together.reset();
    const before = processCpuMs();
    for (const window of windowsOf(signal)) await this.together.decide(window, UNABORTED);
    return processCpuMs() - before;
  }

  figures(spentMs: readonly number[], firstMs: readonly number[], listenedMs: number): SearchFigures {
    const wordHours = this.#wordSamples / VOICE_RATE_HZ / 3600;
    const ratios = spentMs.map((spent, round) => spent / (firstMs[round] ?? spent));
    return {
      network: this.model.manifest.name,
      bytes: this.model.manifest.files.onnx?.bytes ?? 0,
      clips: this.#clips,
      wordHours,
      points: FROM.map((from, at) => ({
        from,
        missed: this.#missed[at] ?? 0,
        wakeUpsPerHour: (this.#wakeUps[at] ?? 0) / Math.max(wordHours, Number.MIN_VALUE),
      })),
      cpuShare: (quantileOrNull(spentMs, 0.5) ?? 0) / Math.max(1, listenedMs),
      cpuRatio: quantileOrNull(ratios, 0.5) ?? 1,
    };
  }

  async dispose(): Promise<void> {
    for (const stage of this.alone) await stage.dispose();
    await this.network.dispose();
  }

  /** Tells how sure each word is after every window. */
  async #hear(
    signal: Float32Array,
    onWindow: (confidences: readonly number[], sample: number) => void,
    words: readonly number[] = this.alone.map((_, word) => word),
  ): Promise<void> {
    const stages = words.flatMap((word) => this.alone[word] ?? []);
    for (const stage of stages) stage.reset();
    for (const window of windowsOf(signal)) {
      const confidences: number[] = [];
      for (const stage of stages) {
        const decision = await stage.decide(window, UNABORTED);
        confidences.push(decision.kind === 'abstain' ? 0 : decision.confidence);
      }
      onWindow(confidences, window.startSample);
    }
  }
}

function* windowsOf(signal: Float32Array) {
  const { hopSamples } = OWN_TRAITS;
  for (let at = 0; at + hopSamples <= signal.length; at += hopSamples)
    yield {
      source: 'bench',
      startSample: at,
      rateHz: VOICE_RATE_HZ,
      channels: 1,
      data: signal.subarray(at, at + hopSamples),
    };
}
