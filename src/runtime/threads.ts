import { fileURLToPath } from 'node:url';
import type { CascadePlan } from './build.js';
import type { Config } from './config.js';
import type { HeavyThread, HeavyThreadEdge } from './heavy/heavy-host.js';
import type { MainSignals } from './worker/main-signals.js';
import type { SourceHostOptions } from './worker/source-host.js';
import { SourceThread } from './worker/source-thread.js';

/** The build's script of a thread, also when this file runs from `src`: a thread cannot run TypeScript. */
const script = (name: string): string =>
  fileURLToPath(new URL(`../../dist/runtime/${name}.js`, import.meta.url));
const SOURCES = script('source-worker');
const WYOMING = script('wyoming-worker');

type StartWorker = SourceHostOptions['startWorker'];
type Kind = CascadePlan['kind'];

/** Sources that share a thread at most: eight that hear talk may take a core of a small board. */
const SHARING = 4;

/**
 * The threads of a run: one for four sources that listen for words, one for four that watch sensors, and one for each
 * source with code of somebody else, which may do anything. Not one for both kinds: what watches sensors learns from
 * whole recordings, which a word should not wait for.
 */
export class Threads {
  readonly #signals: MainSignals;
  readonly #shared: Readonly<Record<Kind, SharedThreads>>;
  readonly #heavy: SourceThread;

  constructor(signals: MainSignals, plans: readonly CascadePlan[]) {
    this.#signals = signals;
    this.#shared = { voice: new SharedThreads(signals), sensor: new SharedThreads(signals) };
    this.#heavy = this.#shared[plans.some(({ kind }) => kind === 'voice') ? 'voice' : 'sensor'].first;
  }

  /** Has the heavy process run by a thread that is there anyway. */
  readonly serveHeavy = (edge: HeavyThreadEdge | null): HeavyThread => this.#heavy.serveHeavy(edge);

  /** Starts the worker of one more source. */
  startSource({ kind }: Config['sources'][number], plan: CascadePlan): StartWorker {
    const isOurs = kind !== 'module' && plan.stages.tiny.kind !== 'module';
    return (isOurs ? this.#shared[plan.kind].next() : new SourceThread(SOURCES, this.#signals)).serve;
  }

  /** Starts what serves the Wyoming protocol. */
  startWyoming(): StartWorker {
    return new SourceThread(WYOMING, this.#signals).serve;
  }
}

/** Threads of sources of one kind. */
class SharedThreads {
  readonly first: SourceThread;
  #newest: SourceThread;
  #sharing = 0;

  constructor(private readonly signals: MainSignals) {
    this.first = new SourceThread(SOURCES, signals);
    this.#newest = this.first;
  }

  /** The thread of one more source. */
  next(): SourceThread {
    if (this.#sharing === SHARING) {
      this.#newest = new SourceThread(SOURCES, this.signals);
      this.#sharing = 0;
    }
    this.#sharing += 1;
    return this.#newest;
  }
}

/** How many threads serve sources whose cascades are of these kinds. */
export function threadsFor(kinds: readonly Kind[]): number {
  const serve = (wanted: Kind) => Math.ceil(kinds.filter((kind) => kind === wanted).length / SHARING);
  return serve('voice') + serve('sensor');
}
