import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents } from '../events/journal-reading.js';
import { DriftWatch, USUAL_DRIFT } from '../learning/drift/drift-watch.js';
import type { RegisterCommand } from './command.js';
import { keptIn } from './state-dir.js';
import { timeOf } from './time-of.js';
import { wholeNumber } from './whole-number.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly since?: string;
  readonly referenceValues: number;
  readonly runLength: number;
  readonly json: boolean;
}

/** `catnap drift`: what has changed about detections, as a running Catnap would have told. */
export const registerDrift: RegisterCommand = (program) => {
  program
    .command('drift')
    .description('what has changed about detections since the journal, or --since, began')
    .option('--since <time>', 'from this time on, ISO 8601 or like 15m, 24h, 7d ago', timeOf)
    .option(
      '--reference-values <n>',
      'values of a measure that say what is usual',
      wholeNumber(20),
      USUAL_DRIFT.referenceValues,
    )
    .option(
      '--run-length <n>',
      'values between two false alarms, at least and on average',
      wholeNumber(10),
      USUAL_DRIFT.runLength,
    )
    .option('--config <file>', 'configuration that names the state folder')
    .option('--state <folder>', 'state folder')
    .option('--json', 'print a line of JSON for each change', false)
    .action(async (flags: Flags) => {
      const watch = new DriftWatch(flags);
      let changes = 0;
      for await (const event of journalEvents(keptIn(flags, JOURNAL_FOLDER), { from: flags.since ?? null })) {
        for (const { component, state, detail } of watch.take(event)) {
          changes += 1;
          const at = event.measured?.wallTime ?? '';
          const line = flags.json
            ? JSON.stringify({ at, component, state, detail })
            : `${at}  ${component}  ${state}  ${detail}`;
          process.stdout.write(`${line}\n`);
        }
      }
      if (changes === 0 && !flags.json)
        process.stdout.write(`nothing has changed; watched: ${watch.told()}\n`);
    });
};
