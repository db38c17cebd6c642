import type { Command } from 'commander';

/** A command adds itself to the program; `src/cli.ts` lists them. */
export type RegisterCommand = (program: Command) => void;
