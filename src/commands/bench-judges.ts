import { type Command, Option } from 'commander';
import { readDataset, readNegatives } from '../bench/dataset.js';
import { compareJudges, type JudgesBench } from '../bench/judge-figures.js';
import { contestOf, hearLooks } from '../bench/judges.js';
import { hearTranscripts, TRANSCRIPT_CONTEST } from '../bench/transcript-judges.js';
import { learnJudge } from '../learning/judges/learn-judge.js';
import { VOICE_KINDS } from '../runtime/stages.js';
import { choiceNamed } from '../voice/config.js';
import { kindsFor } from '../voice/stages/stage-kind.js';
import {
  type CascadeFlags,
  CONFIG,
  cascadeNamed,
  cascadeOf,
  collect,
  decibels,
  EVERY,
  everyNth,
  type Part,
  partOf,
  percent,
  progressOver,
  SPLIT,
} from './bench-common.js';
import { checkOutput, writeOutput } from './output-file.js';

interface Flags extends CascadeFlags {
  readonly data: string;
  readonly of: 'heavy' | 'recogniser';
  readonly split?: Part;
  readonly negatives?: string;
  readonly every: number;
  readonly snr: readonly string[];
  readonly with?: string;
  readonly write?: string;
  readonly json: boolean;
}

/** `catnap bench judges`: whom to leave it to whether a decision of heavy or a transcript is believed. */
export function registerBenchJudges(bench: Command): void {
  bench
    .command('judges')
    .description('judges of heavy or the recogniser at the same share passed on, where nothing was chosen')
    .requiredOption('--data <dir>', 'folder with wake.csv (file, keyword, group), noise.csv, ...')
    .addOption(new Option('--of <part>', 'whose judges').choices(['heavy', 'recogniser']).default('heavy'))
    .option('--negatives <dir>', 'recordings that hold no wake word')
    .addOption(SPLIT)
    .addOption(CONFIG)
    .addOption(cascadeNamed('voice'))
    .addOption(EVERY)
    .option('--snr <dB>', 'hear it also in noise of such a distance; may be given again', collect, [])
    .option('--with <model>', 'another model for `agreement`, as `heavy.model` names one')
    .option('--write <file>', 'what was learnt of all looks, for `judge: { kind: learnt, path }`')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: Flags) => {
      checkOutput(flags.write);
      const config = cascadeOf(flags, 'voice');
      const negatives = flags.negatives === undefined ? [] : readNegatives(flags.negatives);
      const recordings = everyNth(
        [...partOf(readDataset(flags.data), flags.split), ...negatives],
        flags.every,
      );
      const snrsDb = [null, ...flags.snr.map(decibels)];
      const progress = progressOver(recordings.length * snrsDb.length);
      const other =
        flags.with === undefined ? null : choiceNamed('.', flags.with, kindsFor('heavy', VOICE_KINDS));
      const asked = { recordings, config, snrsDb, onRecording: progress.step };
      const ofHeavy = flags.of === 'heavy';
      const contest = ofHeavy ? contestOf(other) : TRANSCRIPT_CONTEST;
      const looks = await (ofHeavy ? hearLooks({ ...asked, other }) : hearTranscripts(asked)).finally(
        progress.stop,
      );
      if (flags.write !== undefined)
        writeOutput(flags.write, `${JSON.stringify(learnJudge(looks, contest.names))}\n`, 0o644);
      const result = compareJudges(looks, contest);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result, RIGHT[flags.of]));
    });
}

/** What is right about a look. */
const RIGHT = { heavy: 'at the word that they name', recogniser: 'at what was said' } as const;

function render({ looks, right, groups, judges }: JudgesBench, what: string): string {
  const rates = judges[0]?.at.map(({ rate }) => rate) ?? [];
  const header = ['judge', 'looks', ...rates.map((rate) => `${percent(rate)} passed on`)];
  const rows = judges.map(({ judge, looks: takes, at }) => [
    judge,
    String(takes),
    ...at.map(({ accuracy, wrong, decided }) => `${percent(accuracy)} (${wrong} of ${decided} wrong)`),
  ]);
  const lines = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${looks} looks of ${groups} groups, ${right} of them ${what}\n${lines.join('\n')}\n`;
}
