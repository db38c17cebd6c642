import type { Command } from 'commander';
import type { Condition } from '../bench/wake.js';
import { benchWords, type WordsBench } from '../bench/words.js';
import type { Manner } from '../bench/words-told.js';
import { CatnapError } from '../core/errors.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { collect, EVERY, percent, progressOver } from './bench-common.js';

interface WordsFlags {
  readonly data: string;
  readonly negatives: readonly string[];
  readonly conditions: string;
  readonly manners: string;
  readonly every: number;
  readonly seed: string;
  readonly json: boolean;
}

const CONDITIONS: readonly Condition[] = ['clean', 'snr10'];
const MANNERS: readonly Manner[] = ['typed', 'takes5', 'own3', 'takesAlone'];

/** `catnap bench words` */
export function registerBenchWords(bench: Command): void {
  bench
    .command('words')
    .description(
      'misses and false accepts of own words, as if nobody had known them, through the whole cascade',
    )
    .requiredOption(
      '--data <dir>',
      'folder with words.csv (file,phrase,speaker); its other recordings hold none',
    )
    .option('--negatives <dir>', 'more recordings without any of the words; may be given again', collect, [])
    .option('--conditions <list>', 'clean, snr10 (10 dB over noise)', CONDITIONS.join(','))
    .option('--manners <list>', 'how the words are told: typed, takes5, own3, takesAlone', MANNERS.join(','))
    .addOption(EVERY)
    .option('--seed <text>', 'decides which takes and which noise', 'catnap')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: WordsFlags) => {
      const result = await benchWords({
        ...flags,
        conditions: listed('--conditions', flags.conditions, CONDITIONS),
        manners: listed('--manners', flags.manners, MANNERS),
        onRecordings: progress(),
      });
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : renderWords(result));
    });
}

/** A bar where a person is watching, else a line every tenth. */
function progress(): (heard: number, of: number) => void {
  let bar: ReturnType<typeof progressOver> | null = null;
  let told = 0;
  const startedMs = systemClock.monotonicMs();
  return (heard, of) => {
    if (process.stderr.isTTY) {
      bar ??= progressOver(of);
      if (heard > 0) bar.step();
      if (heard === of) bar.stop();
      return;
    }
    const tenth = Math.floor((10 * heard) / Math.max(1, of));
    if (tenth === told) return;
    told = tenth;
    const seconds = Math.round((systemClock.monotonicMs() - startedMs) / 1000);
    process.stderr.write(`heard ${heard} of ${of} recordings in ${seconds} s\n`);
  };
}

function listed<Name extends string>(option: string, list: string, known: readonly Name[]): readonly Name[] {
  return list.split(',').map((name) => {
    const found = known.find((each) => each === name);
    if (found !== undefined) return found;
    throw new CatnapError('USAGE', `${option}: expected some of ${known.join(', ')}, found "${name}"`);
  });
}

function renderWords({ phrases, hours, cpuShare, refused, unreadable }: WordsBench): string {
  const lines = Object.entries(phrases).flatMap(([phrase, manners]) =>
    Object.entries(manners).map(([manner, figures]) => {
      const missed = CONDITIONS.flatMap((condition) => {
        const found = figures[condition];
        return found === undefined ? [] : [`${condition} missed ${found.missed}/${found.clips}`];
      });
      const { low, high } = figures.falseAcceptsPerHour;
      const wrong = `${figures.falseAccepts} false (${low.toFixed(2)} to ${high.toFixed(2)}/h)`;
      return `${phrase}, ${manner}: ${[...missed, wrong].join(', ')}`;
    }),
  );
  for (const { phrase, manner, why } of refused) lines.push(`${phrase}, ${manner}: not taken: ${why}`);
  lines.push(
    `${hours.toFixed(2)} h listened, ${percent(cpuShare)} of one core, ${unreadable.length} unreadable`,
  );
  return `${lines.join('\n')}\n`;
}
