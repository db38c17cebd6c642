import { InvalidArgumentError } from 'commander';
import { loadConfig, needsNothing } from '../config/load.js';
import type { Counted } from '../learning/past/evidence.js';
import { MadeNow, type MakersByWord } from '../learning/past/makers.js';
import { tellWhatIf } from '../learning/tuning/tell-what-if.js';
import { type Changes, Replay, type Setting, type WhatIf } from '../learning/tuning/what-if.js';
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

const SETTINGS: readonly Setting[] = ['tiny.reject', 'heavy.accept'];

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
      const madeNow = new MadeNow(await makersIn(flags));
      for await (const past of pastOf({ ...flags, from: flags.since }))
        if (madeNow.has(past)) replay.take(past, madeNow.apart(past));
      for await (const missed of nearMissesIn(stateDirOf(flags), { ...flags, from: flags.since }))
        if (madeNow.almostNoticed(missed)) replay.takeNearMiss(missed);
      const result = replay.with(flags.set);
      const { leftOut } = madeNow;
      process.stdout.write(
        flags.json ? `${JSON.stringify({ ...result, leftOut })}\n` : render(result, madeNow.told()),
      );
    });
};

/** By source: what decides on words there, as the configuration says; null where it says nothing of them. */
async function makersIn(flags: Flags): Promise<(source: string) => MakersByWord | null> {
  const path = configPathOf(flags);
  if (path === null) return () => null;
  const { sources, cascades } = loadConfig(path, process.env, needsNothing);
  const bySource = new Map<string, MakersByWord>();
  for (const { id, cascade: name } of sources) {
    const cascade = cascades[name];
    if (cascade?.kind === 'voice') bySource.set(id, makersOf(cascade, await voicePlan(cascade)));
  }
  return (source) => bySource.get(source) ?? null;
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
  const { believed, gone, perhapsGone, added, perhapsAdded, almost } = result;
  const lines = [
    `${tellWhatIf(result)}${leftOut}`,
    `  believed then: ${told(believed)}`,
    `  fewer: ${told(gone)}`,
    `  perhaps fewer: ${told(perhapsGone)}`,
    `  more: ${told(added)}; what they would have asked is not known`,
    `  perhaps more: ${told(perhapsAdded)}`,
    `  almost noticed: ${almost.told}, of which heavy would be asked about ${almost.noticed}`,
  ];
  return `${lines.join('\n')}\n`;
}

function told({ detections, right, wrong, unsaid, cloudCalls, money }: Counted): string {
  const said = `${right} right, ${wrong} wrong, ${unsaid} not known`;
  return `${detections} (${said}), ${cloudCalls} asked the cloud, money ${money.toFixed(4)}`;
}
