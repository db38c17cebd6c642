import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { createGatekeeper } from '../dashboard/access.js';
import { Audience } from '../dashboard/audience.js';
import type { DashboardConfig } from '../dashboard/config.js';
import { createDesk } from '../dashboard/desk.js';
import { CLOSE } from '../dashboard/protocol.js';
import { refusalOf } from '../dashboard/server.js';
import { greet } from '../dashboard/snapshot.js';
import { SOCKET_PATH } from '../dashboard/wire.js';
import type { EventBus } from '../events/bus.js';
import { TOKEN } from './configuration.js';
import type { Life } from './life.js';

const TRIP_MS = 20;
/** What `ws` waits for the other side's goodbye. */
const CLOSE_MS = 30_000;
/** The most that may wait for a visitor: a mebibyte, and the message that came on top of it. */
const MOST_BUFFERED = 1024 * 1024 + 64 * 1024;
/** A visitor that answers nothing is gone after two heartbeats and a goodbye. */
const GONE_MS = 2 * 30_000 + CLOSE_MS + 1_000;
const RIGHT = { host: '127.0.0.1:8420', authorization: `Bearer ${TOKEN}` };

/** What a visitor from where it should not be shows, and how it is refused. */
const STRANGERS = [
  { headers: { ...RIGHT, host: 'evil.example' }, status: 403 },
  { headers: { ...RIGHT, origin: 'https://evil.example' }, status: 403 },
  { headers: { ...RIGHT, authorization: 'Bearer a wrong token of somebody' }, status: 401 },
  { headers: { host: RIGHT.host }, status: 401 },
] as const;

export type Nonsense = 'text' | 'unknown' | 'binary';

/** What the visitors of a page need of the house. */
export interface VisitorEdges {
  readonly life: Life;
  readonly bus: EventBus;
  readonly config: DashboardConfig;
  readonly run: string;
  readonly hasDescriptors: () => boolean;
  readonly violated: (what: string) => void;
}

/** People with the page open, in front of the real audience: one who stays, and some who trouble it. */
export class Visitors {
  readonly #edges: VisitorEdges;
  readonly #audience: Audience;
  readonly #gatekeeper: ReturnType<typeof createGatekeeper>;
  readonly #openCounter: ReturnType<typeof createDesk>;
  readonly #steady: SimulatedVisitor | null;
  #published = 0;

  constructor(edges: VisitorEdges) {
    this.#edges = edges;
    const { life, bus, config, run, violated } = edges;
    this.#audience = new Audience(bus, life.timer, (error) => violated(`page: ${String(error)}`));
    this.#gatekeeper = createGatekeeper(config);
    this.#openCounter = createDesk({
      component: 'page',
      publish: (event) => bus.publish(event),
      clock: life.time.clock,
      run,
      runCommand: async () => ({ detail: 'done' }),
    });
    bus.subscribe(() => {
      this.#published++;
    });
    this.#steady = this.#visit(RIGHT);
  }

  /** Whoever stays has seen everything. */
  look(): void {
    const steady = this.#steady;
    if (steady === null) return;
    const seen = steady.messages - 1;
    if (seen !== this.#published)
      this.#edges.violated(`page: ${seen} of ${this.#published} events were shown to who stays`);
    if (steady.closed !== null) this.#edges.violated(`page: who stays was sent away with ${steady.closed}`);
  }

  /** One comes and reads nothing; the other side of its socket fills up. */
  stopReading(): void {
    const visitor = this.#visit(RIGHT);
    if (visitor === null) return;
    visitor.isReading = false;
    this.#edges.life.timer(GONE_MS, () => {
      if (visitor.bufferedAmount > MOST_BUFFERED)
        this.#edges.violated(`page: ${visitor.bufferedAmount} bytes wait for a visitor`);
      if (!visitor.isGone) this.#edges.violated('page: a visitor that reads nothing was not sent away');
    });
  }

  /** One comes and sends what is no message. */
  sendNonsense(kind: Nonsense): void {
    const visitor = this.#visit(RIGHT);
    if (visitor === null) return;
    visitor.say(kind);
    if (visitor.closed !== CLOSE.policy)
      this.#edges.violated(`page: nonsense (${kind}) was answered with ${visitor.closed ?? 'nothing'}`);
  }

  /** Some come that may not. */
  comeFromElsewhere(): void {
    for (const { headers, status } of STRANGERS) {
      const found = this.#refusal(headers)?.status ?? 101;
      if (found !== status)
        this.#edges.violated(`page: a stranger was answered with ${found}, not ${status}`);
    }
  }

  close(): void {
    this.#audience.close();
  }

  #visit(headers: IncomingMessage['headers']): SimulatedVisitor | null {
    const { life, bus, run, hasDescriptors, violated } = this.#edges;
    // Accepting fails where there is no descriptor for it.
    if (!hasDescriptors()) return null;
    const refusal = this.#refusal(headers);
    if (refusal !== null) {
      violated(`page: a visitor with the token was refused with ${refusal.status}`);
      return null;
    }
    const visitor = new SimulatedVisitor(life);
    const house = {
      device: 'simulated',
      words: {},
      ownWords: {},
      takes: { fewest: 0, most: 0 },
      sentences: [],
    };
    const wallTime = new Date(life.time.clock.wallMs()).toISOString();
    const greeting = greet(bus, {
      run,
      version: '0',
      wallTime,
      hasCloud: true,
      muted: [],
      budget: [],
      house,
    });
    this.#audience.welcome(visitor as unknown as WebSocket, greeting, this.#openCounter('127.0.0.1'));
    return visitor;
  }

  #refusal(headers: IncomingMessage['headers']): ReturnType<typeof refusalOf> {
    const request = { headers, url: SOCKET_PATH } as IncomingMessage;
    return refusalOf(request, this.#gatekeeper, this.#audience.size >= this.#edges.config.maxClients);
  }
}

/** What the page's side uses of a visitor's WebSocket. */
class SimulatedVisitor extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isReading = true;
  /** Messages that it read. */
  messages = 0;
  /** What it was sent away with. */
  closed: number | null = null;

  constructor(private readonly life: Life) {
    super();
  }

  get isGone(): boolean {
    return this.readyState === 3;
  }

  send(text: string): void {
    if (this.isReading) this.messages++;
    else this.bufferedAmount += Buffer.byteLength(text);
  }

  ping(): void {
    if (this.isReading) this.life.timer(TRIP_MS, () => this.emit('pong'));
  }

  close(code: number): void {
    this.closed ??= code;
    this.readyState = 2;
    this.life.timer(this.isReading ? TRIP_MS : CLOSE_MS, () => this.terminate());
  }

  terminate(): void {
    if (this.isGone) return;
    this.readyState = 3;
    this.emit('close');
  }

  say(kind: Nonsense): void {
    const isBinary = kind === 'binary';
    this.emit('message', Buffer.from(kind === 'text' ? '<html>' : '{"type":"order"}'), isBinary);
  }
}
