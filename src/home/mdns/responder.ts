import type { Timer } from '../../core/clock.js';
import { every } from '../../core/waiting.js';
import type { WayOut } from '../../egress/way-out.js';
import { addressBytes, interfaceOf } from './addresses.js';
import { Place } from './place.js';
import { type Announced, numbered, recordsOf } from './records.js';

/** What a responder is given, and whom it tells. */
export interface ResponderDeps {
  readonly timer: Timer;
  readonly wayOut: Pick<WayOut, 'leave'>;
  /** Told under which name it is found at an address, and the number behind that; 1 where the name has none. */
  readonly onFound: (address: string, name: string, number: number) => void;
  /** Told what keeps it from being found at an address. */
  readonly onFailure: (address: string, failure: Error) => void;
  /** Addresses of this machine to announce at. */
  readonly addresses: () => readonly string[];
  /** All addresses of this machine. */
  readonly ownAddresses: () => readonly string[];
  /** 5353; another for tests. */
  readonly port?: number;
  /** Numbers from 0 to 1; replaceable for tests. */
  readonly random?: () => number;
}

const PORT = 5353;
/** Between two looks at which addresses there are. */
const LOOK_MS = 60_000;
/** RFC 6762, 8.1: who met so many of its names takes its time before it claims another. */
const MANY_TAKEN = 15;
const MANY_TAKEN_MS = 5000;

/**
 * Announces a service by multicast DNS (RFC 6762) and answers who looks for it (RFC 6763), on every address that it
 * is given, under its name or, where another in the house has that, a numbered one.
 */
export class MdnsResponder {
  readonly #service: Announced;
  readonly #deps: ResponderDeps;
  readonly #places = new Map<string, Place>();
  #number = 1;
  #endLooks: () => void = () => {};

  constructor(service: Announced, deps: ResponderDeps) {
    this.#service = service;
    this.#deps = deps;
  }

  open(): void {
    this.#look();
    this.#endLooks = every(this.#deps.timer, LOOK_MS, () => this.#look());
  }

  /** Takes back what was announced. */
  async close(): Promise<void> {
    this.#endLooks();
    await Promise.all([...this.#places.values()].map((place) => place.close()));
    this.#places.clear();
  }

  #look(): void {
    const addresses = this.#deps.addresses();
    for (const [address, place] of this.#places) {
      if (addresses.includes(address)) continue;
      this.#places.delete(address);
      place.abandon();
    }
    for (const address of addresses) if (!this.#places.has(address)) this.#openAt(address);
  }

  #openAt(address: string): void {
    const { timer, wayOut, port = PORT, random = Math.random, ownAddresses, ...told } = this.#deps;
    const place = new Place(address, {
      ...{ timer, wayOut, port, random },
      isOwnAddress: (data) => ownAddresses().some((own) => addressBytes(own).equals(data)),
      onOpen: () => this.#claimAt(address, place),
      onHeld: () => told.onFound(address, this.#named().name, this.#number),
      onTaken: () => this.#rename(),
      onFailure: (error) => {
        this.#places.delete(address);
        told.onFailure(address, error);
      },
    });
    this.#places.set(address, place);
  }

  #rename(): void {
    this.#number += 1;
    for (const [address, place] of this.#places) this.#claimAt(address, place);
  }

  #claimAt(address: string, place: Place): void {
    const link = interfaceOf(address);
    const addresses = this.#deps.addresses().filter((each) => interfaceOf(each) === link);
    const records = recordsOf(this.#named(), addresses);
    place.claim(records, this.#number > MANY_TAKEN ? MANY_TAKEN_MS : 0);
  }

  #named(): Announced {
    return numbered(this.#service, this.#number);
  }
}
