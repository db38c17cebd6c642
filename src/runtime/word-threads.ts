import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Timer } from '../core/clock.js';
import { CatnapError, type ErrorCode } from '../core/errors.js';
import type { WordOutlook } from '../core/word-outlook.js';
import type { OwnWordConfig } from '../voice/words/config.js';
import type { TakesKept, TakesWord } from '../voice/words/gather-takes.js';
import type { WordAsked } from '../voice/words/word-report.js';

/** What is to be found out about a word. */
export type WordJob =
  | {
      readonly kind: 'report';
      readonly asked: readonly [word: WordAsked, words: readonly (string | OwnWordConfig)[] | null];
    }
  /** Whether the last of some takes is of the word of the others. */
  | { readonly kind: 'hear'; readonly files: readonly string[] }
  | {
      readonly kind: 'gather';
      readonly folder: string;
      readonly from: string;
      readonly word: TakesWord;
    };

/** By kind of job: its answer. */
export interface WordAnswers {
  readonly report: WordOutlook;
  /** Why it is not; null: it is. */
  readonly hear: string | null;
  readonly gather: TakesKept;
}

/** A job on its way to the thread. */
export interface WordAsk {
  readonly id: number;
  readonly job: WordJob;
}

/** What came of it. */
export interface WordReply {
  readonly id: number;
  readonly answer?: WordAnswers[WordJob['kind']];
  readonly fault?: { readonly code: ErrorCode; readonly message: string };
}

/** The build's thread, also when this file runs from `src`: a thread cannot run TypeScript. */
const SCRIPT = fileURLToPath(new URL('../../dist/runtime/word-thread.js', import.meta.url));
/** Its networks are held for so long after it was asked last. */
const IDLE_MS = 60_000;
/** More wait for nobody. */
const MOST_WAITING = 4;

type Waiting = (reply: WordReply | Error) => void;

/** Finds out about words in a thread of its own, which lives while it is asked. */
export class WordThreads {
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #lastId = 0;
  #cancelIdle = (): void => {};

  constructor(private readonly timer: Timer) {}

  /** @throws CatnapError what the job throws; `BUSY` where too much is asked at once. */
  async ask<Kind extends WordJob['kind']>(job: Extract<WordJob, { kind: Kind }>): Promise<WordAnswers[Kind]> {
    if (this.#waiting.size >= MOST_WAITING)
      throw new CatnapError('BUSY', 'other words are looked at just now: try again in a moment');
    this.#cancelIdle();
    this.#thread ??= this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    const replied = new Promise<WordReply | Error>((resolve) => this.#waiting.set(id, resolve));
    this.#thread.postMessage({ id, job } satisfies WordAsk);
    const reply = await replied;
    this.#cancelIdle();
    if (this.#waiting.size === 0) this.#cancelIdle = this.timer(IDLE_MS, () => void this.close());
    if (reply instanceof Error) throw reply;
    if (reply.fault !== undefined) throw new CatnapError(reply.fault.code, reply.fault.message);
    return reply.answer as WordAnswers[Kind];
  }

  async close(): Promise<void> {
    this.#cancelIdle();
    const thread = this.#thread;
    this.#thread = null;
    await thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(SCRIPT, { execArgv: [] });
    thread.on('message', (reply: WordReply) => this.#settle(reply.id, reply));
    thread.on('error', (error) => this.#lost(thread, error));
    thread.on('exit', () => this.#lost(thread, new CatnapError('SOURCE_UNAVAILABLE', 'Catnap ends')));
    return thread;
  }

  #lost(thread: Worker, error: Error): void {
    if (this.#thread === thread) this.#thread = null;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, error);
  }

  #settle(id: number, reply: WordReply | Error): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(reply);
  }
}
