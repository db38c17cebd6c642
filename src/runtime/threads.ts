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

/**
 * The threads of a run: one for all that listens for words, one for all that watches sensors, and one for each source
 * with code of somebody else, which may do anything. Not one for both kinds: what watches sensors learns from whole
 * recordings, which a word should not wait for.
 */
export class Threads {
  readonly #signals: MainSignals;
  readonly #shared: Readonly<Record<CascadePlan['kind'], SourceThread>>;
  readonly #heavy: SourceThread;

  constructor(signals: MainSignals, plans: readonly CascadePlan[]) {
    this.#signals = signals;
    this.#shared = { voice: new SourceThread(SOURCES, signals), sensor: new SourceThread(SOURCES, signals) };
    this.#heavy = plans.some(({ kind }) => kind === 'voice') ? this.#shared.voice : this.#shared.sensor;
  }

  /** Has the heavy process run by a thread that is there anyway. */
  readonly serveHeavy = (edge: HeavyThreadEdge | null): HeavyThread => this.#heavy.serveHeavy(edge);

  /** Starts a source's worker. */
  startSource({ kind }: Config['sources'][number], plan: CascadePlan): StartWorker {
    const isOurs = kind !== 'module' && plan.stages.tiny.kind !== 'module';
    return (isOurs ? this.#shared[plan.kind] : new SourceThread(SOURCES, this.#signals)).serve;
  }

  /** Starts what serves the Wyoming protocol. */
  startWyoming(): StartWorker {
    return new SourceThread(WYOMING, this.#signals).serve;
  }
}
