import type { SpeechStart } from '../../core/cascade/escalation.js';
import { CatnapError, codeOf, type ErrorCode } from '../../core/errors.js';
import type { Upload } from '../queue/upload.js';
import type { Secret } from './secret.js';

/** What is asked of a provider: an upload, or the same once more because the answer broke its schema. */
export type Question =
  | { readonly kind: 'ask'; readonly upload: Upload }
  | { readonly kind: 'repair'; readonly upload: Upload; readonly problem: string; readonly answer: string };

/** What an exchange used up, both ways. Token counts are the provider's own. */
export interface Usage {
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly inputTokens: number;
  /** Of the input tokens, those that are audio. */
  readonly audioTokens: number;
  readonly outputTokens: number;
}

/** A provider's answer, unchecked. `text` is meant to be JSON. */
export interface Reply {
  readonly text: string;
  readonly usage: Usage;
}

/** Follows one question. */
export interface Observer {
  /** A further piece of the answer's text. */
  onPart(text: string): void;
  /** So many bytes of it have left the device. */
  onSent(bytes: number): void;
}

/** Speech that a session hears ahead of the question about it. */
export interface SpeechStream {
  /** Sends the next samples. Throws an {@link UplinkError} once the connection is gone. */
  push(pcm: Int16Array): void;
  /** Takes back what was sent, as far as the protocol can. Does nothing once the question was asked. */
  cancel(): void;
}

/** One open connection to a provider. */
export interface Session {
  /** Bytes that left for the session itself: instructions, schema, tools. */
  readonly greetingBytes: number;
  /** How many questions may be under way at once. */
  readonly capacity: number;
  /**
   * Asks, telling the observer as it goes. Rejects with an {@link UplinkError}; after `signal` aborts, the
   * observer is told no more.
   */
  ask(question: Question, observer: Observer, signal: AbortSignal): Promise<Reply>;
  /**
   * Begins to hear what is being said. A question under the same key is then about that, and sends no audio again.
   * `onSent` is told of every byte that leaves for it. A session without it hears of speech when it is asked.
   */
  hear?(start: SpeechStart, onSent: (bytes: number) => void): SpeechStream;
  /** Resolves, never rejects, once the session can take no further question, with the reason. */
  readonly ended: Promise<UplinkError>;
  /** True once `ended` has resolved or the far end has said that it soon will. */
  readonly ending: boolean;
  close(): void;
}

/** A cloud that answers. */
export interface Provider {
  readonly name: string;
  /** What it proves itself with; without one, nothing that could be replaced after it was refused. */
  readonly secret?: Pick<Secret, 'hasChanged'>;
  /** Opens a session. Rejects with an {@link UplinkError}. */
  open(signal: AbortSignal): Promise<Session>;
}

/** A failure of the far side, with what the far end said about when to come back. */
export class UplinkError extends CatnapError {
  constructor(
    code: ErrorCode,
    message: string,
    /** Milliseconds the far end asked to wait (Retry-After), null when it did not say. */
    readonly retryAfterMs: number | null = null,
    options?: { readonly cause?: unknown },
  ) {
    super(code, message, options);
  }
}

/** Anything thrown on the way to a provider as an {@link UplinkError}; what is unknown counts as unreachable. */
export function asUplinkError(error: unknown, what: string): UplinkError {
  if (error instanceof UplinkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new UplinkError(codeOf(error, 'UPLINK_UNAVAILABLE'), `${what}: ${message}`, null, { cause: error });
}

/**
 * A failure as one of the connection: what is refused before a question was asked, or about no question, says nothing
 * against the questions that wait.
 */
export function asConnectionError(error: unknown, what: string): UplinkError {
  const failure = asUplinkError(error, what);
  if (failure.code !== 'UPLINK_REJECTED') return failure;
  return new UplinkError('UPLINK_FOREIGN', failure.message, failure.retryAfterMs, { cause: failure });
}

/** The code for an HTTP status in answer to a question, as RFC 9110 means it. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'UPLINK_UNAUTHORISED';
  if (status === 402) return 'UPLINK_QUOTA';
  if (status === 429 || status === 503) return 'UPLINK_THROTTLED';
  if (status === 408 || status === 425 || status >= 500) return 'UPLINK_UNAVAILABLE';
  return 'UPLINK_REJECTED';
}

/** Milliseconds of a Retry-After header (RFC 9110, 10.2.3): seconds, or a date. Null when absent or unreadable. */
export function retryAfterMs(header: string | undefined, wallMs: number): number | null {
  if (header === undefined || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - wallMs);
}
