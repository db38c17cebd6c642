import { InvalidArgumentError } from 'commander';

/** Reads an option's value; whoever gives another than a number above 0 is told so. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a number above 0');
}
