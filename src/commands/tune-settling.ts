import { readDataset } from '../bench/dataset.js';
import { KeptScores } from '../bench/kept-scores.js';
import { gradeSettling } from '../bench/settling.js';
import { editConfig, setWithWhy, voiceCascadeIn } from '../config/edit.js';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { gradedOf } from '../learning/tuning/from-settled.js';
import { type Coverage, type Graded, type Selective, tuneSelective } from '../learning/tuning/selective.js';
import { standardConfig } from '../runtime/config.js';
import { type CascadeFlags, cascadeIn, everyNth, percent, progressOver } from './bench-common.js';
import { pastOf } from './past.js';
import { tunedToday } from './tune-write.js';

/** What `catnap tune --of settling` is told. */
export interface SettlingFlags extends CascadeFlags {
  readonly data?: string;
  readonly journal: boolean;
  readonly state?: string;
  readonly since?: string;
  readonly wrongSettled: number;
  readonly folds: number;
  readonly every: number;
  readonly scores?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/**
 * Finds how sure a transcript has to be to be settled on the device (`recogniser.minConfidence`), from labelled
 * recordings, the journal or both.
 * @throws CatnapError `INPUT_MISSING` where nothing was settled of which is known whether it was right.
 */
export async function tuneSettling(flags: SettlingFlags): Promise<void> {
  const config =
    flags.config === undefined ? standardConfig() : loadConfig(flags.config, process.env, needsNothing);
  const voice = cascadeIn(config, flags.cascade, 'voice');
  const past = flags.journal ? await settledBefore(flags, voice.recogniser.judge.kind) : NOTHING;
  const items = [...past.graded];
  if (flags.data !== undefined) {
    const recordings = everyNth(readDataset(flags.data), flags.every);
    const progress = progressOver(recordings.length);
    const scores = new KeptScores(flags.scores ?? null);
    const options = {
      recordings,
      config: voice,
      intents: config.intents,
      onRecording: progress.step,
      scores,
    };
    items.push(...(await gradeSettling(options).finally(progress.stop)));
  }
  if (items.length === 0)
    throw new CatnapError(
      'INPUT_MISSING',
      '--of settling: expected orders that were settled and are labelled, found none',
    );
  const inForce = voice.recogniser.minConfidence;
  const tuned = tuneSelective(items, { most: flags.wrongSettled, folds: flags.folds, inForce });
  const { chosen } = tuned;
  const isWritten = flags.config !== undefined && !flags.dryRun && chosen !== null;
  if (isWritten) write(flags.config, flags, chosen);
  const told = { ...tuned, leftOut: past.leftOut, written: isWritten ? flags.config : null };
  process.stdout.write(flags.json ? `${JSON.stringify(told)}\n` : render(told, flags));
}

/** What was settled, and how much was left out because another judge was sure of it. */
interface Settled {
  readonly graded: readonly Graded[];
  readonly leftOut: number;
}

const NOTHING: Settled = { graded: [], leftOut: 0 };

async function settledBefore(flags: SettlingFlags, judge: string): Promise<Settled> {
  const graded: Graded[] = [];
  let leftOut = 0;
  for await (const past of pastOf({ ...flags, from: flags.since })) {
    const item = gradedOf(past, judge);
    if (item === 'another-judge') leftOut += 1;
    else if (item !== null) graded.push(item);
  }
  return { graded, leftOut };
}

function write(
  file: string,
  { cascade, data, journal }: SettlingFlags,
  { least, decided, wrong }: Coverage,
): void {
  const from = [...(data === undefined ? [] : [data]), ...(journal ? ['the journal'] : [])].join(' and ');
  const why = tunedToday(`from ${from}; ${wrong} of ${decided} settled wrongly there`);
  editConfig(file, (document) => {
    const place = voiceCascadeIn(document, cascade);
    setWithWhy(document, [...place, 'recogniser', 'minConfidence'], least, why);
  });
}

function render(
  tuned: Selective & Pick<Settled, 'leftOut'> & { readonly written: string | null },
  { cascade, wrongSettled }: SettlingFlags,
): string {
  const { graded, now, front, chosen, crossValidated, wrongShare, wrongAgain, leftOut, written } = tuned;
  const row = (name: string, { least, decided, wrong }: Coverage) =>
    `  ${name.padEnd(7)}recogniser.minConfidence ${least}: ${decided} of ${graded} settled, ${wrong} wrong`;
  const lines = [
    `${graded} orders that the device can settle; wished: at most ${percent(wrongSettled)} settled wrongly`,
    ...(leftOut === 0 ? [] : [`${leftOut} that another judge of transcripts was sure of are left out`]),
    row('now', now),
    ...front.map((point) => row(point === chosen ? 'chosen' : '', point)),
    ...(chosen === null ? ['no threshold keeps the wish'] : []),
    crossValidated === null || wrongShare === null
      ? 'one group alone: what was chosen cannot be tried where it was not chosen'
      : `on groups it was not chosen on: ${crossValidated.decided} settled, ${crossValidated.wrong} wrong;` +
        ` sure at 95%: at most ${percent(wrongShare.high)}` +
        (wrongAgain === null
          ? ''
          : `; as many more bring ${wrongAgain.low} to ${wrongAgain.high} wrong ones`),
    written === null ? `cascades.${cascade} is left as it is` : `${written}: cascades.${cascade} written`,
  ];
  return `${lines.join('\n')}\n`;
}
