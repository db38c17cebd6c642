import { CatnapError } from '../../core/errors.js';
import type { CommandOfPage } from './page-command.js';

/** Says what other thresholds would have made of the last days of a source. */
export const whatIf: CommandOfPage<'what-if'> = async ({ source, days, changes }, { past }) => ({
  detail: await past.ask(source, days, changes),
  isQuestion: true,
});

/** Says whether the stages of a source were as often right in the last days as they were sure, a line each. */
export const reliability: CommandOfPage<'reliability'> = async ({ source, days }, { past }) => ({
  detail: await past.reliability(source, days),
  isQuestion: true,
});

/** Draws what each threshold of heavy would have missed and taken for a word in the last days of a source. */
export const front: CommandOfPage<'front'> = async ({ source, days }, { past, thresholds }) => {
  const { tiny, heavy } = thresholds.of(source);
  if (tiny === null || heavy === null)
    throw new CatnapError('USAGE', `${source}: expected two stages with thresholds, found fewer`);
  const drawn = await past.front(source, days, { notice: tiny.reject, accept: heavy.accept });
  return { ...drawn, isQuestion: true };
};
