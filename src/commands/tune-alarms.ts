import { editConfig, setWithWhy } from '../config/edit.js';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { ALARM, JournalAlarms } from '../learning/tuning/from-alarms.js';
import { tuneWords } from '../learning/tuning/tune-words.js';
import type { Wish } from '../learning/tuning/wish.js';
import { type CascadeFlags, cascadeIn } from './bench-common.js';
import { pastOf } from './past.js';
import type { Tuning } from './tune-report.js';
import { tellWish, tunedToday } from './tune-write.js';

/** What `catnap tune` is told of a sensor cascade. */
export interface AlarmFlags extends CascadeFlags {
  readonly config: string;
  readonly state?: string;
  readonly since?: string;
  readonly folds: number;
  readonly dryRun: boolean;
}

/**
 * Finds from which confidence on a sensor cascade gives an alarm (`thresholds`), from what was said of its alarms.
 * Those that it did not give are in no journal, so that of a lower one it tells nothing.
 * @throws CatnapError `INPUT_MISSING` where nobody said anything of any.
 */
export async function tuneAlarms(flags: AlarmFlags, wish: Wish): Promise<Tuning> {
  const { config: file, cascade } = flags;
  const config = loadConfig(file, process.env, needsNothing);
  const { thresholds } = cascadeIn(config, cascade, 'sensor');
  const ids = config.sources.filter((source) => source.cascade === cascade).map(({ id }) => id);
  const alarms = new JournalAlarms();
  for await (const past of pastOf({ ...flags, from: flags.since }))
    if (ids.includes(past.source)) alarms.take(past);
  const { detections, known } = alarms.counts;
  if (known === 0)
    throw new CatnapError(
      'INPUT_MISSING',
      `--journal: expected alarms of ${ids.join(', ')} of which somebody said whether they were right, found none among ${detections}`,
    );
  const heard = [{ notice: thresholds.reject, listened: alarms.listened() }];
  const inForce = { [ALARM]: { notice: thresholds.reject, accept: thresholds.accept } };
  const tuned = tuneWords({ words: [ALARM], heard, wish, folds: flags.folds, inForce });
  const from = `${detections} alarms of the journal, of ${known} of which is known what they were`;
  const accept = tuned.chosen?.thresholds[ALARM]?.accept;
  const isWritten = !flags.dryRun && accept !== undefined && tuned.wishKept.standing !== 'cannot';
  if (isWritten) write(file, cascade, accept, `from ${from}, ${tellWish(wish)}`);
  return { ...tuned, from, wish, written: isWritten ? file : null };
}

/** Tiny is sure from there on, and notices nothing below. */
function write(file: string, cascade: string, accept: number, why: string): void {
  editConfig(file, (document) =>
    setWithWhy(document, ['cascades', cascade, 'thresholds'], { accept, reject: accept }, tunedToday(why)),
  );
}
