import { type Answer, TYPE } from './message.js';

/** Whether data of an A or AAAA record is an address of this machine. */
export type IsOwnAddress = (data: Buffer) => boolean;

/**
 * Whether what another `said` makes a name of `own` the other's (RFC 6762, 8.1 and 9): a record that only one may
 * have, with other data. An address of this machine is nobody else's.
 */
export function isTaken(
  own: readonly Answer[],
  said: readonly Answer[],
  isOwnAddress: IsOwnAddress,
): boolean {
  return said.some((theirs) => {
    const same = own.filter((mine) => mine.isOnly && isOfSame(mine, theirs));
    if (same.length === 0 || theirs.keepSeconds === 0) return false;
    return !same.some(({ data }) => data.equals(theirs.data)) && !isAddressOf(theirs, isOwnAddress);
  });
}

/**
 * Whether another that claims a name of `own` at the same time is to have it (RFC 6762, 8.2): the one whose records
 * come later, by type and then by data.
 * @param proposed what the other claims
 */
export function outweighs(
  proposed: readonly Answer[],
  own: readonly Answer[],
  isOwnAddress: IsOwnAddress,
): boolean {
  const names = new Set(own.map(({ name }) => name.toLowerCase()));
  return [...names].some((name) => {
    const of = (records: readonly Answer[]): Answer[] =>
      records.filter((each) => each.name.toLowerCase() === name).sort(byOrder);
    const [mine, theirs] = [of(own), of(proposed)];
    const isOwn = theirs.every((each) => isAddressOf(each, isOwnAddress));
    return !isOwn && compareAll(theirs, mine) > 0;
  });
}

function isAddressOf({ type, data }: Answer, isOwnAddress: IsOwnAddress): boolean {
  return (type === TYPE.A || type === TYPE.AAAA) && isOwnAddress(data);
}

function isOfSame(one: Answer, other: Answer): boolean {
  return one.type === other.type && one.name.toLowerCase() === other.name.toLowerCase();
}

function byOrder(one: Answer, other: Answer): number {
  return one.type - other.type || Buffer.compare(one.data, other.data);
}

/** Above 0 where `some` come later than `others`, each in order. Of the same beginning, the longer comes later. */
function compareAll(some: readonly Answer[], others: readonly Answer[]): number {
  for (const [i, each] of some.entries()) {
    const other = others[i];
    const order = other === undefined ? 1 : byOrder(each, other);
    if (order !== 0) return order;
  }
  return some.length - others.length;
}
