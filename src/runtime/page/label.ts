import { labelOf } from '../../core/events/labels.js';
import { eventsOf } from './detection.js';
import type { CommandOfPage } from './page-command.js';

/** Writes down what somebody says of a detection; what it was taken for is right. */
export const label: CommandOfPage<'label'> = ({ detection, verdict, was }, { history, publish }, by) => {
  const told = eventsOf(detection, history());
  const isRight = verdict === 'right' || was === told.last.label;
  const said = isRight ? { verdict: 'right' as const, was: null } : { verdict, was };
  publish(labelOf(told, { ...said, by }));
  return { detail: said.was === null ? said.verdict : `${said.verdict}: ${said.was}` };
};
