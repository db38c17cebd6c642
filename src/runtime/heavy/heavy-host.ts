import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { News } from '../../core/events/health.js';
import type { BrokerSettings } from '../../egress/broker.js';
import type { Passage, Passed } from '../../egress/way-out.js';
import type { EgressConfig } from '../../uplink/egress.js';

/** What the main thread tells the thread that runs the heavy process. */
export type HeavyThreadOrder =
  | {
      readonly kind: 'open';
      readonly source: string;
      readonly warmMs: number;
      /** Where the source's worker asks, and is answered. */
      readonly port: MessagePort;
    }
  | { readonly kind: 'end' };

/** What it is told. */
export type HeavyThreadReport =
  /** As it was asked to; nothing of it is left. */
  | { readonly kind: 'ended' }
  /** For whoever ends without ending it: it hears of nothing. */
  | { readonly kind: 'heavy-pid'; readonly pid: number | null }
  | EdgeReport;

/** What the main thread is told of workers of the house that are asked in place of the process. */
export type EdgeReport =
  /** Something left the device. */
  | { readonly kind: 'left'; readonly passage: Passage }
  /** Something was asked, or was not, for the audit. */
  | { readonly kind: 'passed'; readonly passed: Passed }
  | { readonly kind: 'edge-health'; readonly health: News };

/** Where workers of the house are asked, and by which rules. */
export interface HeavyThreadEdge {
  readonly device: string;
  readonly version: string;
  readonly broker: BrokerSettings;
  /** What all topics begin with. */
  readonly topic: string;
  readonly egress: EgressConfig;
}

/** What is used of the thread that runs the heavy process, or of a place in one. */
export interface HeavyThread {
  postMessage(order: HeavyThreadOrder, handedOver?: readonly MessagePort[]): void;
  on(event: 'message', take: (batch: readonly HeavyThreadReport[]) => void): void;
  on(event: 'error', take: (error: Error) => void): void;
  on(event: 'exit', take: (code: number) => void): void;
  terminate(): Promise<unknown>;
}

/**
 * The heavy process of all sources, from the main thread. It is run by the thread that listens for words, to which each
 * source has a line: a main thread that is busy delays no verification, and a source that ends takes nothing along.
 */
export class HeavyHost {
  readonly #startThread: () => HeavyThread;
  readonly #onReport: (report: EdgeReport) => void;
  #thread: HeavyThread | null = null;
  #pid: number | null = null;

  /**
   * @param startThread has a thread run it
   * @param onReport told what left the device by it
   */
  constructor(startThread: () => HeavyThread, onReport: (report: EdgeReport) => void = () => {}) {
    this.#startThread = startThread;
    this.#onReport = onReport;
  }

  /**
   * A line for a source's worker, to be handed over to it; one opened before for the same source is closed. It ends
   * with the thread, and the next that is opened starts another.
   */
  open(source: string, warmMs: number): MessagePort {
    this.#thread ??= this.#start();
    const { port1, port2 } = new MessageChannel();
    const order: HeavyThreadOrder = { kind: 'open', source, warmMs, port: port1 };
    this.#thread.postMessage(order, [port1]);
    return port2;
  }

  /** Ends the process and its thread. */
  async end(): Promise<void> {
    const thread = this.#thread;
    if (thread === null) return;
    const gone = new Promise<void>((resolve) => thread.on('exit', () => resolve()));
    thread.postMessage({ kind: 'end' } satisfies HeavyThreadOrder);
    await gone;
  }

  /** Ends the process at once, for a program that ends: it may hang, and would hear of nothing. */
  kill(): void {
    if (this.#pid === null) return;
    try {
      process.kill(this.#pid, 'SIGKILL');
    } catch {
      // It was gone before.
    }
    this.#pid = null;
  }

  #start(): HeavyThread {
    const thread = this.#startThread();
    // The sources see their lines end, and open others.
    thread.on('error', (error) =>
      process.stderr.write(`catnap: the heavy process's thread: ${error.message}\n`),
    );
    thread.on('message', (batch) => {
      for (const report of batch) {
        if (report.kind === 'heavy-pid') this.#pid = report.pid;
        else if (report.kind === 'ended') void thread.terminate();
        else this.#onReport(report);
      }
    });
    thread.on('exit', () => {
      // Another may have been started since.
      if (this.#thread !== thread) return;
      this.kill();
      this.#thread = null;
    });
    return thread;
  }
}
