import type { Command } from 'commander';
import { benchCommands, type CommandsBench } from '../bench/commands.js';
import { readDataset } from '../bench/dataset.js';
import { voicePlan } from '../runtime/plan.js';
import {
  type CascadeFlags,
  CONFIG,
  cascadeNamed,
  cascadeOf,
  EVERY,
  everyNth,
  type Part,
  partOf,
  percent,
  progressOver,
  SPLIT,
} from './bench-common.js';
import { wholeNumber } from './whole-number.js';

interface CommandsFlags extends CascadeFlags {
  readonly data: string;
  readonly models: string;
  readonly split?: Part;
  readonly every: number;
  readonly shiftMs?: number;
  readonly json: boolean;
}

const WORDS = ['open', 'close', 'print', 'project', 'process', 'signal', 'speaker', 'speech'];

/** `catnap bench commands` */
export function registerBenchCommands(bench: Command): void {
  bench
    .command('commands')
    .description('accuracy on known words and refusal of all others, by the recogniser')
    .requiredOption('--data <dir>', 'folder with commands.csv and its recordings')
    .addOption(CONFIG)
    .addOption(cascadeNamed('voice'))
    .option('--models <list>', 'recognisers asked in order', 'commands')
    .addOption(SPLIT)
    .addOption(EVERY)
    .option(
      '--shift-ms <n>',
      'hear each again without its first milliseconds, and count what changes',
      wholeNumber(1),
    )
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: CommandsFlags) => {
      const recordings = everyNth(partOf(readDataset(flags.data), flags.split), flags.every);
      const voice = cascadeOf(flags, 'voice');
      const { recogniser } = await voicePlan({
        ...voice,
        utterance: { ...voice.utterance, enabled: true },
        recogniser: { ...voice.recogniser, models: flags.models.split(',') },
      });
      if (recogniser === null) throw new Error('an enabled utterance has a recogniser');
      const progress = progressOver(recordings.length);
      const result = await benchCommands({
        recordings,
        recogniser,
        words: WORDS,
        minConfidence: voice.recogniser.minConfidence,
        shiftMs: flags.shiftMs ?? null,
        onRecording: progress.step,
      }).finally(progress.stop);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
    });
}

function render(result: CommandsBench): string {
  const { low, high } = result.accuracyInterval;
  const lines = [
    `${result.correct} of ${result.clips} words right: ${percent(result.accuracy)} (95% ${percent(low)} to ${percent(high)})`,
    ...Object.entries(result.recall).map(([word, { clips, correct }]) => `  ${word}: ${correct}/${clips}`),
    `${result.otherRefused} of ${result.otherClips} other words refused`,
    `${result.elsewhereRefused} of ${result.elsewhereClips} other recordings refused`,
    ...Object.entries(result.transcripts).map(
      ([corpus, { clips, transcripts }]) => `  ${corpus}: ${transcripts} of ${clips} brought words`,
    ),
    ...(result.shift === null
      ? []
      : [
          `${result.shift.changed} of ${result.shift.clips} understood otherwise ${result.shift.ms} ms later`,
        ]),
    `latency ${result.latencyMs.p50?.toFixed(1) ?? '-'} ms, p99 ${result.latencyMs.p99?.toFixed(1) ?? '-'} ms`,
  ];
  return `${lines.join('\n')}\n`;
}
