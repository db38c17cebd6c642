import { eventsOf } from './detection.js';
import type { CommandOfPage } from './page-command.js';

/** Writes down what somebody says of a detection. */
export const label: CommandOfPage<'label'> = ({ detection, verdict, was }, { history, publish }, by) => {
  const { first, last } = eventsOf(detection, history());
  const at = first.measured?.wallTime ?? '';
  publish({ type: 'label', detection, source: last.source, label: last.label, at, verdict, was, by });
  return { detail: was === null ? verdict : `${verdict}: ${was}` };
};
