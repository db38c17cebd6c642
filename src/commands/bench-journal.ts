import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { benchJournal, type JournalBench, writeJournal } from '../bench/journal.js';
import { progressOver } from './bench-common.js';
import { wholeNumber } from './whole-number.js';

interface Flags {
  readonly events: number;
  readonly rounds: number;
  readonly folder?: string;
  readonly json: boolean;
}

/** `catnap bench journal`: how long filtered questions to a journal of many events take. */
export function registerBenchJournal(bench: Command): void {
  bench
    .command('journal')
    .description('time and memory of filtered questions to a journal of many made-up events')
    .option('--events <n>', 'events written first', wholeNumber(1), 100_000)
    .option('--rounds <n>', 'times each question is asked', wholeNumber(1), 7)
    .option('--folder <folder>', 'where it is written and kept; asked again as it is where it is there')
    .option('--json', 'print the figures as JSON', false)
    .action(run);
}

async function run({ events, rounds, folder, json }: Flags): Promise<void> {
  const its = folder ?? (await mkdtemp(join(tmpdir(), 'catnap-journal-')));
  try {
    if (!hasFiles(its)) {
      const progress = progressOver(events, 'events');
      await writeJournal(its, events, progress.step);
      progress.stop();
    }
    const result = await benchJournal(its, rounds);
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : render(result));
  } finally {
    if (folder === undefined) await rm(its, { recursive: true, force: true });
  }
}

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

function render({ questions, rssMb }: JournalBench): string {
  const lines = questions.map(({ question, events, cpuMs, wallMs, leastWallMs }) => {
    const times = `${cpuMs.toFixed(1)} ms of CPU, ${wallMs.toFixed(1)} ms (least ${leastWallMs.toFixed(1)})`;
    return `  ${question}: ${events} events, ${times}`;
  });
  const memory = `  memory: ${rssMb.before.toFixed(0)} MB before, ${rssMb.peak.toFixed(0)} MB at its peak`;
  return `medians\n${[...lines, memory].join('\n')}\n`;
}
