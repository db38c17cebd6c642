import { InvalidArgumentError } from 'commander';

/** Reads an option's value as a TCP port; 0 takes a free one. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port;
  throw new InvalidArgumentError('expected a port from 0 to 65535');
}
