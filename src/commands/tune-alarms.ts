import { hearAlarms, readLabelled, thresholdsAround } from '../bench/alarm-candidates.js';
import { editConfig, setWithWhy } from '../config/edit.js';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { ALARM, JournalAlarms } from '../learning/tuning/from-alarms.js';
import { tuneWords } from '../learning/tuning/tune-words.js';
import type { Heard } from '../learning/tuning/tuning.js';
import type { Wish } from '../learning/tuning/wish.js';
import type { SensorConfig } from '../sensor/config.js';
import { type CascadeFlags, cascadeIn, progressOver } from './bench-common.js';
import { pastOf } from './past.js';
import type { Tuning } from './tune-report.js';
import { tellWish, tunedToday } from './tune-write.js';

/** What `catnap tune` is told of a sensor cascade. */
export interface AlarmFlags extends CascadeFlags {
  readonly config: string;
  readonly data?: string;
  readonly journal: boolean;
  readonly state?: string;
  readonly since?: string;
  /** Thresholds that labelled tables are run with; undefined: {@link PASSES}. */
  readonly notices?: number;
  readonly folds: number;
  readonly dryRun: boolean;
}

/** Of the false alarms that a sensor cascade promises from twice as many to a ninetieth. */
export const PASSES = 16;

/**
 * Finds from which confidence on a sensor cascade gives an alarm (`thresholds`), from labelled tables, what was said of
 * its alarms, or both. Alarms that it did not give are in no journal, so that of a lower one that tells nothing.
 * @throws CatnapError `INPUT_MISSING` where nobody said anything of any; what reading the tables throws.
 */
export async function tuneAlarms(flags: AlarmFlags, wish: Wish): Promise<Tuning> {
  const { config: file, cascade } = flags;
  const config = loadConfig(file, process.env, needsNothing);
  const sensor = cascadeIn(config, cascade, 'sensor');
  const ids = config.sources.filter((source) => source.cascade === cascade).map(({ id }) => id);
  const from = alarmsFrom(sensor);
  const past = flags.journal ? await alarmsBefore(ids, flags) : null;
  const passes = flags.data === undefined ? null : await heardIn(flags.data, sensor, flags);
  const heard =
    passes === null
      ? [{ notice: from, listened: past?.listened() ?? [] }]
      : passes.map(({ notice, listened }) => ({
          notice,
          listened: [...listened, ...(past?.listenedFrom(notice) ?? [])],
        }));
  const inForce = { [ALARM]: { notice: from, accept: from } };
  const tuned = tuneWords({ words: [ALARM], heard, wish, folds: flags.folds, inForce });
  const sources = [...(flags.data === undefined ? [] : [flags.data]), ...(past === null ? [] : [told(past)])];
  const why = sources.join(' and ');
  const chosen = tuned.chosen?.thresholds[ALARM];
  const isWritten = !flags.dryRun && chosen !== undefined && tuned.wishKept.standing !== 'cannot';
  if (isWritten)
    write(file, cascade, Math.max(chosen.notice, chosen.accept), `from ${why}, ${tellWish(wish)}`);
  return { ...tuned, from: why, wish, written: isWritten ? file : null };
}

/** From which confidence on there is an alarm: heavy confirms what tiny noticed; alone tiny has to be sure. */
export function alarmsFrom({ heavy, thresholds }: SensorConfig): number {
  return heavy.enabled ? thresholds.reject : thresholds.accept;
}

async function heardIn(
  data: string,
  config: SensorConfig,
  { notices }: AlarmFlags,
): Promise<readonly Heard[]> {
  const series = readLabelled(data);
  const thresholds = thresholdsAround(alarmsFrom(config), notices ?? PASSES);
  const progress = progressOver(series.length * thresholds.length, 'runs');
  const options = { series, config, thresholds, onSeries: progress.step };
  return hearAlarms(options).finally(progress.stop);
}

async function alarmsBefore(ids: readonly string[], flags: AlarmFlags): Promise<JournalAlarms> {
  const alarms = new JournalAlarms();
  for await (const past of pastOf({ ...flags, from: flags.since }))
    if (ids.includes(past.source)) alarms.take(past);
  const { detections, known } = alarms.counts;
  if (known > 0) return alarms;
  throw new CatnapError(
    'INPUT_MISSING',
    `--journal: expected alarms of ${ids.join(', ')} of which somebody said whether they were right, found none among ${detections}`,
  );
}

function told({ counts: { detections, known } }: JournalAlarms): string {
  return `${detections} alarms of the journal, of ${known} of which is known what they were`;
}

/** Tiny is sure from there on, and notices nothing below. */
function write(file: string, cascade: string, accept: number, why: string): void {
  editConfig(file, (document) =>
    setWithWhy(document, ['cascades', cascade, 'thresholds'], { accept, reject: accept }, tunedToday(why)),
  );
}
