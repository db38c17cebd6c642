import { resolve } from 'node:path';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { ShadowComparison } from '../learning/shadow/comparison.js';
import { tellCompared, tellRoutes } from '../learning/shadow/tell.js';
import { compareKept, routesKept } from '../runtime/watch-shadow.js';
import type { RegisterCommand } from './command.js';
import { keptIn, stateDirOf } from './state-dir.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly json: boolean;
}

/** `catnap shadow`: what candidates would have decided, cascades and a router, against what they are beside. */
export const registerShadow: RegisterCommand = (program) => {
  program
    .command('shadow')
    .description(
      'whether what is tried beside (`shadow` and `uplink.routing.beside` of the configuration) does better',
    )
    .option('--config <file>', 'configuration that names the state folder')
    .option('--state <folder>', 'state folder')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: Flags) => {
      keptIn(flags, JOURNAL_FOLDER);
      const stateDir = resolve(stateDirOf(flags));
      const comparison = new ShadowComparison();
      await compareKept(comparison, stateDir);
      const [told, router] = [comparison.told(), (await routesKept(stateDir)).told()];
      const lines = [...told.flatMap(tellCompared), ...(router === null ? [] : tellRoutes(router))];
      const text = lines.length === 0 ? 'no candidate has decided anything yet' : lines.join('\n');
      process.stdout.write(flags.json ? `${JSON.stringify({ sources: told, router })}\n` : `${text}\n`);
    });
};
