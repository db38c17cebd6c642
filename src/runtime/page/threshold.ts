import type { CommandOfPage } from './page-command.js';

/** Sets a threshold of a source, until the next start. */
export const threshold: CommandOfPage<'threshold'> = async (
  { source, stage, bound, value },
  { thresholds },
) => {
  await thresholds.set({ source, stage, bound }, value);
  return { detail: `${stage} ${bound} is ${value} now` };
};
