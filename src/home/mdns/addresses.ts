import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const LINK_LOCAL = /^fe[89ab]/i;

/** Addresses of this machine at which a service can be reached that listens at `host`. */
export function addressesOf(host: string): readonly string[] {
  switch (host) {
    case '0.0.0.0':
      return ownIpv4();
    case '::':
      return [...ownIpv4(), ...ownIpv6()];
    default:
      return [host];
  }
}

/** All addresses of this machine. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((its) => (its ?? []).map(({ address }) => address));
}

/** Name of the interface that an address is of; null where none has it. */
export function interfaceOf(address: string): string | null {
  const found = Object.entries(networkInterfaces()).find(([, its]) =>
    its?.some((each) => each.address === address),
  );
  return found?.[0] ?? null;
}

/** An address as it stands in an A or AAAA record: 4 or 16 bytes. */
export function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  // As a URL it has neither zone nor dotted end, and is written in one way.
  const [plain = ''] = address.split('%');
  const [start = '', end = ''] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [groupsOf(start), groupsOf(end)];
  const middle = Array<number>(8 - first.length - last.length).fill(0);
  return Buffer.from([...first, ...middle, ...last].flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function ownIpv4(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((its) => its ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}

/** One an interface: that of the link only where it has no other. */
function ownIpv6(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((its) => {
    const all = (its ?? []).filter(({ family, internal }) => family === 'IPv6' && !internal);
    const best = all.find(({ address }) => !LINK_LOCAL.test(address)) ?? all[0];
    return best === undefined ? [] : [best.address];
  });
}
