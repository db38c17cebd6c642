import { CatnapError } from '../../core/errors.js';
import type { PageCommand, PageCommandKind, RunCommand } from '../../dashboard/commands.js';
import { forgetFault, knownFaults, nameFault, renameFault } from './faults.js';
import { label } from './label.js';
import { learnAgain } from './learn-again.js';
import { mute, unmute } from './mute.js';
import { offline } from './offline.js';
import { addWord, keepTakes, removeWord, reportWord, take } from './own-words.js';
import type { CommandOfPage, House } from './page-command.js';
import { threshold, undoThreshold } from './threshold.js';
import { front, reliability, whatIf } from './what-if.js';

/** What each command of the page does. */
const PAGE_COMMANDS: { readonly [Kind in PageCommandKind]: CommandOfPage<Kind> } = {
  mute,
  unmute,
  offline,
  label,
  'name-fault': nameFault,
  'rename-fault': renameFault,
  'forget-fault': forgetFault,
  'known-faults': knownFaults,
  'learn-again': learnAgain,
  threshold,
  'undo-threshold': undoThreshold,
  'what-if': whatIf,
  front,
  reliability,
  'report-word': reportWord,
  'add-word': addWord,
  'remove-word': removeWord,
  take,
  'keep-takes': keepTakes,
};

/** Makes what does the commands of the page in a house; one that names a source there is none of is refused. */
export function createRunCommand(house: House): RunCommand {
  return async (command, by) => {
    const source = 'source' in command ? command.source : null;
    if (source !== null && !house.sources.includes(source)) {
      const known = house.sources.join(', ');
      throw new CatnapError('USAGE', `expected a source of ${known}, found "${source}"`);
    }
    return runOf(command)(command, house, by);
  };
}

function runOf(command: PageCommand): CommandOfPage<PageCommandKind> {
  return PAGE_COMMANDS[command.kind] as CommandOfPage<PageCommandKind>;
}
