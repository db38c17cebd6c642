import type { Command } from 'commander';
import { benchCommands, type CommandsBench } from '../bench/commands.js';
import { readDataset } from '../bench/dataset.js';
import { voiceStages } from '../stages/voice-stages.js';
import { partOf, percent, positive, progressOver, voiceOf } from './bench-common.js';

interface CommandsFlags {
  readonly data: string;
  readonly config?: string;
  readonly cascade: string;
  readonly models: string;
  readonly split?: string;
  readonly every: string;
  readonly shiftMs?: string;
  readonly json: boolean;
}

const WORDS = ['open', 'close', 'print', 'project', 'process', 'signal', 'speaker', 'speech'];

/** `catnap bench commands` */
export function registerBenchCommands(bench: Command): void {
  bench
    .command('commands')
    .description('accuracy on known words and refusal of all others, by the recogniser')
    .requiredOption('--data <dir>', 'folder with commands.csv and its recordings')
    .option('--config <file>', 'configuration whose recogniser is measured; otherwise the standard one')
    .option('--cascade <name>', 'cascade of it', 'voice')
    .option('--models <list>', 'recognisers asked in order', 'commands')
    .option('--split <part>', 'test: only what training never saw, by models/train/split.json')
    .option('--every <n>', 'only every n-th recording', '1')
    .option('--shift-ms <n>', 'hear each again without its first milliseconds, and count what changes')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: CommandsFlags) => {
      const every = positive('--every', flags.every);
      const recordings = partOf(readDataset(flags.data), flags.split).filter(
        (_, index) => index % every === 0,
      );
      const voice = voiceOf(flags);
      const { recogniser } = voiceStages({
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
        shiftMs: flags.shiftMs === undefined ? null : positive('--shift-ms', flags.shiftMs),
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
