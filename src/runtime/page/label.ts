import { labelOf } from '../../core/events/labels.js';
import { eventsOf } from './detection.js';
import { moveWord } from './false-wake.js';
import type { CommandOfPage } from './page-command.js';

/**
 * Writes down what somebody says of a detection; what it was taken for is right. A word of the owner that was heard
 * for nothing is asked for more.
 */
export const label: CommandOfPage<'label'> = (
  { detection, verdict, was },
  { history, publish, words },
  by,
) => {
  const told = eventsOf(detection, history());
  const isRight = verdict === 'right' || was === told.last.label;
  const said = isRight ? { verdict: 'right' as const, was: null } : { verdict, was };
  publish(labelOf(told, { ...said, by }));
  const detail = said.was === null ? said.verdict : `${said.verdict}: ${said.was}`;
  const moved = isRight || told.last.type === 'near-miss' ? null : moveWord(told.last, history(), words);
  return { detail: moved === null ? detail : `${detail}; ${moved}` };
};
