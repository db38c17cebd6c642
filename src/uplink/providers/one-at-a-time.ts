import type { SpeechStart } from '../../core/cascade/escalation.js';
import { parseJson } from '../../core/json.js';
import { type Connection, type DialOptions, MAX_REPLY_BYTES } from './connection.js';
import { textSoFar } from './prompt.js';
import {
  type Observer,
  type Question,
  type Reply,
  type Session,
  type SpeechStream,
  UplinkError,
  type Usage,
} from './provider.js';

/** Wire bytes one answer may take: these protocols wrap every token into a few hundred bytes of JSON. */
const MAX_WIRE_BYTES = 16 * MAX_REPLY_BYTES;

interface Exchange {
  readonly observer: Observer;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: UplinkError) => void;
  bytesUp: number;
  bytesDown: number;
  /** The answer as it came. */
  text: string;
  /** Characters of its words that the observer was told. */
  told: number;
}

/** A session that answers one question after the other; what it says in JSON is up to the protocol. */
export abstract class OneAtATime implements Session {
  readonly capacity = 1;
  readonly ended: Promise<UplinkError>;
  #isEnding = false;
  #exchange: Exchange | null = null;
  /** Key of what was heard and not yet asked about. */
  #heard: string | null = null;

  constructor(
    protected readonly name: string,
    private readonly connection: Connection,
    readonly greetingBytes: number,
  ) {
    connection.onMessage((text, bytes) => this.#onMessage(text, bytes));
    this.ended = connection.ended.then((reason) => {
      this.#isEnding = true;
      this.fail(reason);
      return reason;
    });
  }

  get ending(): boolean {
    return this.#isEnding;
  }

  ask(question: Question, observer: Observer, signal: AbortSignal): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      const giveUp = () =>
        this.fail(new UplinkError('UPLINK_TIMEOUT', `${this.name}: gave up waiting for the answer`));
      this.#exchange = { observer, resolve, reject, bytesUp: 0, bytesDown: 0, text: '', told: 0 };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        const wasHeard = this.#heard === question.upload.key && question.kind === 'ask';
        this.#heard = null;
        this.begin(question, wasHeard);
      } catch (error) {
        this.fail(error as UplinkError);
      }
    });
  }

  hear(start: SpeechStart, onSent: (bytes: number) => void): SpeechStream {
    const { key } = start;
    const send = (message: object) => onSent(this.connection.send(JSON.stringify(message), 'audio'));
    const ahead = this.beginSpeech(start, send);
    this.#heard = key;
    return {
      push: (pcm) => ahead.push(pcm),
      cancel: () => {
        if (this.#heard !== key) return;
        this.#heard = null;
        if (this.connection.isOpen) ahead.cancel();
      },
    };
  }

  close(): void {
    this.#isEnding = true;
    this.connection.close();
  }

  /** Sends what asks the question; without its audio where that `wasHeard` already. */
  protected abstract begin(question: Question, wasHeard: boolean): void;

  /** Sends what begins speech, and says how it goes on. */
  protected abstract beginSpeech(start: SpeechStart, send: (message: object) => void): SpeechStream;

  /** Takes a message. Throws or calls {@link fail} for one that is not of the protocol. */
  protected abstract take(message: Record<string, unknown>): void;

  protected send(message: object): void {
    const bytes = this.connection.send(JSON.stringify(message));
    if (this.#exchange === null) return;
    this.#exchange.bytesUp += bytes;
    this.#exchange.observer.onSent(bytes);
  }

  /** The far end has said that it will not take further questions on this connection. */
  protected endSoon(): void {
    this.#isEnding = true;
  }

  /** A further piece of the answer. */
  protected part(text: string): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    exchange.text += text;
    if (Buffer.byteLength(exchange.text) > MAX_REPLY_BYTES) {
      this.#tooLong(MAX_REPLY_BYTES);
      return;
    }
    const said = textSoFar(exchange.text);
    if (said.length > exchange.told) exchange.observer.onPart(said.slice(exchange.told));
    exchange.told = said.length;
  }

  /** What has been said so far. */
  protected get text(): string {
    return this.#exchange?.text ?? '';
  }

  protected finish(text: string, tokens: Omit<Usage, 'bytesUp' | 'bytesDown'>): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange === null) return;
    const { bytesUp, bytesDown } = exchange;
    exchange.resolve({ text, usage: { bytesUp, bytesDown, ...tokens } });
  }

  protected fail(error: UplinkError): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.reject(error);
  }

  #onMessage(text: string, bytes: number): void {
    if (this.#exchange !== null) {
      this.#exchange.bytesDown += bytes;
      if (this.#exchange.bytesDown > MAX_WIRE_BYTES) {
        this.#tooLong(MAX_WIRE_BYTES);
        return;
      }
    }
    const message = parseObject(text);
    if (message === null) {
      this.fail(new UplinkError('UPLINK_REPLY', `${this.name}: sent a message that is not a JSON object`));
      this.close();
      return;
    }
    this.take(message);
  }

  #tooLong(bytes: number): void {
    this.fail(new UplinkError('UPLINK_REPLY', `${this.name}: answer is longer than ${bytes} bytes`));
    this.close();
  }
}

/** Waits for the first message that `accept` makes something of; it throws to refuse. */
export function firstMessage<T>(
  connection: Connection,
  name: string,
  { connectTimeoutMs, timer }: Pick<DialOptions, 'connectTimeoutMs' | 'timer'>,
  accept: (message: Record<string, unknown>) => T | null,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: UplinkError) => {
      cancelDeadline();
      connection.close();
      reject(error);
    };
    const cancelDeadline = timer(connectTimeoutMs, () =>
      fail(new UplinkError('UPLINK_TIMEOUT', `${name}: session not open after ${connectTimeoutMs} ms`)),
    );
    connection.onMessage((text) => {
      try {
        const accepted = accept(parseObject(text) ?? {});
        if (accepted === null) return;
        cancelDeadline();
        resolve(accepted);
      } catch (error) {
        fail(error as UplinkError);
      }
    });
    // What the far end said before it hung up comes first: it may be the reason.
    void connection.ended.then(fail);
  });
}

function parseObject(text: string): Record<string, unknown> | null {
  const parsed = parseJson(text);
  return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
}
