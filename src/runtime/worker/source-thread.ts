import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { MainSignals } from './main-signals.js';
import type { WorkerThread } from './source-host.js';
import type { WorkerOrder, WorkerReport, WorkerSeat, WorkerStart } from './worker-protocol.js';

/** A worker thread for several sources, from the main thread. It is there while one of them is served. */
export class SourceThread {
  #worker: Worker | null = null;
  #seats: readonly Seat[] = [];

  /** @param script what the thread runs */
  constructor(
    private readonly script: string,
    private readonly mainSignals: MainSignals,
  ) {}

  /** Has a source served there, to which its place is as a thread of its own. */
  readonly serve = (start: WorkerStart): WorkerThread => {
    const worker = this.#worker ?? this.#start();
    const seat = new Seat(worker, start, () => this.#leave(seat));
    this.#seats = [...this.#seats, seat];
    return seat;
  };

  #start(): Worker {
    const worker = new Worker(this.script, { workerData: this.mainSignals.memory, execArgv: [] });
    this.#worker = worker;
    // Not a listener for each seat: of those there may be many.
    worker.on('error', (error) => this.#tell(worker, (seat) => seat.failed(error)));
    worker.on('exit', (code) => {
      if (this.#worker === worker) this.#worker = null;
      this.#tell(worker, (seat) => seat.exited(code));
    });
    return worker;
  }

  #tell(worker: Worker, tell: (seat: Seat) => void): void {
    for (const seat of this.#seats) if (seat.worker === worker) tell(seat);
  }

  /** A thread cannot be ended in part: a source that does not come to its end takes the others along. */
  async #leave(seat: Seat): Promise<void> {
    const { worker, hasEnded } = seat;
    if (!this.#seats.includes(seat)) return;
    this.#seats = this.#seats.filter((other) => other !== seat);
    if (hasEnded && this.#seats.some((other) => other.worker === worker)) return;
    if (this.#worker === worker) this.#worker = null;
    await worker.terminate();
  }
}

/** The place of a source in a thread. */
class Seat extends EventEmitter implements WorkerThread {
  readonly #port: MessagePort;
  readonly #leave: () => Promise<void>;
  /** The source has come to its end, in whatever way, and nothing of it is left to be ended. */
  hasEnded = false;

  constructor(
    readonly worker: Worker,
    start: WorkerStart,
    leave: () => Promise<void>,
  ) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#leave = leave;
    port1.on('message', (batch: readonly WorkerReport[]) => this.#take(batch));
    const seat: WorkerSeat = { start, port: port2 };
    worker.postMessage(seat, start.heavy === null ? [port2] : [port2, start.heavy]);
  }

  postMessage(order: WorkerOrder, handedOver: readonly MessagePort[] = []): void {
    this.#port.postMessage(order, handedOver);
  }

  async terminate(): Promise<void> {
    this.#port.close();
    await this.#leave();
    this.emit('exit', 0);
  }

  failed(error: Error): void {
    this.#drain();
    this.emit('error', error);
  }

  exited(code: number): void {
    this.hasEnded = true;
    this.#drain();
    this.emit('exit', code);
  }

  /** Takes what was said before the thread ended, which tells of that first. */
  #drain(): void {
    for (
      let said = receiveMessageOnPort(this.#port);
      said !== undefined;
      said = receiveMessageOnPort(this.#port)
    )
      this.#take(said.message as readonly WorkerReport[]);
  }

  #take(batch: readonly WorkerReport[]): void {
    this.hasEnded ||= batch.some(({ kind }) => kind === 'ended' || kind === 'failed' || kind === 'crashed');
    this.emit('message', batch);
  }
}
