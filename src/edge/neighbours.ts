import { Arbiter, type HeardWord } from '../core/cascade/arbiter.js';
import type { Time } from '../core/clock.js';
import { parseJson } from '../core/json.js';

/** What devices that may hear the same word tell each other, in the order of their broker. */
type Told =
  | { readonly kind: 'heard'; readonly word: HeardWord }
  /** Its device is about to act on it. */
  | { readonly kind: 'claim'; readonly detection: string }
  /** And waits for no surer one any more. */
  | { readonly kind: 'insist'; readonly detection: string }
  /** Nothing will come of it. */
  | { readonly kind: 'ended'; readonly detection: string };

/** Where a device's words are told. */
export interface NeighboursDeps extends Time {
  /** Name of this device, as in topics. */
  readonly device: string;
  /** Tells all devices, this one included. */
  readonly tell: (message: string) => void;
}

/** Since the first heard it, others that have not told of it have this long to be surer before anything is done. */
const WINDOW_MS = 90;
/** After asking for it, a surer one is waited for this long. */
const PATIENCE_MS = 30;
/** Whoever was told nothing by then acts: the broker is away, and with it whoever else could. */
const LIMIT_MS = 150;
/** The broker has this long at least to answer a claim. */
const ANSWER_MS = 50;
/** A timer that is later than this says that this process was held up: the answer may lie there unread. */
const HELD_UP_MS = 10;
/** However often it is held up, it acts after this. */
const HELD_UP_LIMIT_MS = 2000;
/** Words remembered; the oldest go first. */
const WORDS_MAX = 64;

/** A word of this device of which it is not known yet who acts on it. */
interface Waiting {
  settle(isMine: boolean): void;
  /** Somebody told of a word, or is gone. */
  look(): void;
}

/**
 * Agrees with the other devices of a house who acts on a word that several heard. All take the same messages in the
 * order of the broker, so that all come to the same end; this device waits for what the broker gives back of its own.
 * Where there is no other device it waits for nothing.
 */
export class Neighbours {
  readonly #deps: NeighboursDeps;
  readonly #arbiter: Arbiter;
  /** Other devices, and their sources as far as they have been heard of. */
  readonly #others = new Map<string, Set<string>>();
  /** Words of this device that the others were told of. */
  readonly #own = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(deps: NeighboursDeps) {
    this.#deps = deps;
    this.#arbiter = new Arbiter(deps.timer, deps.clock.monotonicMs, null);
  }

  /** Another device is there, or gone; what it was about to do is not waited for. */
  met(device: string, isThere: boolean): void {
    if (device === this.#deps.device) return;
    if (isThere) {
      if (!this.#others.has(device)) this.#others.set(device, new Set());
      return;
    }
    for (const source of this.#others.get(device) ?? []) this.#arbiter.lost(source);
    this.#others.delete(device);
    this.#look();
  }

  /** The broker is away: this device is alone. */
  alone(): void {
    for (const device of [...this.#others.keys()]) this.met(device, false);
    for (const { settle } of [...this.#waiting.values()]) settle(true);
  }

  /** Whether there is anybody to tell. */
  get hasCompany(): boolean {
    return this.#others.size > 0;
  }

  /** A word was verified here. */
  heard(word: HeardWord): void {
    const [detection, source] = [this.#idOf(word.detection), this.#idOf(word.source)];
    this.#own.add(detection);
    const [oldest] = this.#own;
    if (this.#own.size > WORDS_MAX && oldest !== undefined) this.#own.delete(oldest);
    this.#tell({ kind: 'heard', word: { ...word, detection, source } });
  }

  /** Nothing will come of it. */
  ended(detection: string): void {
    const id = this.#idOf(detection);
    if (this.#own.delete(id)) this.#tell({ kind: 'ended', detection: id });
  }

  /** Whether this device is the one to act. */
  async isMine(detection: string): Promise<boolean> {
    const id = this.#idOf(detection);
    if (!this.#own.has(id) || this.#others.size === 0) return true;
    const { clock, timer } = this.#deps;
    const askedMs = clock.monotonicMs();
    return new Promise((resolve) => {
      const cancels: (() => void)[] = [];
      let isClaimed = false;
      const settle = (isMine: boolean): void => {
        this.#waiting.delete(id);
        for (const cancel of cancels) cancel();
        resolve(isMine);
      };
      /** Acts after a time without an answer, unless this process could not have read it. */
      const limit = (ms: number): void => {
        const dueMs = clock.monotonicMs() + ms;
        const over = (): void => {
          const nowMs = clock.monotonicMs();
          if (nowMs - dueMs > HELD_UP_MS && nowMs - askedMs < HELD_UP_LIMIT_MS) limit(ANSWER_MS);
          else settle(true);
        };
        cancels.push(timer(ms, over));
      };
      const claim = (): void => {
        isClaimed = true;
        this.#tell({ kind: 'claim', detection: id });
        cancels.push(timer(PATIENCE_MS, () => this.#tell({ kind: 'insist', detection: id })));
        limit(Math.max(ANSWER_MS, askedMs + LIMIT_MS - clock.monotonicMs()));
      };
      const look = (): void => {
        if (isClaimed) return;
        const inMs = this.#openMs(id, askedMs);
        if (inMs <= 0) claim();
        else cancels.push(timer(inMs, look));
      };
      this.#waiting.set(id, { settle, look });
      look();
    });
  }

  /** For how long yet a surer one may come; 0: for no longer, or all have told already. */
  #openMs(id: string, askedMs: number): number {
    const told = this.#arbiter.toldOf(id);
    const isMissing = (sources: ReadonlySet<string>): boolean =>
      told === null || ![...sources].some((source) => told.sources.has(source));
    if (![...this.#others.values()].some(isMissing)) return 0;
    return Math.max(0, (told?.firstMs ?? askedMs) + WINDOW_MS - this.#deps.clock.monotonicMs());
  }

  #look(): void {
    for (const { look } of [...this.#waiting.values()]) look();
  }

  /** Takes what a device told, this one included. */
  take(message: string): void {
    const told = toldOf(message);
    if (told === null) return;
    switch (told.kind) {
      case 'heard':
        this.#hear(told.word);
        return;
      case 'claim': {
        const { detection } = told;
        void this.#arbiter.isMine(detection).then((isMine) => this.#waiting.get(detection)?.settle(isMine));
        return;
      }
      case 'insist':
        this.#arbiter.insist(told.detection);
        return;
      case 'ended':
        this.#arbiter.ended(told.detection);
        return;
      default:
        told satisfies never;
    }
  }

  #hear(word: HeardWord): void {
    this.#others.get(word.source.split('/')[0] ?? '')?.add(word.source);
    this.#arbiter.heard(word);
    this.#look();
  }

  #idOf(name: string): string {
    return `${this.#deps.device}/${name}`;
  }

  #tell(told: Told): void {
    this.#deps.tell(JSON.stringify(told));
  }
}

function toldOf(message: string): Told | null {
  const told = parseJson(message);
  if (typeof told !== 'object' || told === null || !('kind' in told)) return null;
  if (told.kind === 'heard' && 'word' in told && isWord(told.word)) return { kind: 'heard', word: told.word };
  const { kind } = told;
  if (!('detection' in told) || typeof told.detection !== 'string') return null;
  if (kind !== 'claim' && kind !== 'insist' && kind !== 'ended') return null;
  return { kind, detection: told.detection };
}

function isWord(word: unknown): word is HeardWord {
  if (typeof word !== 'object' || word === null) return false;
  const { detection, source, label, confidence, power, agoMs } = word as Partial<HeardWord>;
  const texts = [detection, source, label];
  return (
    texts.every((text) => typeof text === 'string') &&
    [confidence, power, agoMs].every((value) => typeof value === 'number' && Number.isFinite(value))
  );
}
