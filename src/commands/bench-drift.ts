import type { Command } from 'commander';
import { benchDrift, type ChangeFound, type DriftBench } from '../bench/drift.js';
import { wholeNumber } from './whole-number.js';

/** `catnap bench drift`: how soon a change is told of in simulated houses, and how often one is that there was not. */
export function registerBenchDrift(bench: Command): void {
  bench
    .command('drift')
    .description('delay to the alarm and false alarms a month, in simulated houses')
    .option('--houses <n>', 'houses simulated for each change', wholeNumber(1), 40)
    .option('--json', 'print the figures as JSON', false)
    .action((flags: { readonly houses: number; readonly json: boolean }) => {
      const result = benchDrift(flags.houses);
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : render(result));
    });
}

function render({ days, wordsADay, falseAlarmsAMonth, months, changes }: DriftBench): string {
  const lines = [
    `${days.before} days as usual, ${days.after} after the change, ${wordsADay} words a day`,
    `  false alarms a month where nothing changes: ${falseAlarmsAMonth.toFixed(2)} (${months} months)`,
    ...changes.map(row),
  ];
  return `${lines.join('\n')}\n`;
}

function row({
  change,
  found,
  houses,
  medianDays,
  p90Days,
  toldBy,
  named,
  namedInTheEnd,
}: ChangeFound): string {
  const days = (value: number | null) => (value === null ? '-' : value.toFixed(1));
  return `  ${change}: told of in ${found} of ${houses}, after ${days(medianDays)} days (90%: ${days(p90Days)}), by ${toldBy ?? '-'}; named by the first alarm in ${named}, by any in ${namedInTheEnd}`;
}
