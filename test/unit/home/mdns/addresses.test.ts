import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { addressBytes, addressesOf, interfaceOf } from '../../../../src/home/mdns/addresses.js';

it('is the address that a service listens at, or those of the machine, without its own loopback', () => {
  expect(addressesOf('192.168.1.7')).toEqual(['192.168.1.7']);
  const [ipv4, both] = [addressesOf('0.0.0.0'), addressesOf('::')];
  expect(ipv4.filter((address) => address.includes(':') || address.startsWith('127.'))).toEqual([]);
  expect(both.slice(0, ipv4.length)).toEqual(ipv4);
  expect(both).not.toContain('::1');
  // One an interface.
  const found = both.slice(ipv4.length).map(interfaceOf);
  expect(new Set(found).size).toBe(found.length);
});

it('is of an interface', () => {
  const [name, its] = Object.entries(networkInterfaces())[0] ?? [];
  expect(interfaceOf(its?.[0]?.address ?? '')).toBe(name);
  expect(interfaceOf('203.0.113.9')).toBeNull();
});

it.each([
  ['192.168.1.7', 'c0a80107'],
  ['::1', `${'0'.repeat(31)}1`],
  ['fe80::fc:ff:fe00:1%eth0', 'fe8000000000000000fc00fffe000001'],
  ['2001:DB8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
  ['2001:db8::', `20010db8${'0'.repeat(24)}`],
  ['::ffff:10.0.0.1', '00000000000000000000ffff0a000001'],
])('%s stands in a record as %s', (address, hex) => {
  expect(addressBytes(address).toString('hex')).toBe(hex);
});
