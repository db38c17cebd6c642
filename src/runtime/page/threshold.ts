import type { CommandOfPage } from './page-command.js';

/** Sets a threshold of a source, until the next start. */
export const threshold: CommandOfPage<'threshold'> = async (
  { source, stage, bound, value },
  { thresholds },
) => {
  const { before } = await thresholds.set({ source, stage, bound }, value);
  return { detail: `${stage} ${bound} is ${value} now, it was ${before}` };
};

/** Takes back the newest of these. */
export const undoThreshold: CommandOfPage<'undo-threshold'> = async ({ source }, { thresholds }) => {
  const { name, value } = await thresholds.undo(source);
  return { detail: `${name.stage} ${name.bound} is ${value} again` };
};
