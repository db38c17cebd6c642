import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { type CascadeEvent, detectionIn, type EventOf } from '../core/events/events.js';
import { labelOf, type Told } from '../core/events/labels.js';
import { EventStamp } from '../core/events/stamp.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { journalEvents } from '../events/journal-reading.js';
import { keepLabels, keptLabels } from '../events/labels-file.js';
import { unwritable } from '../files/unwritable.js';
import { moveWord } from '../runtime/page/false-wake.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { WrittenWords } from '../runtime/written-words.js';
import { labelByFolder } from './events-label-folder.js';
import { configPathOf, keptIn, stateDirOf } from './state-dir.js';
import { toldIn } from './told-in.js';
import { writeAccepts } from './words-file.js';

type Flags = Parameters<typeof stateDirOf>[0] & { readonly folder?: string; readonly json: boolean };

/**
 * `catnap events label`: says of a detection whether it was right, as the page does. A word of the owner's that was
 * heard for nothing is asked for more. With `--folder`, of all detections that labelled clips are of.
 */
export function registerLabel(events: Command): void {
  events
    .command('label')
    .description('say of a detection whether it was right, or what it was')
    .argument('[detection]', 'as `catnap events` names it; of several runs the newest, or <run>/<detection>')
    .argument('[verdict]', 'right, wrong, or what it was')
    .option(
      '--folder <folder>',
      'clips as `export` wrote them, since sorted into folders or labelled in a list',
    )
    // The options of `catnap events`, which stand before or behind.
    .action(async (detection: string | undefined, said: string | undefined, _: unknown, command: Command) => {
      const flags: Flags = command.optsWithGlobals();
      if (flags.folder !== undefined && detection === undefined) return labelAll(flags.folder, flags);
      if (flags.folder !== undefined || detection === undefined || said === undefined)
        throw new CatnapError('USAGE', 'expected a detection and a verdict, or --folder and neither');
      const about = await newestOf(keptIn(flags, JOURNAL_FOLDER), detection);
      const label = stamped(about, said);
      try {
        await keepLabels(stateDirOf(flags), [label]);
      } catch (cause) {
        throw unwritable(stateDirOf(flags), cause);
      }
      const moved = label.verdict === 'right' || label.nearMiss ? null : await movedWord(about, flags);
      const { detection: named, label: word, verdict } = label;
      if (flags.json) {
        const told = { detection: named, label: word, verdict, was: label.was, moved };
        process.stdout.write(`${JSON.stringify(told)}\n`);
        return;
      }
      const was = label.was === null ? '' : `, it was ${label.was}`;
      const more = moved === null ? '' : `; ${moved}`;
      process.stdout.write(`${named}: ${word} is ${verdict}${was}${more}\n`);
    });
}

async function labelAll(folder: string, flags: Flags): Promise<void> {
  const done = await labelByFolder(folder, stateDirOf(flags), keptIn(flags, JOURNAL_FOLDER));
  const { labelled, same, unknown } = done;
  const text = `${folder}: ${labelled} labelled, ${same} as before, ${unknown} that the journal does not know`;
  process.stdout.write(`${flags.json ? JSON.stringify(done) : text}\n`);
}

/** What the journal tells of the newest detection of that name. */
async function newestOf(folder: string, detection: string): Promise<Told> {
  const told = await toldIn(folder, (event, whole) => [detectionIn(event), whole].includes(detection));
  const newest = [...told.values()].at(-1);
  if (newest !== undefined) return newest;
  throw new CatnapError('USAGE', `expected a detection that the journal holds, found "${detection}"`);
}

/** What becomes of the word that was heard, by what its run heard and all that was said of it; null: nothing. */
async function movedWord({ last }: Told, flags: Flags): Promise<string | null> {
  const config = configPathOf(flags);
  if (config === null) return null;
  const heard: CascadeEvent[] = [];
  for await (const event of journalEvents(keptIn(flags, JOURNAL_FOLDER), { facets: { label: last.label } }))
    if (event.measured?.run === last.measured?.run) heard.push(event);
  return moveWord(
    last,
    [...heard, ...keptLabels(stateDirOf(flags))],
    new WrittenWords({
      read: () => loadConfig(config, process.env, needsNothing),
      believeFrom: (accept, { cascade, label }) =>
        writeAccepts([{ name: label, accept }], { config, cascade }),
    }),
  );
}

function stamped(about: Told, said: string): EventOf<'label'> {
  const was = said === 'right' || said === 'wrong' ? null : said;
  const verdict = said === 'right' || said === about.last.label ? 'right' : 'wrong';
  const stamp = new EventStamp('cli', randomUUID(), systemClock).next(null);
  return { ...labelOf(about, { verdict, was, by: 'cli' }), ...stamp };
}
