import { CatnapError } from '../../core/errors.js';
import type { PageCommand, PageCommandKind, RunCommand } from '../../dashboard/commands.js';
import { mute, unmute } from './mute.js';
import type { CommandOfPage, House } from './page-command.js';

/** What each command of the page does. */
const PAGE_COMMANDS: { readonly [Kind in PageCommandKind]: CommandOfPage<Kind> } = { mute, unmute };

/** Makes what does the commands of the page in a house; one that names a source there is none of is refused. */
export function createRunCommand(house: House): RunCommand {
  return async (command, by) => {
    if (command.source !== null && !house.sources.includes(command.source)) {
      const known = house.sources.join(', ');
      throw new CatnapError('USAGE', `expected a source of ${known}, found "${command.source}"`);
    }
    return runOf(command)(command, house, by);
  };
}

function runOf(command: PageCommand): CommandOfPage<PageCommandKind> {
  return PAGE_COMMANDS[command.kind] as CommandOfPage<PageCommandKind>;
}
