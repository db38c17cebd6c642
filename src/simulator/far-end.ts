import { EventEmitter } from 'node:events';
import type { FarSocket } from '../uplink/providers/connection.js';
import type { PlainClientMessage, PlainServerMessage } from '../uplink/providers/plain/protocol.js';
import type { Life } from './life.js';
import type { Spent } from './tally.js';
import type { VirtualTime } from './virtual-time.js';

/** How the network and the far end do at large. */
export type Weather =
  | { readonly kind: 'fair' }
  /** Nothing there: the connection is refused, those that stand break. */
  | { readonly kind: 'unreachable' }
  /** The look-up or the handshake never ends. */
  | { readonly kind: 'hanging' }
  /** Connections stand and carry nothing, as when a router lost its memory. */
  | { readonly kind: 'half-open' }
  /** The upgrade is answered with a status: a login page, an overloaded gateway, a refused secret. */
  | { readonly kind: 'refusing'; readonly status: number; readonly retryAfterSeconds: number | null };

/** What becomes of one question. */
export type Reaction =
  | 'answer'
  | 'lost-ack'
  | 'disconnect'
  | 'mute'
  | 'drip'
  | 'flood'
  | 'garbage'
  | 'bad-answer'
  | 'worse-answer'
  | { readonly status: number; readonly retryAfterMs: number | null };

type Question = Extract<PlainClientMessage, { type: 'event' | 'repair' }>;

/** What a far end tells of what it was asked. */
export interface FarEndObserver {
  /** It did the event of this key, for the first time. */
  onDone(key: string, source: string): void;
  /** It answered, or began to, for which it may charge; or a question or an answer was carried. */
  onSpent(spent: Spent): void;
}

const TRIP_MS = 40;
const THINK_MS = 600;
const DRIP_MS = 500;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
/** What it charges. */
export const PRICE = {
  perCall: 0.001,
  perMiB: 0.1,
  perMillionInputTokens: 3,
  perMillionOutputTokens: 15,
} as const;
const USAGE = { inputTokens: 120, audioTokens: 0, outputTokens: 20 } as const;
const TOKEN_MONEY =
  (USAGE.inputTokens * PRICE.perMillionInputTokens + USAGE.outputTokens * PRICE.perMillionOutputTokens) / 1e6;
const MIB = 1024 * 1024;
/** One message past the most that Catnap takes. */
const FLOOD = 'x'.repeat(70_000);
/** As `ws` is told. */
const MAX_PAYLOAD_BYTES = 65_536;

/** A cloud that speaks the plain protocol over sockets that are none, and has the faults of clouds and networks. */
export class SimulatedFarEnd {
  weather: Weather = { kind: 'fair' };
  /** What becomes of the next question, by its key and the kind of question. */
  react: (key: string, kind: Question['type']) => Reaction = () => 'answer';
  readonly #done = new Set<string>();
  readonly #open = new Set<SimulatedSocket>();

  constructor(
    readonly time: VirtualTime,
    private readonly observer: FarEndObserver,
  ) {}

  /** Connections that stand. */
  get openCount(): number {
    return this.#open.size;
  }

  has(key: string): boolean {
    return this.#done.has(key);
  }

  /** Breaks every connection, as a proxy that restarts does. */
  disconnectAll(): void {
    for (const socket of [...this.#open]) socket.break();
  }

  /** What a process opens in place of a WebSocket. */
  socketFor(life: Life, hasDescriptors: () => boolean): () => FarSocket {
    return () => new SimulatedSocket(life, this, hasDescriptors());
  }

  opened(socket: SimulatedSocket): void {
    this.#open.add(socket);
  }

  gone(socket: SimulatedSocket): void {
    this.#open.delete(socket);
  }

  /** A question or an answer is on the network. */
  carried(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.observer.onSpent({ bytes, money: (bytes / MIB) * PRICE.perMiB });
  }

  receive(socket: SimulatedSocket, text: string): void {
    const message = JSON.parse(text) as PlainClientMessage;
    if (message.type !== 'event' && message.type !== 'repair') return;
    const reaction = this.react(message.key, message.type);
    if (reaction === 'disconnect') {
      socket.break();
      return;
    }
    if (typeof reaction === 'object') {
      const { status, retryAfterMs } = reaction;
      socket.tell({ type: 'error', key: message.key, status, message: '', retryAfterMs });
      return;
    }
    this.observer.onSpent({ calls: 1, money: PRICE.perCall + TOKEN_MONEY });
    if (message.type === 'event') this.#do(message.key, message.source);
    this.#answer(socket, message, reaction);
  }

  #do(key: string, source: string): void {
    if (this.#done.has(key)) return;
    this.#done.add(key);
    this.observer.onDone(key, source);
  }

  #answer(socket: SimulatedSocket, { key, type }: Question, reaction: Exclude<Reaction, object>): void {
    switch (reaction) {
      case 'lost-ack':
        socket.break();
        return;
      case 'mute':
      case 'disconnect':
        return;
      case 'drip':
        this.#drip(socket, key);
        return;
      case 'flood':
        socket.tellText(FLOOD);
        return;
      case 'garbage':
        socket.tellText('<html>');
        return;
      case 'bad-answer':
      case 'worse-answer':
      case 'answer': {
        const isRight = reaction === 'answer' || (reaction === 'bad-answer' && type === 'repair');
        const answer = isRight ? { label: 'done', text: 'It is done.', action: null } : { label: '' };
        this.time.timer(THINK_MS, () => socket.tell({ type: 'verdict', key, answer, usage: { ...USAGE } }));
      }
    }
  }

  #drip(socket: SimulatedSocket, key: string): void {
    if (!socket.isOpen) return;
    socket.tell({ type: 'part', key, text: 'and ' });
    this.time.timer(DRIP_MS, () => this.#drip(socket, key));
  }
}

/** What Catnap uses of a WebSocket, between a process and a far end. */
class SimulatedSocket extends EventEmitter {
  readyState = 0;

  constructor(
    private readonly life: Life,
    private readonly farEnd: SimulatedFarEnd,
    private readonly hasDescriptor: boolean,
  ) {
    super();
    this.farEnd.time.timer(TRIP_MS, () => this.#connect());
  }

  get isOpen(): boolean {
    return this.readyState === OPEN;
  }

  send(text: string): void {
    if (isQuestion(text)) this.farEnd.carried(text);
    this.#carry(() => this.farEnd.receive(this, text));
  }

  ping(): void {
    this.#carry(() => this.#carry(() => this.#tellProcess('pong')));
  }

  close(): void {
    this.#carry(() => this.#end(1000));
    if (this.isOpen) this.readyState = CLOSING;
  }

  /** Cuts it on this side. */
  terminate(): void {
    this.life.timer(0, () => this.#end(1006));
  }

  /** Cuts it on the other side. */
  break(): void {
    this.#carry(() => this.#end(1006));
  }

  tell(message: PlainServerMessage): void {
    this.tellText(JSON.stringify(message));
  }

  tellText(text: string): void {
    this.#carry(() => {
      if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
        this.#end(1009, new Error('Max payload size exceeded'));
        return;
      }
      // What comes while it is being closed nobody waits for.
      if (this.isOpen) this.farEnd.carried(text);
      this.#tellProcess('message', Buffer.from(text), false);
    });
  }

  #connect(): void {
    const { weather } = this.farEnd;
    if (!this.hasDescriptor) {
      this.#tellProcess('error', new Error('connect EMFILE'));
      return;
    }
    switch (weather.kind) {
      case 'fair':
        this.readyState = OPEN;
        this.farEnd.opened(this);
        this.#tellProcess('open');
        return;
      case 'unreachable':
        this.#tellProcess('error', new Error('connect ECONNREFUSED'));
        return;
      case 'hanging':
      case 'half-open':
        return;
      case 'refusing': {
        const { status, retryAfterSeconds } = weather;
        const headers = retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) };
        this.#tellProcess('unexpected-response', null, { statusCode: status, headers });
      }
    }
  }

  /** Takes something to the other side, unless the network carries nothing. */
  #carry(arrive: () => void): void {
    this.farEnd.time.timer(TRIP_MS, () => {
      const isUp = this.readyState === OPEN || this.readyState === CLOSING;
      if (isUp && this.farEnd.weather.kind !== 'half-open') arrive();
    });
  }

  #end(code: number, error: Error | null = null): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.farEnd.gone(this);
    if (error !== null) this.#tellProcess('error', error);
    this.#tellProcess('close', code, Buffer.alloc(0));
  }

  #tellProcess(...told: [event: string, ...rest: unknown[]]): void {
    if (!this.life.isOver) this.emit(...told);
  }
}

function isQuestion(text: string): boolean {
  const { type } = JSON.parse(text) as PlainClientMessage;
  return type === 'event' || type === 'repair';
}
