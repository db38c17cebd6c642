import type { Command } from 'commander';
import { benchSearch, type SearchFigures } from '../bench/search.js';
import { collect, percent } from './bench-common.js';
import { positiveNumber } from './positive-number.js';

interface SearchFlags {
  readonly data: string;
  readonly negatives: readonly string[];
  readonly hours?: number;
  readonly network: readonly string[];
  readonly seed: string;
  readonly json: boolean;
}

const SHIPPED = 'phones';

/** `catnap bench search` */
export function registerBenchSearch(bench: Command): void {
  bench
    .command('search')
    .description('what the always-on search for own words misses, and wakes the judges for, by phone network')
    .requiredOption(
      '--data <dir>',
      'folder with words.csv (file,phrase,speaker); its other recordings hold none',
    )
    .option('--negatives <dir>', 'more recordings without any of the words; may be given again', collect, [])
    .option('--hours <n>', 'recordings without the words that are heard at most', positiveNumber)
    .option(
      '--network <manifest>',
      'manifest of a network to hear beside the shipped one; may be given again',
      collect,
      [],
    )
    .option('--seed <text>', 'decides the order of the recordings and the silence around them', 'catnap')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: SearchFlags) => {
      const found = await benchSearch({
        ...flags,
        hours: flags.hours ?? null,
        networks: [SHIPPED, ...flags.network],
      });
      process.stdout.write(flags.json ? `${JSON.stringify(found)}\n` : found.map(rendered).join('\n'));
    });
}

function rendered({ network, bytes, clips, wordHours, points, ...cpu }: SearchFigures): string {
  const lines = points.map(
    ({ from, missed, wakeUpsPerHour }) =>
      `  from ${from}: ${missed} of ${clips} missed, ${wakeUpsPerHour.toFixed(0)} wake-ups an hour and word`,
  );
  const { cpuShare, cpuRatio } = cpu;
  const cost = `${percent(cpuShare)} of one core, ${cpuRatio.toFixed(2)} of the first network's`;
  return `${network}, ${bytes} bytes, ${cost}, ${wordHours.toFixed(2)} word-hours\n${lines.join('\n')}\n`;
}
