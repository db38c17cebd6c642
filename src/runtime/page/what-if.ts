import type { CommandOfPage } from './page-command.js';

/** Says what other thresholds would have made of the last days of a source. */
export const whatIf: CommandOfPage<'what-if'> = async ({ source, days, changes }, { past }) => ({
  detail: await past.ask(source, days, changes),
  isQuestion: true,
});
