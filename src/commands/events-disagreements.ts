import type { Command } from 'commander';
import { type Disagreement, Disagreements } from '../learning/past/disagreements.js';
import { percent } from './bench-common.js';
import { type PastFlags, pastOf } from './past.js';

/** Detections told of each pair, for a person; the JSON has more. */
const [TOLD, TOLD_JSON] = [3, 100];

/** `catnap events disagreements`: who called the same detection what, by source. */
export function registerDisagreements(events: Command): void {
  events
    .command('disagreements')
    .description(
      'where owner, folder, cloud, recogniser, heavy and tiny called the same detection real and not real',
    )
    // The options of `catnap events`, which stand before or behind.
    .action(async (_: unknown, command: Command) => {
      const flags: PastFlags & { readonly json: boolean } = command.optsWithGlobals();
      const disagreements = new Disagreements(flags.json ? TOLD_JSON : TOLD);
      for await (const past of pastOf(flags)) disagreements.take(past);
      const told = disagreements.told();
      process.stdout.write(
        flags.json ? `${JSON.stringify(told)}\n` : `${told.map(lineOf).join('\n') || 'none'}\n`,
      );
    });
}

function lineOf({ source, surer, other, both, differ, about }: Disagreement): string {
  const agree = both === 0 ? '' : ` (${other} agrees with ${surer} in ${percent(1 - differ / both)})`;
  const newest = about.map(({ detection, at, label }) => `\n    ${at}  ${label}  ${detection}`).join('');
  return `${source}: ${surer} over ${other}: ${differ} of ${both} differ${agree}${newest}`;
}
