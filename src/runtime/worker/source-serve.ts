import type { MessagePort } from 'node:worker_threads';
import type { Company } from '../../core/cascade/arbiter.js';
import type { Clip, Escalation, SpeechStreams } from '../../core/cascade/escalation.js';
import type { Clock, Time } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import type { CascadeEvent } from '../../core/events/events.js';
import type { PowerModel } from '../../core/metering/meter.js';
import type { Telemetry } from '../../core/metering/telemetry.js';
import type { Passage } from '../../egress/way-out.js';
import type { MainSignals } from './main-signals.js';
import type { NapCollector } from './nap-collector.js';
import type { WorkerOrder, WorkerReport, WorkerStart } from './worker-protocol.js';

/** Where a worker's pipeline puts what it finds. */
export interface Outlet {
  readonly run: string;
  /** As {@link WorkerStart.ids}. */
  readonly ids: string;
  /** As {@link WorkerStart.heardAtMs}. */
  readonly heardAtMs: number | null;
  event(event: CascadeEvent): void;
  telemetry(reading: Telemetry): void;
  offer(escalation: Escalation): void;
  /** Hands over what was heard of a detection. */
  keepClip(key: string, clip: Clip): void;
  /** Counts what left the device from here. */
  left(passage: Passage): void;
  prepare(): void;
  readonly speechStreams: SpeechStreams;
  /** As {@link WorkerStart.heavy}. */
  readonly heavy: MessagePort | null;
  /** Another line in its place, once it ended. */
  heavyAgain(): Promise<MessagePort>;
  /** Other sources that verified something within `withinMs` of `atMs`, monotonic. */
  otherSources(atMs: number, withinMs: number): readonly string[];
  cloudAway(): boolean;
  /** Whether somebody asked that it is not listened to. */
  muted(): boolean;
  /** The other sources, where they may hear what this one hears. */
  readonly company: Company;
}

/** A source and its cascade. */
export interface Pipeline {
  /** Runs until the recording is over or `signal` aborts; then what is under way has been brought to its end. */
  run(signal: AbortSignal): Promise<void>;
  /** Gives back memory that can be filled again. */
  shed(): void;
  /** Sends text to the source's board; rejects with a CatnapError when it was not taken. */
  command(text: string): Promise<void>;
  /** Listens for what another plan says, as soon as nothing is under way; rejects with a CatnapError. */
  exchange(plan: unknown): Promise<void>;
  /** Changes what CPU time costs from now on. */
  setPower(power: PowerModel): void;
  close(): Promise<void>;
}

export type PipelineFactory = (spec: unknown, outlet: Outlet) => Promise<Pipeline>;

/** What a source is served in: a place in a worker thread. */
export interface WorkerSurroundings extends Time {
  readonly start: WorkerStart;
  /** To the main thread. */
  readonly port: Pick<MessagePort, 'postMessage' | 'close'> & {
    on(event: 'message', take: (order: WorkerOrder) => void): void;
  };
  readonly main: MainSignals;
  readonly collector: NapCollector;
  /** Calls `work` with every sign of life of the thread; returns what ends that. */
  readonly onBeat: (work: () => void) => () => void;
}

/** Telemetry goes at most this often and waits for company in between; events do not wait. */
const BATCH_MS = 50;
/** Readings that go at once, whoever watches. */
const BATCH_MAX = 64;
/** Verifications of other sources kept; the oldest go first. */
const NEIGHBOURS_MAX = 64;

/** The worker thread's side of a source: builds the pipeline it is described, runs it and reports. Never rejects. */
export async function serveSource(
  { start: { spec, ...start }, port, main, collector, onBeat, ...time }: WorkerSurroundings,
  create: PipelineFactory,
): Promise<void> {
  const reporter = new BatchedReporter({ main, collector, time }, (batch) => port.postMessage(batch));
  const surroundings = new Surroundings(time.clock);
  const stop = new AbortController();
  const stopBeating = onBeat(() => reporter.now({ kind: 'beat' }));
  let pipeline: Pipeline | null = null;
  port.on('message', (order: WorkerOrder) => {
    switch (order.kind) {
      case 'stop':
        stop.abort();
        return;
      case 'power':
        pipeline?.setPower(order.power);
        return;
      case 'shed':
        pipeline?.shed();
        return;
      case 'command':
        reporter.answer(order.id, pipeline?.command(order.text));
        return;
      case 'exchange':
        reporter.answer(order.id, pipeline?.exchange(order.plan));
        return;
      case 'heavy':
        surroundings.heavy(order.port);
        return;
      case 'verified-elsewhere':
      case 'claimed':
      case 'cloud':
      case 'mute':
        surroundings.tell(order);
        return;
      default:
        order satisfies never;
    }
  });
  try {
    pipeline = await create(spec, reporter.outlet(start, surroundings));
    reporter.now({ kind: 'running' });
    await pipeline.run(stop.signal);
    await pipeline.close();
    reporter.now({ kind: 'ended' });
  } catch (error) {
    // Told before it is closed: a pipeline that failed may not close either.
    reporter.now(endingOf(error));
    await pipeline?.close().catch(() => {});
  } finally {
    stopBeating();
    start.heavy?.close();
    port.close();
  }
}

function endingOf(error: unknown): WorkerReport {
  if (error instanceof CatnapError) return { kind: 'failed', code: error.code, message: error.message };
  return { kind: 'crashed', message: error instanceof Error ? error.message : String(error) };
}

/** Null when it was done, else why not. */
async function refusalOf(done: Promise<void> | undefined): Promise<string | null> {
  try {
    if (done === undefined) return 'the source is not open yet';
    await done;
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What the sources of a thread have in common. */
interface Shared extends Pick<WorkerSurroundings, 'main' | 'collector'> {
  readonly time: Time;
}

class BatchedReporter {
  #batch: WorkerReport[] = [];
  #cancelFlush: (() => void) | null = null;
  #flushedMs = 0;

  constructor(
    private readonly shared: Shared,
    private readonly post: (batch: readonly WorkerReport[]) => void,
  ) {}

  now(report: WorkerReport): void {
    this.#batch.push(report);
    this.#flush();
  }

  /** Reports how an order ended. */
  answer(id: number, done: Promise<void> | undefined): void {
    void refusalOf(done).then((refusal) => this.now({ kind: 'answered', id, refusal }));
  }

  outlet(
    { run, ids, heardAtMs, heavy }: Pick<WorkerStart, 'run' | 'ids' | 'heardAtMs' | 'heavy'>,
    surroundings: Surroundings,
  ): Outlet {
    return {
      run,
      ids,
      heardAtMs,
      heavy,
      heavyAgain: () => {
        this.now({ kind: 'heavy-lost' });
        return surroundings.heavyAgain();
      },
      event: (event) => this.now({ kind: 'event', event }),
      telemetry: (reading) => {
        this.shared.collector.heard(reading);
        const report: WorkerReport = { kind: 'telemetry', reading };
        if (reading.type === 'source') this.now(report);
        else this.#soon(report);
      },
      offer: (escalation) => this.now({ kind: 'escalation', escalation }),
      keepClip: (key, clip) => this.now({ kind: 'clip', key, clip }),
      left: (passage) => this.now({ kind: 'left', passage }),
      prepare: () => this.now({ kind: 'prepare' }),
      speechStreams: {
        begin: (start) => this.now({ kind: 'speech', start }),
        samples: (key, pcm) => this.now({ kind: 'speech-samples', key, pcm }),
        abandon: (key) => this.now({ kind: 'speech-abandoned', key }),
      },
      otherSources: (atMs, withinMs) => surroundings.around(atMs, withinMs),
      cloudAway: () => surroundings.cloudAway,
      muted: () => surroundings.muted,
      company: {
        heard: (word) => this.now({ kind: 'word', word }),
        isMine: (detection) => {
          this.now({ kind: 'claim', detection });
          return surroundings.claim(detection);
        },
      },
    };
  }

  #soon(report: WorkerReport): void {
    this.#batch.push(report);
    if (this.#batch.length >= BATCH_MAX) {
      this.#flush();
      return;
    }
    // Where nobody watches, the next beat takes it along.
    if (this.#cancelFlush !== null || !this.shared.main.watched) return;
    // In real time a reading comes seldom: sent in the turn that made it, it costs no wake-up of its own.
    if (this.shared.time.clock.monotonicMs() - this.#flushedMs >= BATCH_MS) this.#flush();
    else this.#cancelFlush = this.shared.time.timer(BATCH_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    this.#flushedMs = this.shared.time.clock.monotonicMs();
    const batch = this.#batch;
    this.#batch = [];
    this.post(batch);
  }
}

/** What the main thread told of the rest of the house. */
class Surroundings {
  cloudAway = false;
  muted = false;
  readonly #claims = new Map<string, (isMine: boolean) => void>();
  #takeHeavy: (port: MessagePort) => void = (port) => port.close();
  #neighbours: readonly { readonly source: string; readonly atMs: number }[] = [];

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** Resolves with the main thread's next line to the heavy process. */
  heavyAgain(): Promise<MessagePort> {
    return new Promise((resolve) => {
      this.#takeHeavy = resolve;
    });
  }

  heavy(port: MessagePort): void {
    this.#takeHeavy(port);
  }

  /** Resolves with the main thread's word. */
  claim(detection: string): Promise<boolean> {
    return new Promise((resolve) => this.#claims.set(detection, resolve));
  }

  tell(order: Extract<WorkerOrder, { kind: 'verified-elsewhere' | 'claimed' | 'cloud' | 'mute' }>): void {
    switch (order.kind) {
      case 'verified-elsewhere': {
        const kept = this.#neighbours.slice(1 - NEIGHBOURS_MAX);
        this.#neighbours = [...kept, { source: order.source, atMs: this.clock.monotonicMs() }];
        return;
      }
      case 'claimed':
        this.#claims.get(order.detection)?.(order.isMine);
        this.#claims.delete(order.detection);
        return;
      case 'cloud':
        this.cloudAway = order.isAway;
        return;
      case 'mute':
        this.muted = order.isOn;
        return;
    }
  }

  /** Sources that verified something shortly before or after `atMs`. */
  around(atMs: number, withinMs: number): readonly string[] {
    const close = this.#neighbours.filter((neighbour) => Math.abs(neighbour.atMs - atMs) < withinMs);
    return [...new Set(close.map(({ source }) => source))];
  }
}
