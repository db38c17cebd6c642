import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import type { IClientOptions, IClientPublishOptions, IPublishPacket, MqttClient } from 'mqtt';
import { Backoff } from '../core/backoff.js';
import type { Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { sleep } from '../core/waiting.js';
import { readSecret } from '../files/secrets.js';
import type { Passage, WayOut } from './way-out.js';

/** Where a broker is and who asks. */
export interface BrokerSettings {
  /** As mqtt://host:1883 or mqtts://host:8883. */
  readonly url: string;
  readonly username: string | null;
  /** As {@link readSecret} takes it: read again at every connection. */
  readonly password: string | null;
  /** PEM file of the authority that the broker is trusted by. */
  readonly caFile: string | null;
  /** PEM files of who asks and of their key, where the broker wants to see one. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** After this a connection has failed. */
  readonly connectMs: number;
  /** What the paths are relative to. */
  readonly folder: string;
  /** Version 5 of the protocol, for messages with properties; 3.1.1 when left out. */
  readonly protocol?: 5;
}

/** What goes along with a message of MQTT 5 (OASIS standard, 3.3.2.3). */
export interface MessageProperties {
  /** Seconds. */
  readonly messageExpiryInterval?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
  readonly userProperties?: Readonly<Record<string, string | string[]>>;
}

/** A message that came. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  /** The broker had kept it. */
  readonly retained: boolean;
  readonly properties: MessageProperties;
}

/** What is said and heard as long as the connection lasts. */
export interface LastingLine {
  /** By this name the broker ends the connection that was lost before, and says its last will. */
  readonly clientId: string;
  /** What the broker says, retained, when the connection is lost; null: nothing. */
  readonly will: { readonly topic: string; readonly payload: string } | null;
  /** Topics that are listened to, with + and #. */
  readonly topics: readonly string[];
  /** What the way out is told that the connection is for. */
  readonly what: Passage['what'];
  /** Most messages that the broker may send before the first of them is acknowledged; its own limit when left out. */
  readonly receiveMaximum?: number;
  /** Connected, for the first time or again; the topics are listened to. */
  onUp(): void;
  /** No connection could be made, or the one there was is lost; `why` names the broker. */
  onDown(why: Error): void;
  /** Acknowledged once this is over; until then no other comes. It has to resolve. */
  onMessage(message: Message): void | Promise<void>;
}

/** A broker that messages are published at. */
export interface Broker {
  /** Its host and port, for the audit. */
  readonly host: string;
  /**
   * Publishes with QoS 1; resolves when the broker has it. Rejects when it cannot be reached, refuses, or `signal`
   * aborts: a message is not kept for later, when it would come as a surprise.
   * @returns whether anybody listens there; true where the broker does not tell.
   */
  publish(
    topic: string,
    payload: string | Buffer,
    retain: boolean,
    signal: AbortSignal,
    properties?: MessageProperties,
  ): Promise<boolean>;
  /** Keeps the connection from now on, opened again whenever it is lost; before that, each message opens it anew. */
  keep(line: LastingLine): void;
  close(): Promise<void>;
}

/** {@link Broker.publish}, through the one gate of what leaves. */
export async function publishThrough(
  wayOut: Pick<WayOut, 'leave'>,
  broker: Pick<Broker, 'host' | 'publish'>,
  what: Passage['what'],
  ...message: Parameters<Broker['publish']>
): Promise<boolean> {
  const [topic, payload] = message;
  const passage = { what, to: broker.host, bytes: Buffer.byteLength(topic) + Buffer.byteLength(payload) };
  return wayOut.leave(passage, () => broker.publish(...message));
}

/** A connection that is lost is sought again, by those who lost it together at different times. */
const AGAIN = { firstMs: 500, maxMs: 30_000, jitter: 'half' } as const;
/** A connection that ends before that was none: it is sought again ever later. */
const STEADY_MS = 10_000;
const KEEPALIVE_SECONDS = 30;
/** A broker that does not answer any more is not waited for. */
const GOODBYE_MS = 500;
/** What MQTT 5 acknowledges a message with that nobody listens for (3.4.2.1). */
const NO_SUBSCRIBERS = 0x10;

/**
 * One connection to a broker for all who publish there: opened with the first message, or kept for good by
 * {@link Broker.keep}.
 */
export function createBroker(
  settings: BrokerSettings,
  wayOut: Pick<WayOut, 'leave'>,
  timer: Timer,
  random: () => number = Math.random,
): Broker {
  return new OneConnection(settings, wayOut, timer, random);
}

class OneConnection implements Broker {
  readonly host: string;
  #opening: Promise<MqttClient> | null = null;
  #line: LastingLine | null = null;
  #wake: () => void = () => {};
  /** Whether the connection there is, or was last, lasted. */
  #isSteady = false;
  readonly #closing = new AbortController();

  constructor(
    private readonly settings: BrokerSettings,
    private readonly wayOut: Pick<WayOut, 'leave'>,
    private readonly timer: Timer,
    private readonly random: () => number,
  ) {
    this.host = new URL(settings.url).host;
  }

  async publish(
    topic: string,
    payload: string | Buffer,
    retain: boolean,
    signal: AbortSignal,
    properties?: MessageProperties,
  ): Promise<boolean> {
    const client = await this.#connected();
    const options: IClientPublishOptions = { qos: 1, retain, ...(properties && { properties }) };
    const acknowledged = await whileConnected(client, signal, () =>
      client.publishAsync(topic, payload, options),
    );
    return reasonOf(acknowledged) !== NO_SUBSCRIBERS;
  }

  keep(line: LastingLine): void {
    this.#line = line;
    void this.#keepOpen(line);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    const client = await this.#opening?.catch(() => null);
    this.#opening = null;
    if (client === undefined || client === null) return;
    // Said goodbye to, the broker does not say the last will.
    await Promise.race([client.endAsync().catch(() => {}), sleep(this.timer, GOODBYE_MS)]);
    client.end(true);
  }

  async #keepOpen(line: LastingLine): Promise<void> {
    const backoff = new Backoff(AGAIN, this.random);
    while (!this.#closing.signal.aborted) {
      try {
        const client = await this.#connected();
        if (client.connected) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#isSteady) backoff.reset();
      } catch (error) {
        if (!this.#closing.signal.aborted) line.onDown(lostAt(this.host, error));
      }
      await sleep(this.timer, backoff.next(), this.#closing.signal);
    }
  }

  #connected(): Promise<MqttClient> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<MqttClient> {
    const { connectAsync } = await import('mqtt');
    const line = this.#line;
    const passage = { what: line?.what ?? 'mqtt', to: this.host, bytes: 0 } as const;
    const options = { ...optionsOf(this.settings), ...(line === null ? {} : lastingOptions(line)) };
    const client = await this.wayOut.leave(passage, () => connectAsync(this.settings.url, options, false));
    // Else an acknowledgement waits for the other side's of what was written before it: some 40 ms (Nagle, RFC 896).
    if (client.stream instanceof Socket) client.stream.setNoDelay();
    let isLost = false;
    this.#isSteady = false;
    const cancel = this.timer(STEADY_MS, () => {
      this.#isSteady = true;
    });
    const lost = (error?: Error): void => {
      if (isLost) return;
      isLost = true;
      cancel();
      this.#opening = null;
      client.end(true);
      this.#wake();
      const listening = this.#line;
      if (!this.#closing.signal.aborted)
        listening?.onDown(lostAt(this.host, error ?? ended(listening.clientId, this.#isSteady)));
    };
    client.once('close', lost);
    client.on('error', lost);
    if (line === null) return client;
    client.handleMessage = (packet, acknowledge) => {
      const over = line.onMessage(messageOf(packet));
      if (over === undefined) acknowledge();
      else void over.then(() => acknowledge());
    };
    try {
      if (line.topics.length > 0) await client.subscribeAsync([...line.topics], { qos: 1 });
    } catch (error) {
      isLost = true;
      client.end(true);
      throw error;
    }
    line.onUp();
    return client;
  }
}

/** Two devices of one name end each other's connection, over and over. */
function ended(clientId: string, wasSteady: boolean): Error {
  const hint = ` as soon as it was made; if another client is called ${clientId}, give each device a name of its own`;
  return new Error(`the connection ended${wasSteady ? '' : hint}`);
}

/** What goes wrong on the way to a broker says nothing of which it was; of several addresses tried it says a code. */
function lostAt(host: string, error: unknown): CatnapError {
  if (error instanceof CatnapError) return error;
  const { message = '', code } = error as Partial<NodeJS.ErrnoException>;
  return new CatnapError('UPLINK_UNAVAILABLE', `${host}: ${message || code || String(error)}`, {
    cause: error,
  });
}

/** Without this a message that was under way when the connection broke would wait for ever. */
function whileConnected<Answer>(
  client: MqttClient,
  signal: AbortSignal,
  work: () => Promise<Answer>,
): Promise<Answer> {
  return new Promise<Answer>((done, failed) => {
    const over = (): void => {
      client.off('close', over);
      signal.removeEventListener('abort', over);
      failed(new CatnapError('UPLINK_UNAVAILABLE', 'the broker was lost before it had the message'));
    };
    client.once('close', over);
    signal.addEventListener('abort', over, { once: true });
    work()
      .then(done, failed)
      .finally(() => {
        client.off('close', over);
        signal.removeEventListener('abort', over);
      });
  });
}

/** A user and password are given as they are: in an address they would have to be encoded. */
function optionsOf(settings: BrokerSettings): IClientOptions {
  const { username, password, caFile, certFile, keyFile, connectMs, folder, protocol } = settings;
  const contentOf = (file: string): Buffer => readFileSync(resolve(folder, file));
  return {
    reconnectPeriod: 0,
    connectTimeout: connectMs,
    ...(protocol === undefined ? {} : { protocolVersion: protocol }),
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password: readSecret(password, { folder }, 'ACTION_FAILED') }),
    ...(caFile === null ? {} : { ca: contentOf(caFile) }),
    ...(certFile === null ? {} : { cert: contentOf(certFile) }),
    ...(keyFile === null ? {} : { key: contentOf(keyFile) }),
  };
}

function lastingOptions({ clientId, will, receiveMaximum }: LastingLine): IClientOptions {
  return {
    clientId,
    keepalive: KEEPALIVE_SECONDS,
    ...(receiveMaximum === undefined ? {} : { properties: { receiveMaximum } }),
    ...(will === null ? {} : { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
  };
}

function messageOf({ topic, payload, retain, properties }: IPublishPacket): Message {
  return { topic, payload: Buffer.from(payload), retained: retain, properties: properties ?? {} };
}

function reasonOf(acknowledged: unknown): unknown {
  if (typeof acknowledged !== 'object' || acknowledged === null) return null;
  return 'reasonCode' in acknowledged ? acknowledged.reasonCode : null;
}
