import { describe, expect, it } from 'vitest';
import { addressBytes } from '../../../../src/home/mdns/addresses.js';
import { isTaken, outweighs } from '../../../../src/home/mdns/claim.js';
import { type Answer, TYPE } from '../../../../src/home/mdns/message.js';

const NOBODY = (): boolean => false;

function address(of: string, name = 'MyPrinter.local'): Answer {
  return { name, type: TYPE.A, isOnly: true, keepSeconds: 120, data: addressBytes(of) };
}

function text(data: string, name = 'MyPrinter.local'): Answer {
  return { name, type: TYPE.TXT, isOnly: true, keepSeconds: 120, data: Buffer.from(data) };
}

describe('of two that claim a name at once', () => {
  // The example of RFC 6762, 8.2.1.
  const [low, high] = [[address('169.254.99.200')], [address('169.254.200.50')]];

  it('the one whose data come later has it, each byte as a number from 0 to 255', () => {
    expect(outweighs(high, low, NOBODY)).toBe(true);
    expect(outweighs(low, high, NOBODY)).toBe(false);
  });

  it('neither leaves it to itself', () => {
    expect(outweighs(low, low, NOBODY)).toBe(false);
    expect(outweighs(high, low, (data) => data.equals(addressBytes('169.254.200.50')))).toBe(false);
  });

  it('records are compared in order of their types, and the longer list has it where all before are the same', () => {
    const [own] = low;
    if (own === undefined) throw new Error('expected a record');
    expect(outweighs([text('b'), own], [own, text('a')], NOBODY)).toBe(true);
    expect(outweighs([own, text('a')], [own], NOBODY)).toBe(true);
    expect(outweighs([own], [own, text('a')], NOBODY)).toBe(false);
  });

  it('what is claimed of other names is nothing to it', () => {
    expect(outweighs([address('255.255.255.255', 'other.local')], low, NOBODY)).toBe(false);
  });
});

describe('a name is taken', () => {
  const own = [address('10.0.0.1')];

  it('when another says something else of it, in whatever case', () => {
    expect(isTaken(own, [address('10.0.0.2', 'myprinter.LOCAL')], NOBODY)).toBe(true);
  });

  it('not by the same, by what is taken back, of another name or type, or an address of this machine', () => {
    expect(isTaken(own, [address('10.0.0.1')], NOBODY)).toBe(false);
    expect(isTaken(own, [{ ...address('10.0.0.2'), keepSeconds: 0 }], NOBODY)).toBe(false);
    expect(isTaken(own, [address('10.0.0.2', 'other.local'), text('a')], NOBODY)).toBe(false);
    expect(isTaken(own, [address('10.0.0.2')], (data) => data.equals(addressBytes('10.0.0.2')))).toBe(false);
  });
});
