import type { Command } from 'commander';
import { EXIT } from '../core/errors.js';
import type { Simulation } from '../simulator/simulate.js';
import { wholeNumber } from './whole-number.js';

interface Flags {
  readonly seed: number;
  readonly runs: number;
  readonly days: number;
  readonly faults?: string;
  readonly often: number;
  readonly json: boolean;
}

/** `catnap bench simulate`: the runtime in virtual time under faults that a seed draws. */
export function registerBenchSimulate(bench: Command): void {
  bench
    .command('simulate')
    .description(
      'days in minutes, under random faults: what is lost, done twice, out of order, never taken back',
    )
    .option('--seed <n>', 'seed of the first run; the same seed is the same run', wholeNumber(0), 1)
    .option('--runs <n>', 'how many seeds, one after the other', wholeNumber(1), 1)
    .option('--days <n>', 'days of each run', wholeNumber(1), 30)
    .option('--faults <names>', 'only these, by name, with commas between them')
    .option('--often <n>', 'faults come this many times as often', wholeNumber(1), 1)
    .option('--json', 'print each run as JSON', false)
    .action(run);
}

async function run({ seed, runs, days, faults, often, json }: Flags): Promise<void> {
  const { simulate } = await import('../simulator/simulate.js');
  for (let at = seed; at < seed + runs; at++) {
    const only = faults === undefined ? {} : { faults: faults.split(',').map((name) => name.trim()) };
    const simulation = await simulate({ seed: at, days, often, ...only });
    process.stdout.write(json ? `${JSON.stringify(simulation)}\n` : render(simulation));
    if (simulation.violations.length > 0) process.exitCode = EXIT.software;
  }
}

function render({ seed, hours, offered, faults, events, violations, tail, digest }: Simulation): string {
  const counted = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const rows = [
    ['seed', `${seed}`],
    ['hours', hours.toFixed(1)],
    ['offered to the cloud', `${offered}`],
    ['faults', counted(faults)],
    ['events', counted(events)],
    ['digest', digest],
    ['violations', violations.length === 0 ? 'none' : violations.join('\n')],
  ];
  const table = rows.map(([name = '', value]) => `${name.padEnd(24)}${value}\n`).join('');
  return violations.length === 0 ? `${table}\n` : `${table}\n${tail.join('\n')}\n\n`;
}
