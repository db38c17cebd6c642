import type { SpeechStart } from '../../../core/cascade/escalation.js';
import { parseJson } from '../../../core/json.js';
import type { Upload } from '../../queue/upload.js';
import { type Connection, connect, type DialOptions, MAX_REPLY_BYTES } from '../connection.js';
import { base64Of } from '../prompt.js';
import {
  asConnectionError,
  codeOfStatus,
  type Observer,
  type Provider,
  type Question,
  type Reply,
  type Session,
  type SpeechStream,
  UplinkError,
} from '../provider.js';
import type { Secret } from '../secret.js';
import {
  PLAIN_SUBPROTOCOL,
  type PlainClientMessage,
  type PlainServerMessage,
  plainServerMessageSchema,
} from './protocol.js';

/** Questions under way on one plain connection. */
const CAPACITY = 16;

/** What a plain JSON provider needs to know. */
export interface PlainOptions {
  readonly name: string;
  readonly url: string;
  /** Read at every connection, so that a replaced secret is taken up. Null for none. */
  readonly secret: Secret;
  readonly dial: DialOptions;
  readonly prompts: { readonly voice: string; readonly sensor: string };
  readonly answerSchema: unknown;
}

/** A far end that speaks Catnap's own protocol (docs/UPLINK.md). */
export function createPlainProvider(options: PlainOptions): Provider {
  return {
    name: options.name,
    secret: options.secret,
    async open(signal) {
      const secret = options.secret.read();
      const connection = await connect(
        {
          ...options.dial,
          url: options.url,
          headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
          subprotocols: [PLAIN_SUBPROTOCOL],
        },
        signal,
      );
      const hello: PlainClientMessage = {
        type: 'hello',
        v: 1,
        client: 'catnap',
        prompts: options.prompts,
        answerSchema: options.answerSchema,
      };
      return new PlainSession(options.name, connection, connection.send(JSON.stringify(hello)));
    },
  };
}

interface Exchange {
  readonly observer: Observer;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: UplinkError) => void;
  readonly bytesUp: number;
  bytesDown: number;
}

class PlainSession implements Session {
  readonly capacity = CAPACITY;
  readonly ended: Promise<UplinkError>;
  ending = false;
  readonly #exchanges = new Map<string, Exchange>();
  /** Keys of what was heard and not yet asked about. */
  readonly #heard = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly connection: Connection,
    readonly greetingBytes: number,
  ) {
    connection.onMessage((text, bytes) => this.#onMessage(text, bytes));
    this.ended = connection.ended.then((reason) => {
      this.ending = true;
      for (const exchange of this.#exchanges.values()) exchange.reject(reason);
      this.#exchanges.clear();
      return reason;
    });
  }

  ask(question: Question, observer: Observer, signal: AbortSignal): Promise<Reply> {
    const { key } = question.upload;
    return new Promise<Reply>((resolve, reject) => {
      const giveUp = () => {
        this.#exchanges.delete(key);
        reject(new UplinkError('UPLINK_TIMEOUT', `${this.name}: gave up waiting for the answer`));
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        const bytesUp = this.connection.send(JSON.stringify(messageOf(question, this.#heard.delete(key))));
        this.#exchanges.set(key, { observer, resolve, reject, bytesUp, bytesDown: 0 });
        observer.onSent(bytesUp);
      } catch (error) {
        reject(error as UplinkError);
      }
    });
  }

  hear({ key, source, rateHz, startSample }: SpeechStart, onSent: (bytes: number) => void): SpeechStream {
    const send = (message: PlainClientMessage) =>
      onSent(this.connection.send(JSON.stringify(message), 'audio'));
    send({ type: 'speech', v: 1, key, source, rateHz, startSample, encoding: 'pcm_s16le' });
    this.#heard.add(key);
    return {
      push: (pcm) => send({ type: 'audio', key, data: base64Of(pcm) }),
      cancel: () => {
        if (this.#heard.delete(key) && this.connection.isOpen) send({ type: 'abandon', key });
      },
    };
  }

  close(): void {
    this.ending = true;
    this.connection.close();
  }

  #onMessage(text: string, bytes: number): void {
    const message = parse(text);
    if (message === null) {
      this.#failAll(
        new UplinkError('UPLINK_REPLY', `${this.name}: sent a message that is not of the protocol`),
      );
      this.close();
      return;
    }
    if (message.type === 'error' && message.key === null) {
      this.#failAll(asConnectionError(errorOf(this.name, message), this.name));
      return;
    }
    if (message.key === null) return;
    const exchange = this.#exchanges.get(message.key);
    // Late words on a question that was given up are expected.
    if (exchange === undefined) return;
    exchange.bytesDown += bytes;
    if (exchange.bytesDown > MAX_REPLY_BYTES) {
      this.#settle(message.key)?.reject(
        new UplinkError('UPLINK_REPLY', `${this.name}: answer is longer than ${MAX_REPLY_BYTES} bytes`),
      );
      this.close();
      return;
    }
    switch (message.type) {
      case 'accepted':
        return;
      case 'part':
        exchange.observer.onPart(message.text);
        return;
      case 'verdict':
        this.#settle(message.key)?.resolve({
          text: JSON.stringify(message.answer ?? null),
          usage: { ...message.usage, bytesUp: exchange.bytesUp, bytesDown: exchange.bytesDown },
        });
        return;
      case 'error':
        this.#settle(message.key)?.reject(errorOf(this.name, message));
    }
  }

  #settle(key: string): Exchange | undefined {
    const exchange = this.#exchanges.get(key);
    this.#exchanges.delete(key);
    return exchange;
  }

  #failAll(error: UplinkError): void {
    for (const exchange of this.#exchanges.values()) exchange.reject(error);
    this.#exchanges.clear();
  }
}

function errorOf(name: string, message: Extract<PlainServerMessage, { type: 'error' }>): UplinkError {
  return new UplinkError(
    codeOfStatus(message.status),
    `${name}: answered with status ${message.status}`,
    message.retryAfterMs,
  );
}

function parse(text: string): PlainServerMessage | null {
  return plainServerMessageSchema.safeParse(parseJson(text)).data ?? null;
}

function messageOf(question: Question, wasHeard: boolean): PlainClientMessage {
  if (question.kind === 'repair') {
    return { type: 'repair', key: question.upload.key, problem: question.problem };
  }
  return eventOf(question.upload, wasHeard);
}

function eventOf(upload: Upload, wasHeard: boolean): PlainClientMessage {
  // Which rule let it out, and what was hidden, is between the device and its owner.
  const {
    clip,
    reasons,
    trail,
    rule: _rule,
    redactions: _redactions,
    routing: _routing,
    answeredHere: _answeredHere,
    ...rest
  } = upload;
  return {
    type: 'event',
    v: 1,
    ...rest,
    reasons: reasons === null ? null : [...reasons],
    trail: trail === null ? null : [...trail],
    clip:
      clip === null
        ? null
        : {
            rateHz: clip.rateHz,
            startSample: clip.startSample,
            encoding: 'pcm_s16le',
            data: wasHeard ? null : base64Of(clip.pcm),
          },
  };
}
