import { isIPv6 } from 'node:net';
import { addressBytes } from './addresses.js';
import { type Answer, encodeName, labelFrom, TYPE } from './message.js';

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

/** RFC 6762, 10. */
const HOST_KEEP_SECONDS = 120;
const OTHER_KEEP_SECONDS = 4500;
/** RFC 6763, 9. */
const EVERY_SERVICE = '_services._dns-sd._udp.local';

/**
 * The service under another name, for the `number`-th of its name: `kitchen (2)` at `catnap-kitchen-2`. What a label
 * does not hold is left out.
 */
export function numbered({ name, host, ...rest }: Announced, number: number): Announced {
  const [nameEnd, hostEnd] = number === 1 ? ['', ''] : [` (${number})`, `-${number}`];
  return { ...rest, name: labelFrom(name, nameEnd), host: labelFrom(host, hostEnd) };
}

/**
 * What is said of a service (RFC 6763, 4 to 6).
 * @param addresses all by which it is reached over one link (RFC 6762, 6.2)
 */
export function recordsOf(
  { service, name, host, port }: Announced,
  addresses: readonly string[],
): readonly Answer[] {
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
    ...addresses.map((each) =>
      of(target, isIPv6(each) ? TYPE.AAAA : TYPE.A, addressBytes(each), HOST_KEEP_SECONDS),
    ),
  ];
}
