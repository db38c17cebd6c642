import type { WebSocket } from 'ws';
import type { Timer } from '../core/clock.js';
import type { Telemetry } from '../core/metering/telemetry.js';
import { every } from '../core/waiting.js';
import type { EventBus } from '../events/bus.js';
import type { Counter } from './desk.js';
import { CLOSE, type ServerMessage } from './protocol.js';
import { createVisitor, type Visitor } from './visitor.js';

const HEARTBEAT_MS = 30_000;

/** Everyone who has the page open: told of every event, and given telemetry. */
export class Audience {
  readonly #visitors = new Set<Visitor>();
  readonly #endEvents: () => void;
  readonly #endHeartbeat: () => void;
  /** Listened to only while there is a visitor: otherwise telemetry comes in seldom and in large batches. */
  #endTelemetry: (() => void) | null = null;
  #toldLast = '';

  constructor(
    private readonly bus: EventBus,
    timer: Timer,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#endEvents = bus.subscribe((event) => {
      if (this.size > 0) this.tell({ type: 'event', event });
    });
    this.#endHeartbeat = every(timer, HEARTBEAT_MS, () => {
      for (const visitor of this.#visitors) visitor.heartbeat();
    });
  }

  get size(): number {
    return this.#visitors.size;
  }

  /** Takes in a visitor until it leaves; its commands go to `counter`. */
  welcome(socket: WebSocket, greeting: ServerMessage, counter: Counter): void {
    const visitor = createVisitor(socket, counter, this.onError);
    // It was not there for what was told last.
    this.#toldLast = '';
    this.#visitors.add(visitor);
    this.#endTelemetry ??= this.bus.subscribeTelemetry((reading) => this.#show(reading));
    socket.on('close', () => {
      this.#visitors.delete(visitor);
      if (this.size === 0) this.#stopTelemetry();
    });
    visitor.send(greeting);
  }

  /** Tells everyone. */
  tell(message: ServerMessage): void {
    this.#send(JSON.stringify(message));
  }

  /** As {@link tell}, where it is not what was told so last. */
  tellChanged(message: ServerMessage): void {
    const text = JSON.stringify(message);
    if (text === this.#toldLast) return;
    this.#toldLast = text;
    this.#send(text);
  }

  #send(text: string): void {
    for (const visitor of this.#visitors) visitor.sendEvent(text);
  }

  /** Says goodbye to everyone (1001). */
  close(): void {
    this.#endEvents();
    this.#stopTelemetry();
    this.#endHeartbeat();
    for (const visitor of this.#visitors) visitor.close(CLOSE.goingAway, 'Catnap stops');
  }

  #show(reading: Telemetry): void {
    const message = JSON.stringify({ type: 'telemetry', reading });
    for (const visitor of this.#visitors) visitor.sendReading(message);
  }

  #stopTelemetry(): void {
    this.#endTelemetry?.();
    this.#endTelemetry = null;
  }
}
