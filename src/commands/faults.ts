import { CatnapError } from '../core/errors.js';
import { mostMoved, NamedFaults } from '../sensor/named-faults.js';
import type { FaultMemory } from '../sensor/normal/faults.js';
import type { RegisterCommand } from './command.js';
import { stateDirOf } from './state-dir.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly sample?: string;
  readonly json: boolean;
}

/** `catnap faults`: names for what the sensor cascade found, so that it knows the fault when it comes again. */
export const registerFaults: RegisterCommand = (program) => {
  const faults = program.command('faults').description('look at the faults of a sensor and name them');
  const add = (name: string, description: string) =>
    faults
      .command(name)
      .description(description)
      .argument('<source>', 'id of the source')
      .option('--config <file>', 'configuration that names the state folder')
      .option('--state <folder>', 'state folder')
      .option('--json', 'print JSON', false);
  add('list', 'list the faults that were confirmed and those that have a name').action(list);
  add('name', 'name a fault; the newest one, or the one that began nearest to a sample')
    .argument('<name>', 'what to call it from now on')
    .option('--sample <index>', 'where it began, on the sample clock')
    .action(name);
  add('rename', 'call a known fault otherwise; where the new name is known, the two become one')
    .argument('<from>', 'its name')
    .argument('<to>', 'its new name')
    .action(rename);
  add('forget', 'forget a name: the fault is unknown when it comes again')
    .argument('<name>', 'its name')
    .action(forget);
};

async function list(source: string, flags: Flags): Promise<void> {
  const { memory, recent } = faultsOf(source, flags);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...memory, recent })}\n`);
    return;
  }
  for (const fault of recent) {
    const called = fault.name === null ? '' : `, known as ${fault.name}`;
    process.stdout.write(`sample ${fault.startSample}${called}: ${mostMoved(memory.features, fault)}\n`);
  }
  for (const fault of memory.known) {
    process.stdout.write(`${fault.name}: ${mostMoved(memory.features, fault)}\n`);
  }
}

async function name(source: string, called: string, flags: Flags): Promise<void> {
  const sample = flags.sample === undefined ? null : Number(flags.sample);
  if (sample !== null && !Number.isInteger(sample)) {
    throw new CatnapError('USAGE', `--sample: expected a whole number, found "${flags.sample}"`);
  }
  const { known } = faultsOf(source, flags).name(called, sample);
  process.stdout.write(flags.json ? `${JSON.stringify(known.at(-1))}\n` : `${called} is known now\n`);
}

async function rename(source: string, from: string, to: string, flags: Flags): Promise<void> {
  tell(faultsOf(source, flags).rename(from, to), flags, `${from} is ${to} now`);
}

async function forget(source: string, called: string, flags: Flags): Promise<void> {
  tell(faultsOf(source, flags).forget(called), flags, `${called} is forgotten`);
}

function tell({ known }: FaultMemory, flags: Flags, said: string): void {
  process.stdout.write(flags.json ? `${JSON.stringify(known)}\n` : `${said}\n`);
}

function faultsOf(source: string, flags: Flags): NamedFaults {
  return new NamedFaults(stateDirOf(flags), source);
}
