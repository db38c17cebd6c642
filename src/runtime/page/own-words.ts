import { CatnapError } from '../../core/errors.js';
import { takesAdvice } from '../../voice/words/advice.js';
import { takesLeftTold } from '../../voice/words/forget-takes.js';
import type { CommandOfPage } from './page-command.js';

/** Says how a word is said and what to expect of it. */
export const reportWord: CommandOfPage<'report-word'> = async ({ source, say, ipa }, { ownWords }) => {
  const word = await ownWords.report(source, { say, ipa });
  return {
    detail: `"${say}" is said ${word.ways.map((way) => way.ipa).join(', or ')}`,
    word,
    isQuestion: true,
  };
};

/** Listens for a word of the owner's. */
export const addWord: CommandOfPage<'add-word'> = async ({ source, say, ipa, anyway }, { ownWords }) => {
  const label = await ownWords.add(source, { say, ipa }, anyway);
  return { detail: `${label} is listened for in a few seconds` };
};

/** Listens for one no longer. */
export const removeWord: CommandOfPage<'remove-word'> = ({ source, label, anyway }, { ownWords }) => {
  const { along, takes } = ownWords.remove(source, label, anyway);
  const gone = along.length === 0 ? '' : `; taken out with it: ${along.join(', ')}`;
  const told = takes === null ? gone : `${gone}; ${takesLeftTold(takes)}`;
  return { detail: `${label} is listened for no longer, in a few seconds${told}` };
};

/** Takes a recording of a word. */
export const take: CommandOfPage<'take'> = async ({ say, isFirst, pcm }, { ownWords }) => {
  const bytes = Buffer.from(pcm, 'base64');
  const samples = new Int16Array(Math.floor(bytes.length / 2));
  for (let at = 0; at < samples.length; at++) samples[at] = bytes.readInt16LE(2 * at);
  const { count, refusal } = await ownWords.take(say, samples, isFirst);
  if (refusal !== null) throw new CatnapError('SOURCE_FORMAT', `take ${count + 1}: ${refusal}; once more`);
  return { detail: `take ${count} of "${say}"`, takes: count };
};

/** Listens for a word by its takes. */
export const keepTakes: CommandOfPage<'keep-takes'> = async ({ source, say, ipa, isSpelt }, { ownWords }) => {
  const { kept, leftOut, point } = await ownWords.keep(source, { say, ipa }, isSpelt);
  const odd = leftOut.length === 0 ? '' : `; ${leftOut.length} of something else left out`;
  const advised = takesAdvice(point)
    .map((advice) => `; ${advice}`)
    .join('');
  const sure = point.confidences.map((confidence) => confidence.toFixed(2)).join(', ');
  return {
    detail: `"${say}" is listened for by ${kept} takes in a few seconds, believed from ${point.accept} (by the others each take was ${sure} sure)${odd}${advised}`,
  };
};
