import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import {
  PLAIN_SUBPROTOCOL,
  type PlainClientMessage,
  type PlainEvent,
  type PlainServerMessage,
  plainClientMessageSchema,
} from '../uplink/providers/plain/protocol.js';
import type { Usage } from '../uplink/providers/provider.js';
import { type ScriptedAnswer, scriptedAnswer } from './answers.js';

/** Tokens of an answer and of what was asked. */
export type TokenUsage = Omit<Usage, 'bytesUp' | 'bytesDown'>;

/** What the emulator does with an event: it answers, or misbehaves in one of the ways a cloud can. */
export type Behaviour =
  | { readonly kind: 'answer' }
  /** Answers after the event is committed, but the socket dies before a word is out. */
  | { readonly kind: 'lost-ack' }
  /** The socket dies before the event is committed. */
  | { readonly kind: 'disconnect' }
  /** Stops reading and writing, as a peer whose power was cut: a half-open socket. */
  | { readonly kind: 'freeze' }
  /** Commits, and then says nothing more about this event. */
  | { readonly kind: 'mute' }
  /** Sends a piece of the answer every 100 ms, for ever. */
  | { readonly kind: 'drip' }
  /** Sends pieces without end, as fast as they go. */
  | { readonly kind: 'flood' }
  /** Sends one message of this many bytes. */
  | { readonly kind: 'oversize'; readonly bytes: number }
  /** Sends something that is not JSON. */
  | { readonly kind: 'garbage' }
  /** Answers with something the schema forbids; asked to repair it, rightly when `repairable`. */
  | { readonly kind: 'bad-answer'; readonly repairable: boolean }
  | { readonly kind: 'reject'; readonly status: number; readonly retryAfterMs: number | null };

/** Refuses the upgrade with a status, as a gateway does. */
export interface Refusal {
  readonly status: number;
  readonly retryAfterSeconds: number | null;
}

/** How an emulator is started. */
export interface EmulatorOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Connections must carry this bearer token; null lets everyone in. */
  readonly token: string | null;
  /** Time the upgrade is kept waiting, as distance and TLS would. */
  readonly connectMs: number;
  /** Time to the first word of an answer. */
  readonly thinkMs: number;
  /** Time between words. */
  readonly wordMs: number;
  /** File that commits survive in, one JSON line each; null keeps them in memory. */
  readonly stateFile: string | null;
  readonly behave: (event: PlainEvent, attempt: number) => Behaviour;
  readonly refuse: (request: IncomingMessage) => Refusal | null;
  readonly answer: (event: PlainEvent) => ScriptedAnswer;
  /** What an answer is said to have used; `event` is null for one that was repaired. */
  readonly usage: (answer: ScriptedAnswer, event: PlainEvent | null) => TokenUsage;
  /** Tells of speech that streamed: asked about, or abandoned. */
  readonly onSpeech: (key: string, samples: number, outcome: 'asked' | 'abandoned') => void;
  /** Tells of every event as it comes. */
  readonly onEvent: (event: PlainEvent, duplicate: boolean) => void;
}

/** Most keys remembered for idempotency; the oldest are forgotten first. */
const MAX_KEYS = 200_000;
/** Greetings kept for whoever wants to see them. */
const MAX_GREETINGS = 16;
/** Speech heard at the same time, and the most of each. */
const MAX_SPEECHES = 64;
const MAX_SPEECH_BYTES = 4 * 1024 * 1024;

const DEFAULTS: EmulatorOptions = {
  host: '127.0.0.1',
  port: 0,
  token: null,
  connectMs: 0,
  thinkMs: 250,
  wordMs: 35,
  stateFile: null,
  behave: () => ({ kind: 'answer' }),
  refuse: () => null,
  answer: scriptedAnswer,
  usage: ({ text }) => ({ inputTokens: 120, audioTokens: 0, outputTokens: tokensIn(text) }),
  onEvent: () => {},
  onSpeech: () => {},
};

/**
 * A scripted far end for demonstrations and tests. It serves the plain JSON protocol, honours idempotency keys
 * (an event that was committed is answered again but not done again), and misbehaves on demand.
 */
export class Emulator {
  /** Keys of the events done, in the order in which they were. */
  readonly committed: string[] = [];
  /** What connections began with. */
  readonly greetings: Extract<PlainClientMessage, { type: 'hello' }>[] = [];
  /** Events that came, repeats included. */
  received = 0;
  connections = 0;
  readonly #attempts = new Map<string, number>();
  readonly #answers = new Map<string, ScriptedAnswer>();
  /** Ends of the waits that go on. */
  readonly #waits = new Set<() => void>();
  readonly #speech = new Map<string, Buffer[]>();
  readonly #state: number | null;

  private constructor(
    private readonly timer: Timer,
    private readonly options: EmulatorOptions,
    private readonly http: Server,
    private readonly sockets: WebSocketServer,
  ) {
    if (options.stateFile !== null && existsSync(options.stateFile)) this.#restore(options.stateFile);
    this.#state = options.stateFile === null ? null : openSync(options.stateFile, 'a');
  }

  /** Starts listening. Throws `PORT_IN_USE`. */
  static async start(timer: Timer, overrides: Partial<EmulatorOptions> = {}): Promise<Emulator> {
    const options = { ...DEFAULTS, ...overrides };
    const http = createServer((_request, response) => response.writeHead(426).end());
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: 16 * 1024 * 1024,
      handleProtocols: (offered) => (offered.has(PLAIN_SUBPROTOCOL) ? PLAIN_SUBPROTOCOL : false),
    });
    const emulator = new Emulator(timer, options, http, sockets);
    http.on('upgrade', (request, socket, head) => emulator.#upgrade(request, socket, head));
    await new Promise<void>((resolve, reject) => {
      http.once('error', (error: NodeJS.ErrnoException) => {
        const what = `cloud emulator: ${options.host}:${options.port}`;
        const taken = error.code === 'EADDRINUSE';
        reject(
          new CatnapError(taken ? 'PORT_IN_USE' : 'INTERNAL', `${what}: ${error.message}`, { cause: error }),
        );
      });
      http.listen(options.port, options.host, resolve);
    });
    return emulator;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://${this.options.host}:${this.port}`;
  }

  /** Breaks every connection, as a proxy that restarts does. */
  disconnectAll(): void {
    for (const socket of this.sockets.clients) socket.terminate();
  }

  async close(): Promise<void> {
    for (const cancel of this.#waits) cancel();
    this.disconnectAll();
    await new Promise((resolve) => this.http.close(resolve));
    if (this.#state !== null) closeSync(this.#state);
  }

  #restore(file: string): void {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      const { key, answer } = JSON.parse(line) as { key: string; answer: ScriptedAnswer };
      this.#answers.set(key, answer);
      this.committed.push(key);
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const { token } = this.options;
    const unauthorised = token !== null && request.headers.authorization !== `Bearer ${token}`;
    const refusal = unauthorised ? { status: 401, retryAfterSeconds: null } : this.options.refuse(request);
    if (refusal !== null) {
      const wait = refusal.retryAfterSeconds;
      const retryAfter = wait === null ? '' : `Retry-After: ${wait}\r\n`;
      socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\n${retryAfter}\r\n`);
      return;
    }
    const upgrade = () =>
      this.sockets.handleUpgrade(request, socket, head, (client) => {
        this.connections++;
        client.on('error', () => {});
        client.on('message', (data) => this.#message(client, socket, String(data)));
      });
    if (this.options.connectMs === 0) upgrade();
    else this.#after(this.options.connectMs, upgrade);
  }

  #message(client: WebSocket, raw: Duplex, text: string): void {
    const message = parse(text);
    if (message === null) {
      client.close(1008, 'not of the protocol');
      return;
    }
    switch (message.type) {
      case 'hello':
        if (this.greetings.length < MAX_GREETINGS) this.greetings.push(message);
        return;
      case 'event':
        this.#event(client, raw, this.#withSpeech(message));
        return;
      case 'speech':
        if (this.#speech.size < MAX_SPEECHES) this.#speech.set(message.key, []);
        return;
      case 'audio':
        this.#hear(message.key, Buffer.from(message.data, 'base64'));
        return;
      case 'abandon':
        this.options.onSpeech(message.key, this.#heard(message.key).length / 2, 'abandoned');
        return;
      case 'repair': {
        const answer = this.#answers.get(message.key);
        const sorry: PlainServerMessage = {
          type: 'error',
          key: message.key,
          status: 404,
          message: '',
          retryAfterMs: null,
        };
        send(client, answer === undefined ? sorry : this.#verdict(message.key, answer, null));
      }
    }
  }

  #hear(key: string, pcm: Buffer): void {
    const pieces = this.#speech.get(key);
    const heardBytes = pieces?.reduce((sum, piece) => sum + piece.length, 0) ?? 0;
    if (heardBytes + pcm.length <= MAX_SPEECH_BYTES) pieces?.push(pcm);
  }

  /** What was heard under a key, which is then forgotten. */
  #heard(key: string): Buffer {
    const pieces = this.#speech.get(key) ?? [];
    this.#speech.delete(key);
    return Buffer.concat(pieces);
  }

  /** The event with the audio that streamed ahead of it in its clip. */
  #withSpeech(event: PlainEvent): PlainEvent {
    if (event.clip === null || event.clip.data !== null) return event;
    const pcm = this.#heard(event.key);
    this.options.onSpeech(event.key, pcm.length / 2, 'asked');
    return { ...event, clip: { ...event.clip, data: pcm.toString('base64') } };
  }

  #event(client: WebSocket, raw: Duplex, event: PlainEvent): void {
    const attempt = (this.#attempts.get(event.key) ?? 0) + 1;
    this.#attempts.set(event.key, attempt);
    this.received++;
    const isDuplicate = this.#answers.has(event.key);
    this.#react(client, raw, event, this.options.behave(event, attempt));
    // Told last: whoever was told may rely on the event being committed.
    this.options.onEvent(event, isDuplicate);
  }

  #react(client: WebSocket, raw: Duplex, event: PlainEvent, behaviour: Behaviour): void {
    switch (behaviour.kind) {
      case 'answer':
        this.#commit(event);
        send(client, { type: 'accepted', key: event.key });
        this.#speak(client, event);
        return;
      case 'lost-ack':
        this.#commit(event);
        client.terminate();
        return;
      case 'disconnect':
        client.terminate();
        return;
      case 'freeze':
        raw.pause();
        return;
      case 'mute':
        this.#commit(event);
        return;
      case 'drip':
        this.#drip(client, event.key, 100);
        return;
      case 'flood':
        this.#drip(client, event.key, 0);
        return;
      case 'oversize':
        send(client, { type: 'part', key: event.key, text: 'x'.repeat(behaviour.bytes) });
        return;
      case 'garbage':
        client.send('{"type":');
        return;
      case 'bad-answer': {
        this.#commit(event, behaviour.repairable ? this.options.answer(event) : BAD_ANSWER);
        send(client, this.#verdict(event.key, BAD_ANSWER, event));
        return;
      }
      case 'reject': {
        const { status, retryAfterMs } = behaviour;
        send(client, { type: 'error', key: event.key, status, message: 'scripted', retryAfterMs });
      }
    }
  }

  /** Does the event once: what is committed already stays as it is. */
  #commit(event: PlainEvent, scripted?: ScriptedAnswer): void {
    if (this.#answers.has(event.key)) return;
    const answer = scripted ?? this.options.answer(event);
    if (this.#state !== null) {
      writeSync(this.#state, `${JSON.stringify({ key: event.key, answer })}\n`);
      fsyncSync(this.#state);
    }
    this.#answers.set(event.key, answer);
    this.committed.push(event.key);
    if (this.#answers.size <= MAX_KEYS) return;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined) this.#answers.delete(oldest);
  }

  #speak(client: WebSocket, event: PlainEvent): void {
    const answer = this.#answers.get(event.key) ?? this.options.answer(event);
    const { thinkMs, wordMs } = this.options;
    const finish = () => send(client, this.#verdict(event.key, answer, event));
    if (thinkMs === 0 && wordMs === 0) {
      send(client, { type: 'part', key: event.key, text: answer.text });
      finish();
      return;
    }
    const words = answer.text.split(/(?<= )/);
    const next = (index: number) => {
      const text = words[index];
      if (text === undefined) return finish();
      send(client, { type: 'part', key: event.key, text });
      this.#after(wordMs, () => next(index + 1));
    };
    this.#after(thinkMs, () => next(0));
  }

  #drip(client: WebSocket, key: string, everyMs: number): void {
    if (client.readyState !== client.OPEN) return;
    send(client, { type: 'part', key, text: 'and '.repeat(everyMs === 0 ? 256 : 1) });
    this.#after(everyMs, () => this.#drip(client, key, everyMs));
  }

  #verdict(key: string, answer: ScriptedAnswer, event: PlainEvent | null): PlainServerMessage {
    return { type: 'verdict', key, answer, usage: this.options.usage(answer, event) };
  }

  #after(ms: number, act: () => void): void {
    const cancel = this.timer(ms, () => {
      this.#waits.delete(cancel);
      act();
    });
    this.#waits.add(cancel);
  }
}

const BAD_ANSWER = { label: '', text: '', action: null } as const;

/** A token is about four characters of English. */
export function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}

function send(client: WebSocket, message: PlainServerMessage): void {
  if (client.readyState === client.OPEN) client.send(JSON.stringify(message));
}

function parse(text: string): PlainClientMessage | null {
  return plainClientMessageSchema.safeParse(parseJson(text)).data ?? null;
}
