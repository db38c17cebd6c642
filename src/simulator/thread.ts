import { EventEmitter } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { Heartbeat } from '../runtime/worker/heartbeat.js';
import type { MainSignals } from '../runtime/worker/main-signals.js';
import { NapCollector } from '../runtime/worker/nap-collector.js';
import type { WorkerThread } from '../runtime/worker/source-host.js';
import { type PipelineFactory, serveSource } from '../runtime/worker/source-serve.js';
import type { WorkerOrder, WorkerReport, WorkerStart } from '../runtime/worker/worker-protocol.js';
import type { Life } from './life.js';

/** Signs of life are most of what happens in silence: the simulation has them more rarely. */
export const BEAT_MS = 20_000;

/** What a worker thread lives in. */
export interface ThreadSurroundings {
  readonly process: Life;
  /** The main thread, which hears of it unless it stalls. */
  readonly main: Life;
  readonly signals: MainSignals;
  /** The process is ended by the thread. */
  readonly aborted: (error: Error) => void;
}

/** A worker thread of a simulated process, which serves a source as a real one does. */
export class SimulatedThread extends EventEmitter implements WorkerThread {
  readonly #life: Life;
  readonly #main: Life;
  readonly #port = new EventEmitter();
  readonly #heavy: WorkerStart['heavy'];
  #isGone = false;

  constructor(
    { process, main, signals, aborted }: ThreadSurroundings,
    start: WorkerStart,
    create: (life: Life) => PipelineFactory,
  ) {
    super();
    this.#main = main;
    this.#heavy = start.heavy;
    this.#life = process.thread();
    const life = this.#life;
    const abort = life.heard((why: string) => aborted(new Error(why)));
    const heartbeat = new Heartbeat(signals, life.timer, abort, BEAT_MS);
    void serveSource(
      {
        ...life.time,
        start,
        main: signals,
        collector: new NapCollector(),
        onBeat: heartbeat.each,
        port: {
          postMessage: life.heard((batch: readonly WorkerReport[]) => this.#say(batch)),
          on: (_event, take) => void this.#port.on('message', take),
          close: () => this.#ended(0),
        },
      },
      create(life),
    );
  }

  postMessage(order: WorkerOrder): void {
    this.#life.timer(0, () => this.#port.emit('message', order));
  }

  async terminate(): Promise<void> {
    this.#ended(1);
  }

  /** It fails. */
  crash(): void {
    this.#fail(new Error('crashed'));
  }

  /** It does nothing any more, and ends not. */
  hang(): void {
    this.#life.kill();
  }

  #say(batch: readonly WorkerReport[]): void {
    // Not copied, as between real threads it would be: nobody changes a report.
    queueMicrotask(() => {
      if (!this.#isGone && !this.#main.isOver) this.emit('message', batch);
    });
  }

  #fail(error: Error): void {
    if (this.#isGone) return;
    this.#main.timer(0, () => this.emit('error', error));
    this.#ended(1);
  }

  #ended(code: number): void {
    this.#life.kill();
    this.#heavy?.close();
    // What it said before it ended arrives.
    this.#main.timer(0, () => {
      if (this.#isGone) return;
      this.#isGone = true;
      this.emit('exit', code);
    });
  }
}

/** Two ends of a line between threads of a process. */
export function linePair(here: Life): readonly [MessagePort, MessagePort] {
  const ends = [new EventEmitter(), new EventEmitter()] as const;
  let isOpen = true;
  const portOf = (own: EventEmitter, other: EventEmitter): MessagePort => {
    const port = {
      postMessage: (message: unknown) => {
        const copy = structuredClone(message);
        here.timer(0, () => isOpen && other.emit('message', copy));
      },
      on: (event: string, take: (told: unknown) => void) => own.on(event, take),
      off: (event: string, take: (told: unknown) => void) => own.off(event, take),
      close: () => {
        here.timer(0, () => {
          if (isOpen) for (const end of ends) end.emit('close');
          isOpen = false;
        });
      },
    };
    return port as unknown as MessagePort;
  };
  return [portOf(ends[0], ends[1]), portOf(ends[1], ends[0])];
}
