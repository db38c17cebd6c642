import { basename, extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { CatnapError, EXIT } from '../core/errors.js';
import { Overseer, type Parcel } from '../edge/fleet/overseer.js';
import { edgeTopics } from '../edge/topics.js';
import { createBroker } from '../egress/broker.js';
import { createWayOut } from '../egress/way-out.js';
import { systemTimer } from '../runtime/process/system-clock.js';
import { type BrokerFlags, edgePlace, withBroker } from './broker-options.js';
import { answer, type RegisterCommand } from './command.js';
import { asPage, asTable, compared } from './fleet-report.js';
import { inputFile } from './input-file.js';
import { wholeNumber } from './whole-number.js';

interface ListFlags extends BrokerFlags {
  readonly json: boolean;
  readonly html: boolean;
}

interface BackFlags extends BrokerFlags {
  readonly json: boolean;
}

interface RollOutFlags extends BackFlags {
  readonly to?: string[];
  readonly waves: readonly string[];
  readonly settle: number;
  readonly within: number;
}

/** `catnap fleet`: what the devices of a broker say of themselves, and what is rolled out to them. */
export const registerFleet: RegisterCommand = (program) => {
  const fleet = program.command('fleet').description('look after the devices that share an MQTT 5 broker');
  const withFormat = (name: string, about: string) =>
    withBroker(fleet.command(name).description(about)).option('--json', 'print one JSON object', false);
  withFormat('list', 'list devices: version, health, configuration, drift and cost')
    .option('--html', 'print a page', false)
    .action((flags: ListFlags) =>
      overseen(flags, async (overseer) => {
        const devices = overseer.devices();
        if (flags.html) process.stdout.write(asPage(devices));
        else answer(asTable(devices) || 'no devices\n', devices, flags.json);
      }),
    );
  withFormat('compare', 'say where versions, models, thresholds and figures of devices differ').action(
    (flags: ListFlags) =>
      overseen(flags, async (overseer) => {
        const devices = overseer.devices();
        const differences = compared(devices);
        const said = differences.map(({ what, values }) => line(what, values)).join('');
        answer(said || 'no devices\n', differences, flags.json);
      }),
  );
  withBroker(fleet.command('roll-out').description('have devices take a configuration or a model file'))
    .argument('<file>', 'a configuration (.yaml), or a file for the folder models beside it')
    .option('--to <devices...>', 'these; left out, all that are there and accept it')
    .option('--waves <counts>', 'devices that have it after each wave, as numbers or shares', wavesOf, [
      '1',
      '25%',
      '100%',
    ])
    .option('--settle <seconds>', 'a wave has to be well for so long before the next', wholeNumber(1), 30)
    .option('--within <seconds>', 'and there again within so long', wholeNumber(1), 120)
    .option('--json', 'print JSON Lines', false)
    .action((file: string, flags: RollOutFlags) => {
      const parcel = parcelOf(file);
      return overseen(flags, (overseer) => rollOut(overseer, parcel, flags));
    });
  withBroker(fleet.command('back').description('have devices take back what was rolled out last'))
    .argument('<devices...>')
    .option('--json', 'print JSON Lines', false)
    .action((devices: string[], flags: BackFlags) =>
      overseen(flags, async (overseer) => {
        const told = await overseer.back(devices);
        for (const back of told) answer(`${back.said}\n`, back, flags.json);
        if (!told.every(({ isBack }) => isBack)) process.exitCode = EXIT.tempFail;
      }),
    );
};

async function rollOut(overseer: Overseer, parcel: Parcel, flags: RollOutFlags): Promise<void> {
  const able = overseer.devices().filter(({ isThere, about }) => isThere && about?.accepts === true);
  const names = flags.to ?? able.map(({ device }) => device);
  const strange = names.filter((name) => !able.some(({ device }) => device === name));
  if (names.length === 0 || strange.length > 0)
    throw new CatnapError(
      'USAGE',
      `expected devices that are there with edge.fleet.accept, found ${strange.join(', ') || 'none'}`,
    );
  const waves = flags.waves.map((wave) => countOf(wave, names.length));
  const all = await overseer.rollOut(names, parcel, {
    waves: waves.at(-1) === names.length ? waves : [...waves, names.length],
    settleMs: flags.settle * 1000,
    withinMs: flags.within * 1000,
    say: (said) => answer(`${said}\n`, { said }, flags.json),
  });
  answer(
    all ? `rolled out to ${names.length}\n` : 'not rolled out\n',
    { isRolledOut: all, to: names },
    flags.json,
  );
  if (!all) process.exitCode = EXIT.tempFail;
}

async function overseen(flags: BrokerFlags, work: (overseer: Overseer) => Promise<void>): Promise<void> {
  const { broker, topic } = edgePlace(flags);
  const overseer = new Overseer(
    createBroker(broker, createWayOut(false), systemTimer),
    edgeTopics(topic),
    systemTimer,
  );
  try {
    await overseer.open();
    await work(overseer);
  } finally {
    await overseer.close();
  }
}

function parcelOf(file: string): Parcel {
  const content = inputFile(file);
  const isConfig = ['.yaml', '.yml'].includes(extname(file));
  return isConfig ? { kind: 'config', content } : { kind: 'model', name: basename(file), content };
}

function wavesOf(text: string): readonly string[] {
  const waves = text.split(',').map((wave) => wave.trim());
  if (waves.every((wave) => /^[1-9]\d*%?$/.test(wave))) return waves;
  throw new InvalidArgumentError('expected numbers or shares, as 1,25%,100%');
}

function countOf(wave: string, all: number): number {
  const share = wave.endsWith('%') ? Math.ceil((Number(wave.slice(0, -1)) / 100) * all) : Number(wave);
  return Math.min(all, share);
}

function line(what: string, values: Readonly<Record<string, unknown>>): string {
  const each = Object.entries(values).map(([device, value]) => `  ${device}: ${JSON.stringify(value)}\n`);
  return `${what}\n${each.join('')}`;
}
