import { isMap, isNode } from 'yaml';
import { readDataset } from '../bench/dataset.js';
import { hearCandidates, type ThresholdsInForce, thresholdsInForce } from '../bench/wake-candidates.js';
import { editConfig } from '../config/edit.js';
import { needsNoSecrets, parseConfig } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import type { Interval } from '../core/intervals.js';
import {
  choose,
  crossValidated,
  frontOf,
  type Heard,
  hoursFor,
  type Outcome,
  outcomeOf,
  type Point,
  type WakeThresholds,
} from '../learning/tuning/tuning.js';
import { systemClock } from '../runtime/process/system-clock.js';
import type { VoiceConfig } from '../voice/config.js';
import {
  type CascadeFlags,
  CONFIG,
  cascadeNamed,
  cascadeOf,
  EVERY,
  everyNth,
  percent,
  progressOver,
} from './bench-common.js';
import type { RegisterCommand } from './command.js';
import { positiveNumber } from './positive-number.js';
import { wholeNumber } from './whole-number.js';

interface Flags extends CascadeFlags {
  readonly data: string;
  readonly falseAlarmsPerDay: number;
  readonly notices: number;
  readonly folds: number;
  readonly every: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** What `catnap tune` finds. */
interface Tuning {
  readonly front: readonly Point[];
  /** The thresholds in force now, and what they make of the same recordings. */
  readonly now: Outcome & { readonly thresholds: WakeThresholds };
  readonly chosen: Point | null;
  /** What choosing like this brings on groups it was not chosen on; null of a single group. */
  readonly crossValidated: Outcome | null;
  readonly wishedPerHour: number;
  /** Hours without any false accept that would bear the wish out. */
  readonly hoursNeeded: number;
  /** File that the chosen thresholds were written to; null where they were not. */
  readonly written: string | null;
}

/** `catnap tune`: the thresholds of the wake stages from labelled recordings. */
export const registerTune: RegisterCommand = (program) => {
  program
    .command('tune')
    .description('find the thresholds of tiny and heavy together, from labelled recordings, and write them')
    .requiredOption('--data <dir>', 'folder with wake.csv (file, keyword, group), noise.csv, ...')
    .addOption(CONFIG)
    .addOption(cascadeNamed('voice'))
    .option('--false-alarms-per-day <n>', 'what is bearable', positiveNumber, 1)
    .option('--notices <n>', 'thresholds of tiny that are tried, around the one in force', wholeNumber(1), 3)
    .option('--folds <n>', 'parts that the groups are dealt into for cross-validation', wholeNumber(2), 5)
    .addOption(EVERY)
    .option('--dry-run', 'leave the configuration as it is', false)
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: Flags) => {
      const config = cascadeOf(flags, 'voice');
      if (!config.heavy.enabled) {
        throw new CatnapError('USAGE', `--cascade ${flags.cascade}: expected one with a heavy stage`);
      }
      const tuning = await tune(config, flags);
      process.stdout.write(flags.json ? `${JSON.stringify(tuning)}\n` : render(tuning, flags));
    });
};

async function tune(config: VoiceConfig, flags: Flags): Promise<Tuning> {
  const recordings = everyNth(readDataset(flags.data), flags.every);
  const inForce = await thresholdsInForce(config);
  const now = { notice: inForce.tiny.reject, accept: inForce.heavy.accept };
  const notices = around(now.notice, flags.notices);
  const progress = progressOver(recordings.length * notices.length);
  const heard = await hearCandidates({ recordings, config, notices, onRecording: progress.step }).finally(
    progress.stop,
  );
  const mostPerHour = flags.falseAlarmsPerDay / 24;
  const front = frontOf(heard);
  const chosen = choose(front, mostPerHour);
  const isWritten = flags.config !== undefined && !flags.dryRun && chosen !== null;
  if (isWritten) write(flags.config, flags, chosen, inForce);
  return {
    front,
    now: { thresholds: now, ...outcomeOf(heardAt(heard, now.notice), now) },
    chosen,
    crossValidated: crossValidated(heard, mostPerHour, flags.folds),
    wishedPerHour: mostPerHour,
    hoursNeeded: hoursFor(mostPerHour),
    written: isWritten ? flags.config : null,
  };
}

/** The threshold in force, and others by turns half and twice as high, and so on: scores of tiny are of all sizes. */
function around(notice: number, count: number): readonly number[] {
  const factors = Array.from(
    { length: count },
    (_, at) => 4 ** (((at % 2 === 0 ? 1 : -1) * (at + (at % 2))) / 2),
  );
  return [...new Set(factors.map((factor) => Number(Math.min(1, notice * factor).toPrecision(3))))];
}

function heardAt(heard: readonly Heard[], notice: number) {
  return heard.find((pass) => pass.notice === Number(notice.toPrecision(3)))?.listened ?? [];
}

/** Writes the chosen thresholds into the configuration, and beside them when, from what and why. */
function write(
  file: string,
  flags: Flags,
  { thresholds, ...outcome }: Point,
  inForce: ThresholdsInForce,
): void {
  const { accept, notice } = thresholds;
  const day = new Date(systemClock.wallMs()).toISOString().slice(0, 10);
  const why =
    ` catnap tune, ${day}: from ${flags.data}, at most ${flags.falseAlarmsPerDay} false alarms a day;` +
    ` ${outcome.missed} of ${outcome.words} missed, ${outcome.falseAccepts} false in ${outcome.hours.toFixed(1)} h there`;
  const stages = {
    tiny: { accept: Math.max(inForce.tiny.accept, notice), reject: notice },
    heavy: { accept, reject: Math.min(inForce.heavy.reject, accept) },
  };
  editConfig(
    file,
    (document) => {
      const cascade = ['cascades', flags.cascade];
      if (!document.hasIn(cascade)) document.setIn(cascade, document.createNode({ kind: 'voice' }));
      for (const [stage, value] of Object.entries(stages)) {
        const place = [...cascade, stage];
        if (!isMap(document.getIn(place, true))) document.setIn(place, document.createNode({}));
        document.setIn([...place, 'thresholds'], document.createNode(value, { flow: true }));
        const node = document.getIn([...place, 'thresholds'], true);
        if (isNode(node)) node.comment = why;
      }
    },
    (text) => parseConfig(text, file, process.env, needsNoSecrets),
  );
}

function render(tuning: Tuning, { falseAlarmsPerDay, data, cascade }: Flags): string {
  const { front, now, chosen, crossValidated: other, hoursNeeded, written } = tuning;
  const lines = [
    `${data}: ${now.words} words, ${now.hours.toFixed(2)} h`,
    line('now', now.thresholds, now),
    ...front.map((point) => line(point === chosen ? 'chosen' : '', point.thresholds, point)),
    other === null
      ? 'one group alone: what was chosen cannot be tried where it was not chosen'
      : `on groups it was not chosen on: ${figures(other)}`,
    `to say at 95% that it is at most ${falseAlarmsPerDay} a day takes ${hoursNeeded.toFixed(0)} h without a false alarm`,
    written === null ? `cascades.${cascade} is left as it is` : `${written}: cascades.${cascade} written`,
  ];
  return `${lines.join('\n')}\n`;
}

function line(name: string, { notice, accept }: WakeThresholds, outcome: Outcome): string {
  return `  ${name.padEnd(7)} tiny.reject ${notice}  heavy.accept ${accept}: ${figures(outcome)}`;
}

function figures(outcome: Outcome): string {
  const { words, missed, missedInterval, falseAccepts, falseAcceptsPerHour, falseAcceptsInterval } = outcome;
  const spread = ({ low, high }: Interval, show: (value: number) => string) =>
    `${show(low)} to ${show(high)}`;
  return [
    `missed ${missed}/${words} (${spread(missedInterval, percent)})`,
    `${falseAccepts} false, ${falseAcceptsPerHour.toFixed(2)}/h (${spread(falseAcceptsInterval, (value) => value.toFixed(2))})`,
    `${outcome.wakeUpsPerHour.toFixed(1)} wake-ups/h`,
    `at most ${outcome.believed} cloud calls`,
  ].join(', ');
}
