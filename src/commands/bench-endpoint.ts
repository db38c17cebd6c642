import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { readDataset, readNegatives } from '../bench/dataset.js';
import { benchEndpoint, type EndpointBench } from '../bench/endpoint.js';
import { voiceProfile } from '../config/voice-profile.js';
import { createStage } from '../stages/registry.js';
import { voiceStages } from '../stages/voice-stages.js';
import { percent, positive, progressOver, voiceOf } from './bench-common.js';

interface EndpointFlags {
  readonly data: string;
  readonly music?: string;
  readonly snr: string;
  readonly every: string;
  readonly level: boolean;
  readonly config?: string;
  readonly cascade: string;
  readonly json: boolean;
}

/** `catnap bench endpoint` */
export function registerBenchEndpoint(bench: Command): void {
  bench
    .command('endpoint')
    .description('ends of utterances found in time over noise and music')
    .requiredOption('--data <dir>', 'folder with orders.csv and noise.csv and their recordings')
    .option('--music <dir>', 'more backgrounds, counted as music')
    .option('--snr <db>', 'how far the background is below the speech', '10')
    .option('--every <n>', 'only every n-th sentence and background', '9')
    .option('--level', 'find the end by level alone', false)
    .option('--config <file>', 'configuration whose cascade is measured; otherwise the standard one')
    .option('--cascade <name>', 'cascade of it', 'voice')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: EndpointFlags) => {
      const every = positive('--every', flags.every);
      const some = <T>(items: readonly T[]) => items.filter((_, index) => index % every === 0);
      const recordings = readDataset(flags.data);
      const of = (corpus: string) => recordings.filter((recording) => recording.corpus === corpus);
      const music = flags.music === undefined ? [] : readNegatives(flags.music);
      const sentences = some(of('orders'));
      const backgrounds = [...some(of('noise')), ...some(music)];
      const voice = voiceOf(flags);
      const stages = voiceStages(voice);
      const { gate, followup } = voiceProfile(voice, stages.traits);
      if (followup.kind !== 'utterance') throw new Error('a voice cascade that listens has utterances');
      const speech = flags.level || stages.speech === null ? null : await createStage(stages.speech);
      const progress = progressOver(sentences.length * backgrounds.length, 'utterances');
      const result = await benchEndpoint({
        sentences,
        backgrounds,
        snrDb: Number(flags.snr),
        gate,
        utterance: followup,
        speech,
        kindOf: ({ corpus, path }) => (corpus === 'noise' ? basename(dirname(path)) : 'music'),
        onUtterance: progress.step,
      }).finally(progress.stop);
      await speech?.dispose();
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
    });
}

function render(result: EndpointBench): string {
  const { utterances, inTime, late, early, timeouts, inTimeInterval, delayMs } = result;
  const share = (part: number) => percent(part / utterances);
  const lines = [
    `${utterances} utterances at ${result.snrDb} dB: ${share(inTime)} ended in time (95% ${percent(inTimeInterval.low)} to ` +
      `${percent(inTimeInterval.high)}), ${share(late)} late, ${share(early)} early, ${share(timeouts)} timed out`,
    `end after the last sound: median ${Math.round(delayMs.p50 ?? 0)} ms, p90 ${Math.round(delayMs.p90 ?? 0)} ms`,
    ...Object.entries(result.backgrounds).map(
      ([kind, counts]) =>
        `  ${kind}: ${counts.inTime}/${counts.utterances} in time, ${counts.timeouts} timed out`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
