import { Backoff } from '../core/backoff.js';
import type { Time } from '../core/clock.js';
import { codeOf } from '../core/errors.js';
import { type Health, ToldHealth } from '../core/events/health.js';
import {
  type Frame,
  type Gap,
  isSameSignal,
  type Patience,
  type SignalFormat,
  type Source,
  type SourceItem,
} from '../core/signal/frame.js';
import { sleep } from '../core/waiting.js';
import { RATE_WINDOW_MS } from './rate-watch.js';
import { SignalHealth } from './signal-health.js';
import { SIGNAL_FAULTS } from './signal-second.js';

export interface SupervisorOptions extends Time {
  readonly onHealth: (health: Health) => void;
  /**
   * When somebody last listened, before a restart of the worker: until now was an outage; null: this is the
   * beginning.
   */
  readonly heardAtMs?: number | null;
  /** Milliseconds since the epoch: when sample 0 was, where the source does not say so. Without it nobody knows. */
  readonly wallMs?: () => number;
  /** Bounds of the wait between attempts; jittered, doubling. */
  readonly retry?: RetryBounds;
  /** Numbers from 0 to 1 for the jitter of the waits. */
  readonly random?: () => number;
}

/** An outage begins with short waits, because it mostly is a plug that moved; a long one is asked about less. */
export interface RetryBounds {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Longest wait while the outage is younger than `earlyForMs`. */
  readonly earlyMaxMs: number;
  readonly earlyForMs: number;
}

const RETRY: RetryBounds = { firstMs: 500, maxMs: 30_000, earlyMaxMs: 4000, earlyForMs: 60_000 };

/** An opening that delivered this long ends the outage before it; a shorter one lets the waits grow on. */
const STABLE_MS = 10_000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Opens a source again whenever it is lost, for ever: the one place that retries a device. The sample clock goes
 * on over an outage; what was missed is estimated from monotonic time and becomes a gap.
 */
export class SupervisedSource implements Source {
  readonly id: string;
  readonly #source: Source;
  readonly #options: SupervisorOptions;

  constructor(source: Source, options: SupervisorOptions) {
    this.id = source.id;
    this.#source = source;
    this.#options = options;
  }

  async *frames(signal: AbortSignal, patience?: Patience): AsyncGenerator<SourceItem> {
    const run = new SupervisedRun(this.id, this.#options);
    while (!signal.aborted) {
      try {
        for await (const item of this.#source.frames(signal, patience)) {
          // Not `yield*`, which makes a promise of each item that is handed on.
          for (const passed of run.pass(item)) yield passed;
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        yield* run.lose(error);
      }
      await sleep(this.#options.timer, run.waitMs(), signal);
    }
  }
}

/** The state of one supervised iteration, over all its openings. */
class SupervisedRun {
  readonly #source: string;
  readonly #options: SupervisorOptions;
  readonly #retry: RetryBounds;
  readonly #signal = new SignalHealth();
  readonly #frame: Writable<Frame>;
  #format: SignalFormat | null = null;
  readonly #health: ToldHealth;
  readonly #backoff: Backoff;
  /** How long the present opening has to deliver before the outage is over. */
  #proofMs = 0;
  /** Added to the samples of the present opening. */
  #baseSample = 0;
  #nextSample = 0;
  /** Monotonic times: of the newest sample, of the first one after the last outage, of the outage's begin. */
  #heardAtMs: number | null = null;
  #stableSinceMs: number | null = null;
  #outageSinceMs: number | null = null;
  /** The source itself counted what the outage cost: a board whose rows are numbered. */
  #outageCounted = false;

  constructor(source: string, options: SupervisorOptions) {
    this.#source = source;
    this.#options = options;
    this.#health = new ToldHealth(options.onHealth, 'ok');
    this.#retry = options.retry ?? RETRY;
    this.#backoff = new Backoff({ ...this.#retry, jitter: 'half' }, options.random);
    this.#heardAtMs = options.heardAtMs ?? null;
    this.#outageSinceMs = this.#heardAtMs;
    const data = new Float32Array(0);
    this.#frame = { kind: 'frame', source, sample: 0, rateHz: 0, channels: 1, data };
  }

  *pass(item: SourceItem): Generator<SourceItem> {
    switch (item.kind) {
      case 'format':
        if (this.#format !== null && isSameSignal(this.#format, item)) return;
        this.#format = item;
        yield this.#dated(item);
        return;
      case 'gap':
        if (this.#outageSinceMs !== null && item.lostSamples > 0) this.#outageCounted = true;
        this.#nextSample = item.sample + item.lostSamples + this.#baseSample;
        yield { ...item, sample: item.sample + this.#baseSample };
        return;
      case 'frame':
        yield* this.#passFrame(item);
        return;
      default:
        item satisfies never;
    }
  }

  /** Says that the source is gone, with a gap so that nothing waits for samples that do not come. */
  *lose(error: unknown): Generator<Gap> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#stableSinceMs !== null && nowMs - this.#stableSinceMs >= STABLE_MS) this.#backoff.reset();
    this.#stableSinceMs = null;
    const fresh = this.#outageSinceMs === null;
    this.#outageSinceMs ??= nowMs;
    // Samples at the wrong rate come at once, too: for as long as that may take to show, they prove nothing.
    this.#proofMs = codeOf(error) === 'SOURCE_RATE' ? RATE_WINDOW_MS : 0;
    this.#health.become('down', codeOf(error), error instanceof Error ? error.message : String(error));
    if (fresh && this.#heardAtMs !== null) yield this.#gap(0);
  }

  /** How long to wait before the next attempt. */
  waitMs(): number {
    const { maxMs, earlyMaxMs, earlyForMs } = this.#retry;
    const outageMs = this.#options.clock.monotonicMs() - (this.#outageSinceMs ?? 0);
    return Math.min(this.#backoff.next(), outageMs < earlyForMs ? earlyMaxMs : maxMs);
  }

  *#passFrame(item: Frame): Generator<SourceItem> {
    const nowMs = this.#options.clock.monotonicMs();
    const samples = item.data.length / item.channels;
    if (this.#outageSinceMs !== null) {
      if (this.#heardAtMs !== null && !this.#outageCounted) {
        const missed = ((nowMs - this.#heardAtMs) * item.rateHz) / 1000 - samples;
        const gap = this.#gap(Math.max(0, Math.round(missed)));
        this.#nextSample += gap.lostSamples;
        yield gap;
      }
      this.#outageSinceMs = null;
      this.#outageCounted = false;
      this.#baseSample = this.#nextSample - item.sample;
    }
    this.#heardAtMs = nowMs;
    this.#stableSinceMs ??= nowMs;
    this.#judge(item, nowMs - this.#stableSinceMs);
    this.#frame.sample = item.sample + this.#baseSample;
    this.#frame.rateHz = item.rateHz;
    this.#frame.channels = item.channels;
    this.#frame.data = item.data;
    this.#frame.arrivedMs = item.arrivedMs;
    this.#nextSample = this.#frame.sample + samples;
    yield this.#frame;
  }

  /** Says when the sample clock began. */
  #dated(format: SignalFormat): SignalFormat {
    const nowMs = this.#options.wallMs?.();
    if (format.startMs !== undefined || nowMs === undefined) return format;
    return { ...format, startMs: nowMs - (this.#nextSample * 1000) / format.rateHz };
  }

  #judge(item: Frame, deliversMs: number): void {
    const audio = this.#format?.channels[0]?.unit === 'FS';
    const changed = audio && this.#signal.observe(item);
    if (!changed && this.#health.state !== 'down') return;
    if (this.#health.state === 'down' && deliversMs < this.#proofMs) return;
    const { fault } = this.#signal;
    if (fault === null) {
      this.#health.become('ok', 'OK', 'the signal is there');
      return;
    }
    const { what, remedy } = SIGNAL_FAULTS[fault];
    this.#health.become('degraded', 'SOURCE_SILENT', `${what} for a minute; ${remedy}`);
  }

  #gap(lostSamples: number): Gap {
    return { kind: 'gap', source: this.#source, sample: this.#nextSample, lostSamples, reason: 'lost' };
  }
}
