import { InvalidArgumentError } from 'commander';
import { loadConfig, needsNothing } from '../config/load.js';
import type { Counted } from '../learning/past/evidence.js';
import { MadeNow, type MakersByWord } from '../learning/past/makers.js';
import { tellWhatIf } from '../learning/tuning/tell-what-if.js';
import {
  type Changes,
  type Deciding,
  Replay,
  type Setting,
  type WhatIf,
} from '../learning/tuning/what-if.js';
import { nearMissesIn } from '../runtime/past.js';
import { voicePlan } from '../runtime/plan.js';
import { makersOf } from '../voice/makers.js';
import type { RegisterCommand } from './command.js';
import { pastOf } from './past.js';
import { configPathOf, stateDirOf } from './state-dir.js';
import { timeOf } from './time-of.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly set: Changes;
  readonly since?: string;
  readonly source?: string;
  readonly json: boolean;
}

const SETTINGS: readonly Setting[] = [
  'tiny.reject',
  'heavy.accept',
  'recogniser.minConfidence',
  'thresholds.reject',
];

/** `catnap what-if`: what other thresholds would have made of what the journal holds. */
export const registerWhatIf: RegisterCommand = (program) => {
  program
    .command('what-if')
    .description('what other thresholds would have made of what the journal holds')
    .requiredOption('--set <setting=value>', `${SETTINGS.join(' or ')}; may be given again`, settingOf)
    .option('--since <time>', 'from this time on, ISO 8601 or like 15m, 24h, 7d ago', timeOf)
    .option('--source <id>', 'of this source')
    .option('--config <file>', 'configuration that names the state folder, and what decides now')
    .option('--state <folder>', 'state folder')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: Flags) => {
      const replay = new Replay();
      const { makers, deciding } = await decidingIn(flags);
      const madeNow = new MadeNow(makers);
      for await (const past of pastOf({ ...flags, from: flags.since }))
        if (madeNow.has(past)) replay.take(past, { apart: madeNow.apart(past), ...deciding(past.source) });
      for await (const missed of nearMissesIn(stateDirOf(flags), { ...flags, from: flags.since }))
        if (madeNow.almostNoticed(missed)) replay.takeNearMiss(missed);
      const result = replay.with(flags.set);
      const { leftOut } = madeNow;
      process.stdout.write(
        flags.json ? `${JSON.stringify({ ...result, leftOut })}\n` : render(result, madeNow.told()),
      );
    });
};

/** By source: what decides there, as the configuration says. */
interface DecidingBySource {
  /** On words; null where it says nothing of them. */
  readonly makers: (source: string) => MakersByWord | null;
  readonly deciding: (source: string) => Deciding;
}

async function decidingIn(flags: Flags): Promise<DecidingBySource> {
  const path = configPathOf(flags);
  if (path === null) return { makers: () => null, deciding: () => ({}) };
  const { sources, cascades } = loadConfig(path, process.env, needsNothing);
  const makers = new Map<string, MakersByWord>();
  const deciding = new Map<string, Deciding>();
  for (const { id, cascade: name } of sources) {
    const cascade = cascades[name];
    deciding.set(
      id,
      cascade?.kind === 'voice' ? { transcriptJudge: cascade.recogniser.judge.kind } : { isAlarm: true },
    );
    if (cascade?.kind === 'voice') makers.set(id, makersOf(cascade, await voicePlan(cascade)));
  }
  return {
    makers: (source) => makers.get(source) ?? null,
    deciding: (source) => deciding.get(source) ?? {},
  };
}

function settingOf(text: string, before: Changes = {}): Changes {
  const [name = '', value = ''] = text.split('=');
  const setting = SETTINGS.find((known) => known === name);
  if (setting === undefined) throw new InvalidArgumentError(`expected ${SETTINGS.join(' or ')} before the =`);
  const threshold = Number(value);
  if (value.trim() !== '' && threshold >= 0 && threshold <= 1) return { ...before, [setting]: threshold };
  throw new InvalidArgumentError('expected a number from 0 to 1 after the =');
}

function render(result: WhatIf, leftOut: string): string {
  const {
    believed,
    gone,
    perhapsGone,
    added,
    perhapsAdded,
    settled,
    unsettled,
    perhapsSettled,
    almost,
    unseen,
  } = result;
  const lines = [
    `${tellWhatIf(result)}${leftOut}`,
    `  believed then: ${told(believed)}`,
    `  fewer: ${told(gone)}`,
    `  perhaps fewer: ${told(perhapsGone)}`,
    `  more: ${told(added)}; what they would have asked is not known`,
    `  perhaps more: ${told(perhapsAdded)}`,
    `  settled here, of what is left: ${told(settled)}`,
    `  passed on: ${told(unsettled)}`,
    `  perhaps settled: ${told(perhapsSettled)}`,
    `  almost noticed: ${almost.told}, of which heavy would be asked about ${almost.noticed}; ${unseen.untold} more were too many to tell`,
  ];
  return `${lines.join('\n')}\n`;
}

function told({ detections, right, wrong, unsaid, cloudCalls, money }: Counted): string {
  const said = `${right} right, ${wrong} wrong, ${unsaid} not known`;
  return `${detections} (${said}), ${cloudCalls} asked the cloud, money ${money.toFixed(4)}`;
}
