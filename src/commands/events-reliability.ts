import type { Command } from 'commander';
import { ReliabilityWatch, tellReliability } from '../learning/past/reliability.js';
import { type PastFlags, pastOf } from './past.js';

/** `catnap events reliability`: whether each stage is as often right as it is sure, by source. */
export function registerReliability(events: Command): void {
  events
    .command('reliability')
    .description('how sure each stage was, and how often that was right, of what is labelled')
    // The options of `catnap events`, which stand before or behind.
    .action(async (_: unknown, command: Command) => {
      const flags: PastFlags & { readonly json: boolean } = command.optsWithGlobals();
      const watch = new ReliabilityWatch();
      for await (const past of pastOf(flags)) watch.take(past);
      const told = watch.told();
      const lines = told.map((each) => `${each.source}: ${tellReliability(each)}`);
      process.stdout.write(
        flags.json ? `${JSON.stringify(told)}\n` : `${lines.join('\n') || 'nothing is labelled'}\n`,
      );
    });
}
