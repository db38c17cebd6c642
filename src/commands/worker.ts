import { once } from 'node:events';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { levelOf } from '../edge/topics.js';
import { startEdgeWorker } from '../runtime/edge/edge-worker.js';
import { version } from '../runtime/process/version.js';
import { HOSTED_KINDS } from '../runtime/stages.js';
import { type BrokerFlags, edgePlace, withBroker } from './broker-options.js';
import type { RegisterCommand } from './command.js';
import { wholeNumber } from './whole-number.js';

interface WorkerFlags extends BrokerFlags {
  readonly group: string;
  readonly name: string;
  readonly hands: number;
  readonly models?: string;
  readonly warm: number;
}

/** `catnap worker`: answers for stages of devices that ask at a broker. */
export const registerWorker: RegisterCommand = (program) => {
  const command = program
    .command('worker')
    .description('answer for the stages of smaller devices, which ask at an MQTT 5 broker');
  withBroker(command)
    .option('--group <name>', 'workers of one group share what is asked', 'catnap')
    .option('--name <name>', 'name of this worker at the broker', levelOf(hostname()))
    .option(
      '--hands <count>',
      'questions answered at one time, each in a process of its own',
      wholeNumber(1),
      1,
    )
    .option('--models <folder>', 'models and modules that do not ship with Catnap')
    .option('--warm <seconds>', 'models stay loaded this long after the last question', wholeNumber(1), 3600)
    .action(async ({ group, name, hands, models, warm, ...flags }: WorkerFlags) => {
      const say = (line: string): void => void process.stderr.write(`${line}\n`);
      const from = edgePlace(flags);
      const worker = startEdgeWorker({
        ...from,
        group,
        name: levelOf(name),
        version,
        kinds: HOSTED_KINDS,
        hands,
        shelf: models === undefined ? null : resolve(models),
        warmMs: warm * 1000,
        onUp: (hand) => say(`catnap worker ${hand} serves at ${from.broker.url}`),
        onDown: (hand, why) => say(`catnap worker ${hand}: ${why.message}; tried again`),
        onHealth: (hand, { code, detail }) => say(`catnap worker ${hand}: ${detail} (${code})`),
      });
      await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
      await worker.close();
    });
};
