import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Timer } from '../../core/clock.js';
import type { WayOut } from '../../egress/way-out.js';
import { interfaceOf } from './addresses.js';
import { type IsOwnAddress, isTaken, outweighs } from './claim.js';
import { type Answer, decodeMessage, encodeAnswers, encodeProbe, type Message, TYPE } from './message.js';

/** What a place is given, and whom it tells. */
export interface PlaceDeps {
  readonly timer: Timer;
  readonly wayOut: Pick<WayOut, 'leave'>;
  readonly port: number;
  readonly random: () => number;
  readonly isOwnAddress: IsOwnAddress;
  /** It may claim names from now on. */
  readonly onOpen: () => void;
  /** Nobody else has the names that it claimed: it answers for them. */
  readonly onHeld: () => void;
  /** Another has one of the names that it claimed. */
  readonly onTaken: () => void;
  /** The place is no longer of use, and is closed. */
  readonly onFailure: (error: Error) => void;
}

/** RFC 6762, 3. */
const [GROUP, GROUP_OF_IPV6] = ['224.0.0.251', 'ff02::fb'];
/** RFC 6762, 8.1: how often names are asked for, between two of these, and before the first at most. */
const PROBES = 3;
const PROBE_MS = 250;
/** RFC 6762, 8.2: until one claims again that left the names to another which claimed them at the same time. */
const DEFER_MS = 1000;
/** RFC 6762, 8.3: announced twice. */
const STEPS = PROBES + 2;
const AGAIN_MS = 1000;

/**
 * An address of this machine at which a service is announced by multicast DNS (RFC 6762): asks there whether anybody
 * has its names, then tells of them, answers for them, and holds them against others.
 */
export class Place {
  readonly #address: string;
  readonly #deps: PlaceDeps;
  readonly #group: string;
  readonly #socket: Socket;
  #isOpen = true;
  #records: readonly Answer[] = [];
  /** Done since names were claimed: probes, then announcements. */
  #steps = 0;
  #endWait: () => void = () => {};

  constructor(address: string, deps: PlaceDeps) {
    this.#address = address;
    this.#deps = deps;
    this.#group = isIPv6(address) ? GROUP_OF_IPV6 : GROUP;
    const kind = isIPv6(address) ? ({ type: 'udp6', ipv6Only: true } as const) : ({ type: 'udp4' } as const);
    const passage = { what: 'home', to: `${this.#group}:${deps.port}`, bytes: 0 } as const;
    this.#socket = deps.wayOut.leave(passage, () => createSocket({ ...kind, reuseAddr: true }));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('message', (bytes, from) => this.#take(bytes, from));
    this.#socket.bind(deps.port, () => this.#join());
  }

  /** Claims the names of `records`, in place of those it had. */
  claim(records: readonly Answer[], delayMs = 0): void {
    this.#records = records;
    this.#steps = 0;
    this.#wait(delayMs + this.#deps.random() * PROBE_MS);
  }

  /** Takes back what was announced. */
  async close(): Promise<void> {
    if (this.#isHeld) {
      const gone = this.#records.map((answer) => ({ ...answer, keepSeconds: 0 }));
      await new Promise<void>((resolve) => this.#send(encodeAnswers(gone), null, resolve));
    }
    this.abandon();
  }

  /** Says nothing more. */
  abandon(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#endWait();
    this.#socket.close();
  }

  get #isHeld(): boolean {
    return this.#steps > PROBES;
  }

  /** What only one may have. */
  get #claimed(): readonly Answer[] {
    return this.#records.filter(({ isOnly }) => isOnly);
  }

  #join(): void {
    const via = isIPv6(this.#address) ? `::%${interfaceOf(this.#address) ?? ''}` : this.#address;
    try {
      this.#socket.addMembership(this.#group, via);
      this.#socket.setMulticastInterface(via);
      this.#socket.setMulticastTTL(255);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#deps.onOpen();
  }

  #fail(error: Error): void {
    this.abandon();
    this.#deps.onFailure(error);
  }

  #wait(delayMs: number): void {
    this.#endWait();
    this.#endWait = this.#deps.timer(delayMs, () => this.#step());
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps <= PROBES) this.#send(encodeProbe(this.#claimed), null);
    else this.#send(encodeAnswers(this.#records), null);
    if (this.#steps === PROBES + 1) this.#deps.onHeld();
    if (this.#steps < STEPS) this.#wait(this.#isHeld ? AGAIN_MS : PROBE_MS);
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    const message = decodeMessage(bytes);
    if (message === null) return;
    if (message.isAnswer) this.#hear(message, from);
    else if (this.#isHeld) this.#answer(message, from);
    else if (outweighs(message.proposed, this.#claimed, this.#deps.isOwnAddress))
      this.claim(this.#records, DEFER_MS);
  }

  #hear({ said }: Message, from: RemoteInfo): void {
    const { port, isOwnAddress, onTaken } = this.#deps;
    // Of another port it is none of multicast DNS (RFC 6762, 11).
    if (from.port !== port || !isTaken(this.#records, said, isOwnAddress)) return;
    // Two that both hold a name ask for it again; who has it then says so (RFC 6762, 9).
    if (this.#isHeld) this.claim(this.#records);
    else onTaken();
  }

  #answer(message: Message, from: RemoteInfo): void {
    const answers = this.#records.filter((record) => isAsked(record, message));
    if (answers.length === 0) return;
    const isPlain = from.port !== this.#deps.port;
    // Who finds the service asks next where it is.
    const whole = answers.some(({ type }) => type === TYPE.PTR) ? this.#records : answers;
    const isForOne = isPlain || message.questions.every((question) => question.isForOne);
    this.#send(encodeAnswers(whole, isPlain ? message : null), isForOne ? from : null);
  }

  #send(bytes: Buffer, to: RemoteInfo | null, sent: () => void = () => {}): void {
    const { wayOut, port } = this.#deps;
    const place = to ?? { address: this.#group, port };
    const passage = { what: 'home', to: `${place.address}:${place.port}`, bytes: bytes.length } as const;
    // A datagram that is lost needs no care: who misses it asks again.
    wayOut.leave(passage, () => this.#socket.send(bytes, place.port, place.address, () => sent()));
  }
}

function isAsked({ name, type, data, keepSeconds }: Answer, { questions, said }: Message): boolean {
  const own = name.toLowerCase();
  const isWanted = questions.some(
    (question) =>
      question.name.toLowerCase() === own && (question.type === type || question.type === TYPE.ANY),
  );
  // Known for half of its life yet, it need not be said (RFC 6762, 7.1).
  const isKnown = said.some(
    (each) =>
      each.type === TYPE.PTR &&
      each.name.toLowerCase() === own &&
      lower(each.data).equals(lower(data)) &&
      2 * each.keepSeconds >= keepSeconds,
  );
  return isWanted && !(type === TYPE.PTR && isKnown);
}

function lower(name: Buffer): Buffer {
  return Buffer.from(name.toString().toLowerCase());
}
