import { userInfo } from 'node:os';
import { FileAnomalyStore } from '../sensor/normal/state-file.js';
import { anomalyStatePath } from '../sensor/normal/state-path.js';
import type { RegisterCommand } from './command.js';
import { stateDirOf } from './state-dir.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
}

/** `catnap learn`: what is normal for a sensor, learnt anew after maintenance. */
export const registerLearn: RegisterCommand = (program) => {
  program
    .command('learn')
    .description('what a sensor takes for normal')
    .command('again')
    .description(
      'forget what is normal for a source and learn it from now on; a running Catnap does so at once',
    )
    .argument('<source>', 'id of the source')
    .option('--config <file>', 'configuration that names the state folder')
    .option('--state <folder>', 'state folder')
    .action(again);
};

async function again(source: string, flags: Flags): Promise<void> {
  new FileAnomalyStore(anomalyStatePath(stateDirOf(flags), source)).wish(userInfo().username);
  process.stdout.write(`${source} is learnt again: at once where Catnap runs, else from its next start on\n`);
}
