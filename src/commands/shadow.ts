import { resolve } from 'node:path';
import { ShadowComparison } from '../learning/shadow/comparison.js';
import { tellCompared } from '../learning/shadow/tell.js';
import { compareKept } from '../runtime/watch-shadow.js';
import type { RegisterCommand } from './command.js';
import { stateDirOf } from './state-dir.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly json: boolean;
}

/** `catnap shadow`: what cascades that listen beside would have decided, against those they listen beside. */
export const registerShadow: RegisterCommand = (program) => {
  program
    .command('shadow')
    .description('whether the cascades that listen beside (`shadow` of the configuration) do better')
    .option('--config <file>', 'configuration that names the state folder')
    .option('--state <folder>', 'state folder')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: Flags) => {
      const comparison = new ShadowComparison();
      await compareKept(comparison, resolve(stateDirOf(flags)));
      const told = comparison.told();
      const lines = told.flatMap(tellCompared);
      const text = lines.length === 0 ? 'no candidate has decided anything yet' : lines.join('\n');
      process.stdout.write(flags.json ? `${JSON.stringify(told)}\n` : `${text}\n`);
    });
};
