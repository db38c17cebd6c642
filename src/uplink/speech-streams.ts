import type { SpeechStart, SpeechStreams } from '../core/cascade/escalation.js';
import type { Clock, Timer } from '../core/clock.js';
import type { Accounts, Charge } from './accounts/accounts.js';
import type { UplinkWayOut } from './egress.js';
import { asUplinkError, type SpeechStream } from './providers/provider.js';
import type { Outbox } from './queue/outbox.js';
import type { Upstream } from './upstream.js';

export interface SpeechStreamsOptions {
  readonly wayOut: UplinkWayOut;
  readonly accounts: Accounts;
  readonly outbox: Outbox;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timer: Timer;
  /** Every upstream, best first. */
  readonly upstreams: () => readonly Upstream[];
  /** Told that an upstream has room again. */
  readonly onRoom: () => void;
}

/** After its longest, speech that nobody decided about is given up: whoever listened is gone. */
const DECISION_MS = 20_000;

interface Stream {
  readonly start: SpeechStart;
  readonly rule: string;
  readonly upstream: Upstream;
  readonly startedMs: number;
  readonly charge: Charge;
  heardSamples: number;
  /** What was said before the connection stood. */
  waiting: Int16Array[];
  /** Null until the connection stands. */
  wire: SpeechStream | null;
  cancelDeadline: () => void;
}

/**
 * Lets audio leave while it is still being said. That is a short cut and no promise: the escalation with its
 * clip goes through the outbox as ever, and where the stream did not come through the clip is sent. A stream
 * takes one place of an upstream, is paid for and written down apart, and begins only where a rule lets audio
 * out, a budget allows the longest it can become, and nothing of its source waits before it.
 */
export class CloudSpeechStreams implements SpeechStreams {
  readonly #streams = new Map<string, Stream>();

  constructor(private readonly options: SpeechStreamsOptions) {}

  begin(start: SpeechStart): void {
    const { wayOut, accounts, outbox, clock, timer } = this.options;
    if (this.#streams.has(start.key)) return;
    const { rule, mayLeave } = wayOut.admitSpeech(start);
    if (!mayLeave) {
      void accounts.speechRefused(start, rule, 'denied', 'EGRESS_DENIED');
      return;
    }
    const upstream = this.options.upstreams().find(({ room }) => room > 0);
    // The order of a source is kept: what is before it has to be asked first, on the same place.
    if (upstream === undefined || outbox.holds(start.source)) return;
    const charge = accounts.reserveSpeech(start, upstream.config);
    if (charge === null) {
      void accounts.speechRefused(start, rule, 'over-budget', 'BUDGET_SPENT');
      return;
    }
    upstream.claim();
    const startedMs = clock.monotonicMs();
    const stream: Stream = {
      start,
      rule,
      upstream,
      startedMs,
      charge,
      heardSamples: 0,
      waiting: [],
      wire: null,
      cancelDeadline: () => {},
    };
    stream.cancelDeadline = timer(start.maxMs + DECISION_MS, () =>
      this.#end(stream, 'failed', 'UPLINK_TIMEOUT'),
    );
    this.#streams.set(start.key, stream);
    void this.#open(stream);
  }

  samples(key: string, pcm: Int16Array): void {
    const stream = this.#streams.get(key);
    if (stream === undefined) return;
    if (stream.wire === null) stream.waiting.push(pcm);
    else this.#push(stream, pcm);
  }

  abandon(key: string): void {
    const stream = this.#streams.get(key);
    if (stream !== undefined) this.#end(stream, 'abandoned', 'nothing asked');
  }

  /** The upstream on which speech went out whole so far, for the question about it; null where it did not. */
  upstreamOf(key: string): Upstream | null {
    const stream = this.#streams.get(key);
    return stream === undefined || stream.wire === null ? null : stream.upstream;
  }

  /** The question goes now, on the place the stream held: both are the caller's, who cancels what is then not asked. */
  handOver(key: string): SpeechStream | null {
    const stream = this.#streams.get(key);
    if (stream === undefined) return null;
    this.#forget(stream);
    this.#settle(stream, 'streamed', stream.upstream.name);
    return stream.wire;
  }

  close(): void {
    for (const stream of [...this.#streams.values()]) this.#end(stream, 'abandoned', 'closed');
  }

  async #open(stream: Stream): Promise<void> {
    const onSent = (bytes: number) => {
      stream.charge.bytesUp += bytes;
    };
    try {
      const wire = await stream.upstream.hear(stream.start, onSent);
      if (this.#streams.get(stream.start.key) !== stream) return wire.cancel();
      stream.wire = wire;
      for (const pcm of stream.waiting.splice(0)) this.#push(stream, pcm);
    } catch (error) {
      this.#end(stream, 'failed', asUplinkError(error, stream.upstream.name).code);
    }
  }

  #push(stream: Stream, pcm: Int16Array): void {
    try {
      stream.wire?.push(pcm);
      stream.heardSamples += pcm.length;
    } catch (error) {
      this.#end(stream, 'failed', asUplinkError(error, stream.upstream.name).code);
    }
  }

  #end(stream: Stream, outcome: 'abandoned' | 'failed', verdict: string): void {
    if (this.#streams.get(stream.start.key) !== stream) return;
    this.#forget(stream);
    try {
      stream.wire?.cancel();
    } catch {
      // The connection broke meanwhile: there is nothing to take back.
    }
    this.#settle(stream, outcome, verdict);
    stream.upstream.release();
    this.options.onRoom();
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream.start.key);
    stream.cancelDeadline();
  }

  #settle(stream: Stream, outcome: 'streamed' | 'abandoned' | 'failed', verdict: string): void {
    const { accounts, clock } = this.options;
    const { start, rule, upstream, charge, heardSamples, startedMs } = stream;
    const latencyMs = clock.monotonicMs() - startedMs;
    void accounts.speechEnded(charge, start, heardSamples, upstream.config, {
      provider: upstream.name,
      rule,
      latencyMs,
      outcome,
      verdict,
    });
  }
}
