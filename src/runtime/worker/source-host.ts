import type { MessagePort } from 'node:worker_threads';
import { Backoff } from '../../core/backoff.js';
import type { Time } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import type { CascadeEvent } from '../../core/events/events.js';
import { type Health, ToldHealth } from '../../core/events/health.js';
import { sleep } from '../../core/waiting.js';
import { Watchdog } from '../../core/watchdog.js';
import type { WorkerOrder, WorkerOutput, WorkerReport, WorkerStart } from './worker-protocol.js';

export interface SourceHostOptions extends Time {
  readonly source: string;
  /** Serialisable description of the source and its cascade. */
  readonly spec: unknown;
  readonly run: string;
  /** Opens a line to the heavy process for a worker that is started; left out where there is none. */
  readonly openHeavy?: () => MessagePort;
  readonly onReport: (report: WorkerOutput) => void;
  readonly onHealth: (health: Health) => void;
  /** Told of what the worker had told to be unwell when it ended: whether it still is, the next one tells. */
  readonly onForgotten: (component: string, health: Health) => void;
  /** A worker silent this long, once it runs, is ended and started again. */
  readonly hangMs?: number;
  /** First wait before a crashed worker is started again; doubles up to half a minute. */
  readonly restartMs?: number;
  /** Starts its worker. */
  readonly startWorker: (start: WorkerStart) => WorkerThread;
  /** Numbers from 0 to 1 for the jitter of the waits. */
  readonly random?: () => number;
}

/** What is used of a worker thread, or of a place in one. */
export interface WorkerThread {
  postMessage(order: WorkerOrder, handedOver?: readonly MessagePort[]): void;
  on(event: 'message', take: (batch: readonly WorkerReport[]) => void): void;
  on(event: 'error', take: (error: Error) => void): void;
  on(event: 'exit', take: (code: number) => void): void;
  terminate(): Promise<unknown>;
}

const HANG_MS = 15_000;
/** Loading libraries and models blocks the thread; on a slow card or a busy board that takes long. */
const START_MS = 180_000;
const RESTART_MS = 500;
const RESTART_MAX_MS = 30_000;
/** A worker that ran this long is not in a crash loop. */
const STABLE_MS = 60_000;
const BEGINS_ANEW: Health = { state: 'ok', code: 'OK', detail: 'begins anew with its worker' };

type Ending = { readonly kind: 'over' } | { readonly kind: 'crashed'; readonly detail: string };

/**
 * Keeps one source's worker alive. A crash or a hang is a health event and a restart; what a restart
 * cannot mend (a missing model, a recording that is none) is the error {@link run} throws.
 */
export class SourceHost {
  readonly source: string;
  readonly #options: SourceHostOptions;
  #spec: unknown;
  readonly #stop = new AbortController();
  #worker: WorkerThread | null = null;
  #starts = 0;
  /** When its worker last reported something; null before the first. */
  #heardAtMs: number | null = null;
  /** The newest of each order that stands until the next: a worker that is started again has to be told, too. */
  readonly #standing = new Map<WorkerOrder['kind'], WorkerOrder>();
  readonly #health: ToldHealth;
  /** Components that the worker told to be unwell, and not to be well again. */
  readonly #unwell = new Set<string>();
  /** Orders that are not answered yet; all of them fail with the worker. */
  readonly #awaited = new Map<number, (refusal: string | null) => void>();
  #orderId = 0;

  constructor(options: SourceHostOptions) {
    this.source = options.source;
    this.#options = options;
    this.#health = new ToldHealth(options.onHealth, 'ok');
    this.#spec = options.spec;
  }

  /** Runs until the recording is over or {@link stop}; restarts the worker as often as it takes. */
  async run(): Promise<void> {
    const firstMs = this.#options.restartMs ?? RESTART_MS;
    const backoff = new Backoff({ firstMs, maxMs: RESTART_MAX_MS, jitter: 'half' }, this.#options.random);
    while (!this.#stop.signal.aborted) {
      const startedMs = this.#options.clock.monotonicMs();
      const ending = await this.#once();
      if (ending.kind === 'over' || this.#stop.signal.aborted) return;
      this.#health.become('down', 'INTERNAL', `${this.source}: its worker ${ending.detail}`);
      for (const component of this.#unwell) this.#options.onForgotten(component, BEGINS_ANEW);
      this.#unwell.clear();
      if (this.#options.clock.monotonicMs() - startedMs > STABLE_MS) backoff.reset();
      await sleep(this.#options.timer, backoff.next(), this.#stop.signal);
    }
  }

  order(order: WorkerOrder): void {
    if (order.kind === 'cloud' || order.kind === 'mute') this.#standing.set(order.kind, order);
    this.#worker?.postMessage(order);
  }

  /**
   * Sends text to the source's board.
   * @throws CatnapError `SOURCE_UNAVAILABLE` when there is none, or it did not take it
   */
  async command(text: string): Promise<void> {
    await this.#done((id) => ({ kind: 'command', id, text }));
  }

  /**
   * Has the worker listen for what another plan says as soon as nothing is under way; one that is started again does so
   * from its start, by `spec`.
   * @throws CatnapError `SOURCE_UNAVAILABLE` when it does not run, or could not
   */
  async exchange(spec: unknown, plan: unknown): Promise<void> {
    await this.#done((id) => ({ kind: 'exchange', id, plan }));
    this.#spec = spec;
  }

  async #done(orderOf: (id: number) => WorkerOrder): Promise<void> {
    const id = ++this.#orderId;
    const refusal = await new Promise<string | null>((resolve) => {
      if (this.#worker === null) return resolve('its worker does not run');
      this.#awaited.set(id, resolve);
      this.order(orderOf(id));
    });
    if (refusal !== null) throw new CatnapError('SOURCE_UNAVAILABLE', `${this.source}: ${refusal}`);
  }

  /** Asks the worker to bring what is under way to its end; ends it after `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stop.abort();
    const worker = this.#worker;
    if (worker === null) return;
    const gone = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
    worker.postMessage({ kind: 'stop' } satisfies WorkerOrder);
    const cancel = this.#options.timer(deadlineMs, () => void worker.terminate());
    await gone;
    cancel();
  }

  async #once(): Promise<Ending> {
    const { run, openHeavy, startWorker } = this.#options;
    this.#starts += 1;
    const heavy = openHeavy?.() ?? null;
    const start: WorkerStart = {
      spec: this.#spec,
      run,
      // Counters begin anew with the worker, so that the name has to tell its events from those before.
      ids: this.#starts === 1 ? this.source : `${this.source}~${this.#starts}`,
      heardAtMs: this.#heardAtMs,
      heavy,
    };
    const worker = startWorker(start);
    this.#worker = worker;
    for (const order of this.#standing.values()) worker.postMessage(order);
    try {
      return await this.#watch(worker);
    } finally {
      this.#worker = null;
      for (const answer of this.#awaited.values()) answer('its worker ended');
      this.#awaited.clear();
      await worker.terminate();
    }
  }

  #watch(worker: WorkerThread): Promise<Ending> {
    return new Promise((resolve, reject) => {
      const watch = (patienceMs: number): Watchdog =>
        new Watchdog(this.#options, patienceMs, () =>
          resolve({ kind: 'crashed', detail: 'does not answer' }),
        );
      let hang = watch(START_MS);
      const running = (): void => {
        hang.stop();
        hang = watch(this.#options.hangMs ?? HANG_MS);
        this.#health.become('ok', 'OK', `${this.source}: its worker runs again`);
      };
      worker.on('message', (batch) => {
        hang.feed();
        this.#heardAtMs = this.#options.clock.monotonicMs();
        for (const report of batch) {
          if (report.kind === 'failed') reject(new CatnapError(report.code, report.message));
          else if (report.kind === 'ended') resolve({ kind: 'over' });
          else if (report.kind === 'crashed')
            resolve({ kind: 'crashed', detail: `failed: ${report.message}` });
          else if (report.kind === 'running') running();
          else this.#take(report);
        }
      });
      worker.on('error', (error) => resolve({ kind: 'crashed', detail: `failed: ${error.message}` }));
      worker.on('exit', (code) => {
        hang.stop();
        resolve({ kind: 'crashed', detail: `ended with exit code ${code}` });
      });
    });
  }

  /** What a worker tells between its start and its end. */
  #take(report: Exclude<WorkerReport, { kind: 'failed' | 'crashed' | 'ended' | 'running' }>): void {
    switch (report.kind) {
      case 'answered':
        this.#awaited.get(report.id)?.(report.refusal);
        this.#awaited.delete(report.id);
        return;
      case 'beat':
        return;
      case 'heavy-lost':
        this.#openHeavyAgain();
        return;
      case 'event':
        this.#follow(report.event);
        this.#options.onReport(report);
        return;
      case 'telemetry':
      case 'escalation':
      case 'clip':
      case 'left':
      case 'prepare':
      case 'speech':
      case 'speech-samples':
      case 'speech-abandoned':
      case 'word':
      case 'claim':
        this.#options.onReport(report);
        return;
      default:
        report satisfies never;
    }
  }

  #openHeavyAgain(): void {
    const port = this.#options.openHeavy?.();
    if (port !== undefined) this.#worker?.postMessage({ kind: 'heavy', port } satisfies WorkerOrder, [port]);
  }

  #follow(event: CascadeEvent): void {
    if (event.type !== 'health') return;
    if (event.state === 'ok') this.#unwell.delete(event.component);
    else this.#unwell.add(event.component);
  }
}
