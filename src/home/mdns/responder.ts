import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Timer } from '../../core/clock.js';
import { every } from '../../core/waiting.js';
import type { WayOut } from '../../egress/way-out.js';
import { addressBytes, interfaceOf } from './addresses.js';
import {
  type Answer,
  type Asked,
  decodeAsked,
  encodeAnswers,
  encodeName,
  labelFrom,
  TYPE,
} from './message.js';

/** A service that others of the house are to find. */
export interface Announced {
  /** As `_wyoming._tcp`. */
  readonly service: string;
  /** What people are shown. */
  readonly name: string;
  /** As one label: the device answers for `<host>.local`. */
  readonly host: string;
  readonly port: number;
}

export interface ResponderDeps {
  readonly timer: Timer;
  readonly wayOut: Pick<WayOut, 'leave'>;
  /** Told what keeps it from being found at an address, and with null that it is. */
  readonly onLook: (address: string, failure: Error | null) => void;
  /** Addresses of this machine to announce at. */
  readonly addresses: () => readonly string[];
  /** 5353; another for tests. */
  readonly port?: number;
}

/** RFC 6762, 3 and 10; RFC 6763, 9. */
const [GROUP, GROUP_OF_IPV6] = ['224.0.0.251', 'ff02::fb'];
const PORT = 5353;
const HOST_KEEP_SECONDS = 120;
const OTHER_KEEP_SECONDS = 4500;
const EVERY_SERVICE = '_services._dns-sd._udp.local';
const AGAIN_MS = 1000;
/** Between two looks at which addresses there are. */
const LOOK_MS = 60_000;

/**
 * Announces a service by multicast DNS (RFC 6762) and answers who looks for it (RFC 6763), on every address that it
 * is given. It does not probe for its names: they are made of the device's own.
 */
export class MdnsResponder {
  readonly #service: Announced;
  readonly #deps: ResponderDeps;
  readonly #sockets = new Map<string, Socket>();
  readonly #endings: (() => void)[] = [];

  constructor(service: Announced, deps: ResponderDeps) {
    // Whole, a longer name would be another than the one that was announced, and not be answered for.
    const [name, host] = [labelFrom(service.name), labelFrom(service.host)];
    this.#service = { ...service, name, host };
    this.#deps = deps;
  }

  open(): void {
    this.#look();
    this.#endings.push(every(this.#deps.timer, LOOK_MS, () => this.#look()));
  }

  /** Takes back what was announced. */
  async close(): Promise<void> {
    for (const end of this.#endings) end();
    for (const [address, socket] of this.#sockets) {
      const gone = this.#records(address).map((answer) => ({ ...answer, keepSeconds: 0 }));
      await new Promise<void>((resolve) => this.#send(address, socket, encodeAnswers(gone), null, resolve));
      socket.close();
    }
    this.#sockets.clear();
  }

  #look(): void {
    const addresses = this.#deps.addresses();
    for (const [address, socket] of this.#sockets) {
      if (addresses.includes(address)) continue;
      this.#sockets.delete(address);
      socket.close();
    }
    for (const address of addresses) if (!this.#sockets.has(address)) this.#openAt(address);
  }

  #openAt(address: string): void {
    const { wayOut, port = PORT, onLook, timer } = this.#deps;
    const group = groupOf(address);
    const passage = { what: 'home', to: `${group}:${port}`, bytes: 0 } as const;
    const kind = isIPv6(address) ? ({ type: 'udp6', ipv6Only: true } as const) : ({ type: 'udp4' } as const);
    const socket = wayOut.leave(passage, () => createSocket({ ...kind, reuseAddr: true }));
    this.#sockets.set(address, socket);
    socket.on('error', (error) => {
      if (this.#sockets.get(address) === socket) this.#sockets.delete(address);
      socket.close();
      onLook(address, error);
    });
    socket.on('message', (bytes, from) => this.#take(address, socket, bytes, from));
    socket.bind(port, () => {
      try {
        const via = isIPv6(address) ? `::%${interfaceOf(address) ?? ''}` : address;
        socket.addMembership(group, via);
        socket.setMulticastInterface(via);
        socket.setMulticastTTL(255);
      } catch (error) {
        socket.emit('error', error);
        return;
      }
      const announce = (): void => this.#send(address, socket, encodeAnswers(this.#records(address)), null);
      announce();
      this.#endings.push(timer(AGAIN_MS, () => this.#sockets.get(address) === socket && announce()));
      onLook(address, null);
    });
  }

  #take(address: string, socket: Socket, bytes: Buffer, from: RemoteInfo): void {
    const asked = decodeAsked(bytes);
    if (asked === null) return;
    const answers = this.#records(address).filter((record) => isAsked(record, asked));
    if (answers.length === 0) return;
    const { port = PORT } = this.#deps;
    const isPlain = from.port !== port;
    // Who finds the service asks next where it is.
    const whole = answers.some(({ type }) => type === TYPE.PTR) ? this.#records(address) : answers;
    const isForOne = isPlain || asked.questions.every((question) => question.isForOne);
    this.#send(address, socket, encodeAnswers(whole, isPlain ? asked : null), isForOne ? from : null);
  }

  #send(
    address: string,
    socket: Socket,
    bytes: Buffer,
    to: RemoteInfo | null,
    sent: () => void = () => {},
  ): void {
    const { wayOut, port = PORT } = this.#deps;
    const place = to ?? { address: groupOf(address), port };
    const passage = { what: 'home', to: `${place.address}:${place.port}`, bytes: bytes.length } as const;
    // A datagram that is lost needs no care: who misses it asks again.
    wayOut.leave(passage, () => socket.send(bytes, place.port, place.address, () => sent()));
  }

  #records(address: string): readonly Answer[] {
    const { service, name, host, port } = this.#service;
    const [kind, target] = [`${service}.local`, `${host}.local`];
    const instance = `${name.replaceAll('.', '\\.')}.${kind}`;
    const located = Buffer.concat([Buffer.of(0, 0, 0, 0, port >> 8, port & 0xff), encodeName(target)]);
    const of = (owner: string, type: number, data: Buffer, keepSeconds = OTHER_KEEP_SECONDS): Answer => {
      return { name: owner, type, isOnly: type !== TYPE.PTR, keepSeconds, data };
    };
    return [
      of(kind, TYPE.PTR, encodeName(instance)),
      of(EVERY_SERVICE, TYPE.PTR, encodeName(kind)),
      of(instance, TYPE.SRV, located, HOST_KEEP_SECONDS),
      of(instance, TYPE.TXT, Buffer.of(0)),
      of(target, isIPv6(address) ? TYPE.AAAA : TYPE.A, addressBytes(address), HOST_KEEP_SECONDS),
    ];
  }
}

function isAsked({ name, type, data, keepSeconds }: Answer, { questions, known }: Asked): boolean {
  const own = name.toLowerCase();
  const isWanted = questions.some(
    (question) => question.name === own && (question.type === type || question.type === TYPE.ANY),
  );
  // Known for half of its life yet, it need not be said (RFC 6762, 7.1).
  const isKnown = known.some(
    (each) =>
      each.name === own && encodeName(each.to).equals(lower(data)) && 2 * each.keepSeconds >= keepSeconds,
  );
  return isWanted && !(type === TYPE.PTR && isKnown);
}

function lower(name: Buffer): Buffer {
  return Buffer.from(name.toString().toLowerCase());
}

function groupOf(address: string): string {
  return isIPv6(address) ? GROUP_OF_IPV6 : GROUP;
}
