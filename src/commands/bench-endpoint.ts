import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { type Recording, readDataset, readNegatives } from '../bench/dataset.js';
import { type Background, benchEndpoint, type EndpointBench } from '../bench/endpoint.js';
import { voicePlan } from '../runtime/plan.js';
import { createStage } from '../runtime/stages.js';
import { voiceProfile } from '../voice/profile.js';
import {
  type CascadeFlags,
  CONFIG,
  cascadeNamed,
  cascadeOf,
  decibels,
  everyNth,
  percent,
  progressOver,
} from './bench-common.js';
import { wholeNumber } from './whole-number.js';

interface EndpointFlags extends CascadeFlags {
  readonly data: string;
  readonly music?: string;
  readonly talk: boolean;
  readonly snr: number;
  readonly gainDb: number;
  readonly every: number;
  readonly level: boolean;
  readonly json: boolean;
}

/** `catnap bench endpoint` */
export function registerBenchEndpoint(bench: Command): void {
  bench
    .command('endpoint')
    .description('ends of utterances found in time over noise, music and talk')
    .requiredOption('--data <dir>', 'folder with orders.csv and noise.csv and their recordings')
    .option('--music <dir>', 'more backgrounds, counted as music')
    .option('--talk', 'over the sentences of wuw.csv instead, a speaker a background', false)
    .option('--snr <db>', 'how far the background is below the speech', decibels, 10)
    .option('--gain-db <db>', 'how much louder the microphone is; below 0, quieter', decibels, 0)
    .option('--every <n>', 'only every n-th sentence and background', wholeNumber(1), 9)
    .option('--level', 'find the end by level alone', false)
    .addOption(CONFIG)
    .addOption(cascadeNamed('voice'))
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: EndpointFlags) => {
      const recordings = readDataset(flags.data);
      const of = (corpus: string) => recordings.filter((recording) => recording.corpus === corpus);
      const music = flags.music === undefined ? [] : readNegatives(flags.music);
      const sentences = everyNth(of('orders'), flags.every);
      const backgrounds = flags.talk
        ? everyNth(talkers(of('wuw')), flags.every)
        : [
            ...everyNth(of('noise'), flags.every).map(({ path }) => alone(path, basename(dirname(path)))),
            ...everyNth(music, flags.every).map(({ path }) => alone(path, 'music')),
          ];
      const voice = cascadeOf(flags, 'voice');
      const stages = await voicePlan(voice);
      const { gate, followup } = voiceProfile(voice, stages.traits);
      if (followup.kind !== 'utterance') throw new Error('a voice cascade that listens has utterances');
      const endpointer =
        flags.level || stages.endpointer === null ? null : await createStage(stages.endpointer);
      const progress = progressOver(sentences.length * backgrounds.length, 'utterances');
      const result = await benchEndpoint({
        sentences,
        backgrounds,
        snrDb: flags.snr,
        gainDb: flags.gainDb,
        gate,
        utterance: followup,
        endpointer,
        onUtterance: progress.step,
      }).finally(progress.stop);
      await endpointer?.dispose();
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
    });
}

function alone(path: string, kind: string): Background {
  return { kind, paths: [path] };
}

/** What each speaker says in sentences, one after the other, as from a television that is never silent for long. */
function talkers(recordings: readonly Recording[]): readonly Background[] {
  const paths = new Map<string, string[]>();
  for (const { group, path, text } of recordings) {
    if (text.includes(' ')) paths.set(group, [...(paths.get(group) ?? []), path]);
  }
  return [...paths.values()].map((of) => ({ kind: 'talk', paths: of }));
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
