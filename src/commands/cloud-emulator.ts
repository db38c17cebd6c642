import { InvalidArgumentError } from 'commander';
import { mulberry32 } from '../core/random.js';
import { type Behaviour, Emulator } from '../emulator/emulator.js';
import { systemTimer } from '../runtime/process/system-clock.js';
import type { RegisterCommand } from './command.js';
import { portNumber } from './port-number.js';
import { wholeNumber } from './whole-number.js';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly state?: string;
  readonly connect: number;
  readonly think: number;
  readonly word: number;
  readonly fault: readonly Fault[];
  readonly seed: number;
  readonly json?: boolean;
}

interface Fault {
  readonly behaviour: Behaviour;
  readonly share: number;
}

const FAULTS: Readonly<Record<string, Behaviour>> = {
  'lost-ack': { kind: 'lost-ack' },
  disconnect: { kind: 'disconnect' },
  freeze: { kind: 'freeze' },
  mute: { kind: 'mute' },
  drip: { kind: 'drip' },
  flood: { kind: 'flood' },
  oversize: { kind: 'oversize', bytes: 1024 * 1024 },
  garbage: { kind: 'garbage' },
  'bad-answer': { kind: 'bad-answer', repairable: true },
  '400': { kind: 'reject', status: 400, retryAfterMs: null },
  '413': { kind: 'reject', status: 413, retryAfterMs: null },
  '429': { kind: 'reject', status: 429, retryAfterMs: 1_000 },
  '500': { kind: 'reject', status: 500, retryAfterMs: null },
  '503': { kind: 'reject', status: 503, retryAfterMs: 1_000 },
};

/** `catnap cloud-emulator`: the far end, for demonstrations and tests. */
export const registerCloudEmulator: RegisterCommand = (program) => {
  program
    .command('cloud-emulator')
    .description('serve the plain JSON protocol with scripted answers, for demonstrations and tests')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'TCP port; 0 takes a free one', portNumber, 8421)
    .option('--token <secret>', 'bearer token that connections must carry')
    .option('--state <file>', 'file that remembers the events done over restarts')
    .option('--connect <ms>', 'time the upgrade is kept waiting, as distance would', wholeNumber(0), 0)
    .option('--think <ms>', 'time to the first word', wholeNumber(0), 250)
    .option('--word <ms>', 'time between words', wholeNumber(0), 35)
    .option(
      '--fault <kind=share>',
      `misbehave with a share of events (${Object.keys(FAULTS).join(', ')})`,
      fault,
      [],
    )
    .option('--seed <number>', 'seed of the misbehaviour', wholeNumber(0), 1)
    .option('--json', 'print JSON Lines')
    .action(run);
};

async function run(options: Options): Promise<void> {
  const say = (line: string, record: object) => {
    process.stdout.write(`${options.json ? JSON.stringify(record) : line}\n`);
  };
  const random = mulberry32(options.seed);
  const emulator = await Emulator.start(systemTimer, {
    host: options.host,
    port: options.port,
    token: options.token ?? null,
    stateFile: options.state ?? null,
    connectMs: options.connect,
    thinkMs: options.think,
    wordMs: options.word,
    behave: () => drawFault(options.fault, random()),
    onSpeech: (key, samples, outcome) => {
      say(`speech of ${samples} samples  ${key}  ${outcome}`, { type: 'speech', key, samples, outcome });
    },
    onEvent: ({ key, source, label }, duplicate) => {
      say(`${source}  ${label ?? '-'}  ${key}${duplicate ? '  (again)' : ''}`, {
        type: 'event',
        key,
        source,
        label,
        duplicate,
      });
    },
  });
  say(`cloud emulator listens on ${emulator.url}`, {
    type: 'listening',
    url: emulator.url,
    port: emulator.port,
  });
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await emulator.close();
}

function drawFault(faults: readonly Fault[], drawn: number): Behaviour {
  let upTo = 0;
  for (const { behaviour, share } of faults) {
    upTo += share;
    if (drawn < upTo) return behaviour;
  }
  return { kind: 'answer' };
}

function fault(text: string, previous: readonly Fault[]): readonly Fault[] {
  const [kind = '', share = '1'] = text.split('=');
  const behaviour = FAULTS[kind];
  const value = Number(share);
  if (behaviour === undefined || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError(
      `expected KIND=SHARE, KIND one of ${Object.keys(FAULTS).join(', ')}, SHARE 0 to 1`,
    );
  }
  return [...previous, { behaviour, share: value }];
}
