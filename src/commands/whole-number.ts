import { InvalidArgumentError } from 'commander';

/** Reads an option's value; whoever gives another than a whole number of at least `least` is told so. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && text.trim() !== '') return value;
    throw new InvalidArgumentError(`expected a whole number of at least ${least}`);
  };
}
