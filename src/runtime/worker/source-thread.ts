import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type {
  HeavyThread,
  HeavyThreadEdge,
  HeavyThreadOrder,
  HeavyThreadReport,
} from '../heavy/heavy-host.js';
import type { EachWithout } from '../heavy/heavy-protocol.js';
import type { MainSignals } from './main-signals.js';
import type { WorkerThread } from './source-host.js';
import type { WorkerOrder, WorkerReport, WorkerSeat, WorkerStart } from './worker-protocol.js';

/** A seat without its port. */
type Served = EachWithout<WorkerSeat, 'port'>;

/**
 * A worker thread for several sources, and for the heavy process, from the main thread. It is there while one of them
 * is served.
 */
export class SourceThread {
  #worker: Worker | null = null;
  #seats: readonly Seat<unknown, Report>[] = [];

  /** @param script what the thread runs */
  constructor(
    private readonly script: string,
    private readonly mainSignals: MainSignals,
  ) {}

  /** Has a source served there, to which its place is as a thread of its own. */
  readonly serve = (start: WorkerStart): WorkerThread =>
    this.#seat<WorkerOrder, WorkerReport>(
      { kind: 'source', start },
      start.heavy === null ? [] : [start.heavy],
    );

  /** Has the heavy process run there; `edge`: workers of the house that are asked before it, null: none. */
  readonly serveHeavy = (edge: HeavyThreadEdge | null): HeavyThread =>
    this.#seat<HeavyThreadOrder, HeavyThreadReport>({ kind: 'heavy', edge }, []);

  #seat<Order, Told extends Report>(served: Served, handedOver: readonly MessagePort[]): Seat<Order, Told> {
    const { port1, port2 } = new MessageChannel();
    const worker = this.#worker ?? this.#start();
    worker.postMessage({ ...served, port: port2 } satisfies WorkerSeat, [port2, ...handedOver]);
    const seat: Seat<Order, Told> = new Seat(worker, port1, () => this.#leave(seat));
    this.#seats = [...this.#seats, seat];
    return seat;
  }

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

  #tell(worker: Worker, tell: (seat: Seat<unknown, Report>) => void): void {
    for (const seat of this.#seats) if (seat.worker === worker) tell(seat);
  }

  /** A thread cannot be ended in part: a source that does not come to its end takes the others along. */
  async #leave(seat: Seat<unknown, Report>): Promise<void> {
    const { worker, hasEnded } = seat;
    if (!this.#seats.includes(seat)) return;
    this.#seats = this.#seats.filter((other) => other !== seat);
    if (hasEnded && this.#seats.some((other) => other.worker === worker)) return;
    if (this.#worker === worker) this.#worker = null;
    await worker.terminate();
  }
}

/** What all tell whose place is in a thread. */
interface Report {
  readonly kind: string;
}

/** By these they tell that nothing of them is left to be ended. */
const ENDINGS: readonly string[] = ['ended', 'failed', 'crashed'] satisfies WorkerReport['kind'][];

/** The place in a thread of what it serves. */
class Seat<Order, Told extends Report> extends EventEmitter {
  hasEnded = false;

  constructor(
    readonly worker: Worker,
    private readonly port: MessagePort,
    private readonly leave: () => Promise<void>,
  ) {
    super();
    port.on('message', (batch: readonly Told[]) => this.#take(batch));
  }

  postMessage(order: Order, handedOver: readonly MessagePort[] = []): void {
    this.port.postMessage(order, handedOver);
  }

  async terminate(): Promise<void> {
    this.port.close();
    await this.leave();
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
      let said = receiveMessageOnPort(this.port);
      said !== undefined;
      said = receiveMessageOnPort(this.port)
    )
      this.#take(said.message as readonly Told[]);
  }

  #take(batch: readonly Told[]): void {
    this.hasEnded ||= batch.some(({ kind }) => ENDINGS.includes(kind));
    this.emit('message', batch);
  }
}
