import { createHash } from 'node:crypto';
import type { StageHost, StageSpec } from '../core/cascade/assembly.js';
import type { Stage } from '../core/cascade/stage.js';
import { stagesHere } from '../runtime/build.js';
import { createOwnWordsHeavy, type OwnWordsHeavySpec } from '../voice/words/own-words-heavy.js';
import { createOwnWordsTiny, type OwnWordsTinySpec } from '../voice/words/own-words-tiny.js';
import type {
  HeardWithin,
  Look,
  LookAt,
  Memory,
  PhoneEars,
  PhoneNetwork,
} from '../voice/words/phone-network.js';
import type { PhraseReader } from '../voice/words/phrase-reader.js';

/** Windows whose phones are kept: of about half a minute, 130 kB each. */
const WINDOWS_KEPT = 512;
/** Looks at streams, with what the next one must know: of about half a minute, 0.6 MB each. */
const LOOKS_KEPT = 48;
const PHRASES_KEPT = 4096;

/**
 * One phone network and one reader for several cascades that listen for words of one's own in the same sound: what one
 * of them has had heard or read, the others are told again.
 */
export class SharedHearing {
  readonly #ears: PhoneEars;
  readonly #reader: PhraseReader;
  /** Builds such cascades. */
  readonly host: StageHost;

  constructor(network: PhoneNetwork, reader: PhraseReader) {
    const heard = new Kept<HeardWithin>(WINDOWS_KEPT);
    const read = new Kept<number>(PHRASES_KEPT);
    const looks = new Kept<Look>(LOOKS_KEPT);
    const names = new WeakMap<Memory, string>();
    const lookAt: LookAt = (samples, settled, memory) => {
      const asked = `${digest(samples)} ${settled} ${names.get(memory) ?? ''}`;
      return looks.get(asked, async () => {
        // Of words with takes and of others alike, so that both hear it once.
        const look = await network.look(samples, settled, memory, true);
        names.set(look.memory, digest(Buffer.from(asked)));
        return look;
      });
    };
    const hearWithin = (samples: Float32Array) =>
      heard.get(digest(samples), () => network.hearWithin(samples));
    this.#ears = {
      inventory: network.inventory,
      hear: hearWithin,
      hearWithin,
      stream: (isWithin) => network.stream(isWithin, lookAt),
      dispose: async () => {},
    };
    this.#reader = {
      score: (phrase, samples) =>
        read.get(`${digest(samples)} ${phrase}`, () => reader.score(phrase, samples)),
      dispose: async () => {},
    };
    const stage = (spec: StageSpec): Promise<Stage> => this.#stage(spec);
    this.host = { ...stagesHere, here: stage, heavy: stage };
  }

  #stage(spec: StageSpec): Promise<Stage> {
    const [ears, reader] = [this.#ears, this.#reader];
    if (spec.kind === 'own-words-tiny') return createOwnWordsTiny(spec as OwnWordsTinySpec, ears);
    if (spec.kind === 'own-words-heavy')
      return createOwnWordsHeavy(spec as OwnWordsHeavySpec, { ears, reader });
    return stagesHere.here(spec);
  }
}

/** The newest answers, by what was asked. */
class Kept<Answer> {
  readonly #answers = new Map<string, Promise<Answer>>();

  constructor(private readonly most: number) {}

  get(asked: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#answers.get(asked);
    if (known !== undefined) return known;
    const answer = ask();
    this.#answers.set(asked, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.most && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }
}

function digest({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return createHash('sha1')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('base64');
}
