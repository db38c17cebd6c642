import type { CommandOfPage } from './page-command.js';

/** Sets a threshold of a source, until the next start. */
export const threshold: CommandOfPage<'threshold'> = async (
  { source, stage, bound, value },
  { thresholds },
) => {
  const { before, isSet } = await thresholds.set({ source, stage, bound }, value);
  const when = isSet ? 'is' : 'will be, once what is under way is over,';
  return { detail: `${stage} ${bound} ${when} ${value}${isSet ? ' now' : ''}, it was ${before}` };
};

/** Takes back the newest of these. */
export const undoThreshold: CommandOfPage<'undo-threshold'> = async ({ source }, { thresholds }) => {
  const { name, value } = await thresholds.undo(source);
  return { detail: `${name.stage} ${name.bound} is ${value} again` };
};
