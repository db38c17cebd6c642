import { InvalidArgumentError, Option } from 'commander';
import { CatnapError } from '../core/errors.js';
import { MadeNow } from '../learning/past/makers.js';
import { JournalHearing } from '../learning/tuning/from-journal.js';
import { frontSvg } from '../learning/tuning/front-svg.js';
import { tuneWords } from '../learning/tuning/tune-words.js';
import type { Weights, Wish } from '../learning/tuning/wish.js';
import { voicePlan } from '../runtime/plan.js';
import type { VoiceConfig } from '../voice/config.js';
import { makersOf } from '../voice/makers.js';
import { type CascadeFlags, CONFIG, cascadeNamed, cascadeOf, EVERY } from './bench-common.js';
import type { RegisterCommand } from './command.js';
import { checkOutput, writeOutput } from './output-file.js';
import { pastOf } from './past.js';
import { positiveNumber } from './positive-number.js';
import { timeOf } from './time-of.js';
import { PASSES, tuneAlarms } from './tune-alarms.js';
import { type HearingFlags, heardNow, lowestNotice, SCORES, wordsInForce } from './tune-hearing.js';
import { renderTuning, type Tuning } from './tune-report.js';
import { tuneRouter } from './tune-router.js';
import { tuneSettling } from './tune-settling.js';
import { writeThresholds } from './tune-write.js';
import { wholeNumber } from './whole-number.js';

interface TuneFlags extends CascadeFlags, Omit<HearingFlags, 'notices'> {
  readonly data?: string;
  readonly notices?: number;
  readonly journal: boolean;
  readonly state?: string;
  readonly since?: string;
  readonly falseAlarmsPerDay?: number;
  readonly budget?: number;
  readonly weights?: Weights;
  readonly folds: number;
  readonly svg?: string;
  readonly of: 'wake' | 'settling' | 'alarms';
  readonly wrongSettled: number;
  readonly router?: string;
  readonly wrongTurns: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const HOURS_A_DAY = 24;
/** Thresholds of tiny that recordings are heard with. */
const NOTICES = 3;

/** What a journal tells, and what of it was left out, in words. */
interface HeardBefore {
  readonly hearing: JournalHearing;
  readonly leftOut: string;
}

/** `catnap tune`: the thresholds of the wake stages from labelled recordings, the journal or both. */
export const registerTune: RegisterCommand = (program) => {
  program
    .command('tune')
    .description(
      'find thresholds from recordings or the journal, and write them: of tiny and heavy together, of settling, of alarms',
    )
    .option('--data <dir>', 'folder with wake.csv (file, keyword, group), noise.csv, ...')
    .option('--journal', 'learn from the journal, too, and what was said of its detections', false)
    .option('--state <folder>', 'state folder of the journal')
    .option('--since <time>', 'of the journal, from this time on, ISO 8601 or like 15m, 24h, 7d ago', timeOf)
    .addOption(CONFIG)
    .addOption(cascadeNamed('voice'))
    .addOption(
      new Option('--of <what>', 'which thresholds: of wake words, of what is settled here, of sensor alarms')
        .choices(['wake', 'settling', 'alarms'])
        .default('wake'),
    )
    .option(
      '--wrong-settled <share>',
      'with --of settling: most of what is settled here that may be wrong',
      share,
      0.05,
    )
    .option('--false-alarms-per-day <n>', 'what is bearable; 1 where nothing else is wished', positiveNumber)
    .option('--budget <n/day>', 'most wakes that may ask the cloud, like 200/day', perDay)
    .option(
      '--weights <list>',
      'like cost=0.3,quality=0.6,latency=0.1, of what is within the limits',
      weightsOf,
    )
    .option(
      '--notices <n>',
      `thresholds around the one in force that --data is heard with: of tiny ${NOTICES}, of alarms ${PASSES}`,
      wholeNumber(1),
    )
    .option('--folds <n>', 'parts that the groups are dealt into for cross-validation', wholeNumber(2), 5)
    .addOption(EVERY)
    .addOption(SCORES)
    .option('--svg <file>', 'draw the front into this file')
    .option(
      '--router <file>',
      'learn from the journal which questions need the dear provider, into this file',
    )
    .option(
      '--wrong-turns <share>',
      'with --router: most of what begins at the dear provider that need not have',
      share,
      0.3,
    )
    .option('--dry-run', 'leave the configuration as it is', false)
    .option('--json', 'print the figures as JSON', false)
    .action(run);
};

async function run(flags: TuneFlags): Promise<void> {
  const { router, of, data, journal, cascade } = flags;
  checkOutput(flags.svg);
  checkOutput(flags.scores);
  if (router !== undefined) return tuneRouter({ ...flags, router });
  if (data === undefined && !journal)
    throw new CatnapError('USAGE', 'expected --data or --journal, or both: nothing to learn from');
  switch (of) {
    case 'settling':
      return tuneSettling(flags);
    case 'alarms':
      return tell(await alarmsOf(flags), flags);
    case 'wake': {
      const config = cascadeOf(flags, 'voice');
      if (!config.heavy.enabled)
        throw new CatnapError('USAGE', `--cascade ${cascade}: expected one with a heavy stage`);
      return tell(await tune(config, flags), flags);
    }
  }
}

function tell(tuning: Tuning, flags: TuneFlags): void {
  if (flags.svg !== undefined) writeOutput(flags.svg, frontSvg(tuning), 0o644);
  process.stdout.write(flags.json ? `${JSON.stringify(tuning)}\n` : renderTuning(tuning, flags.cascade));
}

async function alarmsOf(flags: TuneFlags): Promise<Tuning> {
  const { config } = flags;
  if (config === undefined)
    throw new CatnapError('USAGE', '--of alarms: expected --config, whose sensor cascade is tuned');
  return tuneAlarms({ ...flags, config }, wishOf(flags));
}

async function tune(config: VoiceConfig, flags: TuneFlags): Promise<Tuning> {
  const plan = await voicePlan(config);
  const { words } = plan;
  const inForce = await wordsInForce(config, words);
  const past = flags.journal
    ? await heardBefore(flags, new MadeNow(() => makersOf(config, plan)), words)
    : null;
  const fresh =
    flags.data === undefined
      ? null
      : await heardNow(flags.data, config, inForce, { ...flags, notices: flags.notices ?? NOTICES });
  // What tiny let pass is not in the journal: with a lower threshold it would tell of too few.
  const passes = fresh ?? [{ notice: lowestNotice(inForce), listened: [] }];
  const heard = passes.map(({ notice, listened }) => ({
    notice,
    listened: [...listened, ...(past?.hearing.listened() ?? [])],
  }));
  const wish = wishOf(flags);
  const tuned = tuneWords({ words, heard, wish, folds: flags.folds, inForce });
  const { chosen, way, wishKept } = tuned;
  const isWritten =
    flags.config !== undefined && !flags.dryRun && chosen !== null && wishKept.standing !== 'cannot';
  const from = fromWhat(flags, past);
  if (isWritten)
    await writeThresholds(flags.config, { cascade: flags.cascade, config, chosen, way, from, wish });
  return { ...tuned, from, wish, written: isWritten ? flags.config : null };
}

/** What the journal tells of the words of the cascade, as its stages and its judge know them. */
async function heardBefore(
  flags: TuneFlags,
  madeNow: MadeNow,
  words: readonly string[],
): Promise<HeardBefore> {
  const hearing = new JournalHearing();
  for await (const past of pastOf({ ...flags, from: flags.since })) if (madeNow.has(past)) hearing.take(past);
  const leftOut = madeNow.told();
  if (hearing.detections > 0) return { hearing, leftOut };
  throw new CatnapError(
    'USAGE',
    `--journal: expected detections of ${words.join(', ')}, found none${leftOut}`,
  );
}

function wishOf({ falseAlarmsPerDay, budget, weights }: TuneFlags): Wish {
  const isWished = falseAlarmsPerDay !== undefined || budget !== undefined || weights !== undefined;
  const alarms = falseAlarmsPerDay ?? (isWished ? null : 1);
  return {
    falseAcceptsPerHour: alarms === null ? null : alarms / HOURS_A_DAY,
    believedPerHour: budget === undefined ? null : budget / HOURS_A_DAY,
    weights: weights ?? null,
  };
}

function fromWhat({ data }: TuneFlags, past: HeardBefore | null): string {
  const journal =
    past === null
      ? []
      : [
          `${past.hearing.detections} detections of the journal, of ${past.hearing.known} of which is known what they were${past.leftOut}`,
        ];
  return [...(data === undefined ? [] : [data]), ...journal].join(' and ');
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new InvalidArgumentError('expected a share between 0 and 1, like 0.3');
}

function perDay(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)\/day$/.exec(text) ?? [];
  if (number !== undefined && Number(number) > 0) return Number(number);
  throw new InvalidArgumentError('expected a number above 0 and /day, like 200/day');
}

function weightsOf(text: string): Weights {
  const weights = { cost: 0, quality: 0, latency: 0 };
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=').map((each) => each.trim());
    const weight = Number(value);
    if (!(name in weights) || value === '' || !(weight >= 0))
      throw new InvalidArgumentError('expected cost, quality or latency, =, and a number of at least 0');
    weights[name as keyof Weights] = weight;
  }
  return weights;
}
