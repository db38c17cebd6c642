import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { Condition } from '../bench/wake.js';
import {
  benchWords,
  type MannerFigures,
  type MissesByCondition,
  type PhraseFigures,
  type WordsBench,
} from '../bench/words.js';
import { COMPARATORS } from '../bench/words-comparators.js';
import type { Manner } from '../bench/words-told.js';
import { CatnapError } from '../core/errors.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { collect, EVERY, percent, progressOver } from './bench-common.js';
import { positiveNumber } from './positive-number.js';
import { wholeNumber } from './whole-number.js';

interface WordsFlags {
  readonly data: string;
  readonly negatives: readonly string[];
  readonly conditions: string;
  readonly manners: string;
  readonly comparators: boolean;
  readonly hours?: number;
  readonly every: number;
  readonly workers: number;
  readonly draws: number;
  readonly seed: string;
  readonly json: boolean;
}

const CONDITIONS: readonly Condition[] = ['clean', 'snr10'];
const MANNERS: readonly Manner[] = ['typed', 'takes5', 'own3', 'takesAlone'];

/** Each needs the networks for itself, a quarter of a gigabyte. */
const WORKERS = Math.min(4, availableParallelism());

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
    .option(
      '--comparators',
      "also openWakeWord's heads where it has one, and takes compared by their speech embeddings (DTW)",
      false,
    )
    .option('--hours <n>', 'recordings without the words that are heard at most', positiveNumber)
    .addOption(EVERY)
    .option('--workers <n>', 'processes that share the recordings', wholeNumber(1), WORKERS)
    .option('--draws <n>', 'how often takes are drawn, side by side', wholeNumber(1), 1)
    .option('--seed <text>', 'decides which takes and which noise', 'catnap')
    .option('--json', 'print the figures as JSON', false)
    .action(async (flags: WordsFlags) => {
      const result = await benchWords({
        ...flags,
        hours: flags.hours ?? null,
        conditions: listed('--conditions', flags.conditions, CONDITIONS),
        manners: [...listed('--manners', flags.manners, MANNERS), ...(flags.comparators ? COMPARATORS : [])],
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

function renderWords(bench: WordsBench): string {
  const { phrases, manners, hours, cpuShare, refused, unreadable, leftOut } = bench;
  const lines = Object.entries(phrases).flatMap(([phrase, told]) =>
    Object.entries(told).map(([manner, figures]) => `${phrase}, ${manner}: ${renderFigures(figures)}`),
  );
  for (const { phrase, manner, why } of refused) lines.push(`${phrase}, ${manner}: not taken: ${why}`);
  for (const [manner, figures] of Object.entries(manners)) {
    const { wordHours, wakeUpsPerHour, removedShare } = figures;
    const removed = removedShare === null ? '' : `, ${percent(removedShare)} of them removed`;
    lines.push(
      `all, ${manner}: ${renderFigures(figures)}, each an hour of ${wordHours.toFixed(2)} and word; ` +
        `woken for nothing ${wakeUpsPerHour.toFixed(0)} times${removed}`,
    );
    if (figures.draws.length > 1)
      lines.push(`by draw of takes: ${figures.draws.map(renderMissed).join('; ')}`);
  }
  const left = leftOut === 0 ? '' : `, ${leftOut} recordings left out for --hours`;
  lines.push(
    `${hours.toFixed(2)} h listened, ${percent(cpuShare)} of one core, ${unreadable.length} unreadable${left}`,
  );
  return `${lines.join('\n')}\n`;
}

function renderFigures(figures: PhraseFigures | MannerFigures): string {
  const { low, high } = figures.falseAcceptsPerHour;
  return `${renderMissed(figures)}, ${figures.falseAccepts} false (${low.toFixed(2)} to ${high.toFixed(2)}/h)`;
}

function renderMissed(figures: MissesByCondition): string {
  const missed = CONDITIONS.flatMap((condition) => {
    const found = figures[condition];
    return found === undefined ? [] : [`${condition} missed ${found.missed}/${found.clips}`];
  });
  return missed.join(', ');
}
