import type { Command } from 'commander';

/** A command adds itself to the program; `src/cli.ts` lists them. */
export type RegisterCommand = (program: Command) => void;

/** Adds commands below one that are about a voice cascade of a configuration, and answer in JSON where asked to. */
export function cascadeCommands(parent: Command): (name: string, description: string) => Command {
  return (name, description) =>
    parent
      .command(name)
      .description(description)
      .option('--config <file>', 'configuration', 'catnap.yaml')
      .option('--cascade <name>', 'voice cascade of it', 'voice')
      .option('--json', 'print JSON', false);
}

/** Says what a command did: in a sentence, or as a line of JSON where that is asked for. */
export function answer(said: string, record: object, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(record)}\n` : said);
}
