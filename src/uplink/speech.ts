import type { SpeechOutlet, SpeechStart } from '../core/cascade/escalation.js';
import type { Clock } from '../core/clock.js';
import type { Accounts, Charge } from './accounts/accounts.js';
import type { EgressGate } from './egress.js';
import type { Route } from './link.js';
import { asUplinkError, type Speech } from './providers/provider.js';
import type { Outbox } from './queue/outbox.js';

export interface SpeechStreamsOptions {
  readonly gate: EgressGate;
  readonly accounts: Accounts;
  readonly outbox: Outbox;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Every route, best first. */
  readonly routes: () => readonly Route[];
  /** Told that a route has room again. */
  readonly onRoom: () => void;
}

/** After its longest, speech that nobody decided about is given up: whoever listened is gone. */
const DECISION_MS = 20_000;

interface Stream {
  readonly start: SpeechStart;
  readonly rule: string;
  readonly route: Route;
  readonly startedMs: number;
  readonly charge: Charge;
  heardSamples: number;
  /** What was said before the connection stood. */
  waiting: Int16Array[];
  speech: Speech | null;
  deadline: NodeJS.Timeout | null;
}

/**
 * Lets audio leave while it is still being said. That is a short cut and no promise: the escalation with its
 * clip goes through the outbox as ever, and where the stream did not come through the clip is sent. A stream
 * takes one place of a route, is paid for and written down apart, and begins only where a rule lets audio
 * out, a budget allows the longest it can become, and nothing of its source waits before it.
 */
export class SpeechStreams implements SpeechOutlet {
  readonly #streams = new Map<string, Stream>();

  constructor(private readonly options: SpeechStreamsOptions) {}

  begin(start: SpeechStart): void {
    const { gate, accounts, outbox, clock } = this.options;
    if (this.#streams.has(start.key)) return;
    const { rule, mayLeave } = gate.admitSpeech(start);
    if (!mayLeave) {
      void accounts.speechRefused(start, rule, 'denied', 'EGRESS_DENIED');
      return;
    }
    const route = this.options.routes().find(({ link }) => link.room > 0);
    // The order of a source is kept: what is before it has to be asked first, on the same place.
    if (route === undefined || outbox.holds(start.source)) return;
    const charge = accounts.reserveSpeech(start, route.config);
    if (charge === null) {
      void accounts.speechRefused(start, rule, 'over-budget', 'BUDGET_SPENT');
      return;
    }
    route.link.claim();
    const startedMs = clock.monotonicMs();
    const stream: Stream = {
      start,
      rule,
      route,
      startedMs,
      charge,
      heardSamples: 0,
      waiting: [],
      speech: null,
      deadline: null,
    };
    stream.deadline = setTimeout(
      () => this.#end(stream, 'failed', 'UPLINK_TIMEOUT'),
      start.maxMs + DECISION_MS,
    ).unref();
    this.#streams.set(start.key, stream);
    void this.#open(stream);
  }

  samples(key: string, pcm: Int16Array): void {
    const stream = this.#streams.get(key);
    if (stream === undefined) return;
    if (stream.speech === null) stream.waiting.push(pcm);
    else this.#push(stream, pcm);
  }

  abandon(key: string): void {
    const stream = this.#streams.get(key);
    if (stream !== undefined) this.#end(stream, 'abandoned', 'nothing asked');
  }

  /** The route on which speech went out whole so far, for the question about it; null where it did not. */
  routeOf(key: string): Route | null {
    const stream = this.#streams.get(key);
    return stream === undefined || stream.speech === null ? null : stream.route;
  }

  /** The question goes now, on the place the stream held: both are the caller's, who cancels what is then not asked. */
  handOver(key: string): Speech | null {
    const stream = this.#streams.get(key);
    if (stream === undefined) return null;
    this.#forget(stream);
    this.#settle(stream, 'streamed', stream.route.link.name);
    return stream.speech;
  }

  close(): void {
    for (const stream of [...this.#streams.values()]) this.#end(stream, 'abandoned', 'closed');
  }

  async #open(stream: Stream): Promise<void> {
    const onSent = (bytes: number) => {
      stream.charge.bytesUp += bytes;
    };
    try {
      const speech = await stream.route.link.hear(stream.start, onSent);
      if (this.#streams.get(stream.start.key) !== stream) return speech.cancel();
      stream.speech = speech;
      for (const pcm of stream.waiting.splice(0)) this.#push(stream, pcm);
    } catch (error) {
      this.#end(stream, 'failed', asUplinkError(error, stream.route.link.name).code);
    }
  }

  #push(stream: Stream, pcm: Int16Array): void {
    try {
      stream.speech?.push(pcm);
      stream.heardSamples += pcm.length;
    } catch (error) {
      this.#end(stream, 'failed', asUplinkError(error, stream.route.link.name).code);
    }
  }

  #end(stream: Stream, outcome: 'abandoned' | 'failed', verdict: string): void {
    if (this.#streams.get(stream.start.key) !== stream) return;
    this.#forget(stream);
    try {
      stream.speech?.cancel();
    } catch {
      // The connection broke meanwhile: there is nothing to take back.
    }
    this.#settle(stream, outcome, verdict);
    stream.route.link.release();
    this.options.onRoom();
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream.start.key);
    if (stream.deadline !== null) clearTimeout(stream.deadline);
  }

  #settle(stream: Stream, outcome: 'streamed' | 'abandoned' | 'failed', verdict: string): void {
    const { accounts, clock } = this.options;
    const { start, rule, route, charge, heardSamples, startedMs } = stream;
    const latencyMs = clock.monotonicMs() - startedMs;
    void accounts.speechEnded(charge, start, heardSamples, route.config, {
      provider: route.link.name,
      rule,
      latencyMs,
      outcome,
      verdict,
    });
  }
}
