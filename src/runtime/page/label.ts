import { labelOf } from '../../core/events/labels.js';
import { eventsOf } from './detection.js';
import type { CommandOfPage } from './page-command.js';

/** Writes down what somebody says of a detection. */
export const label: CommandOfPage<'label'> = ({ detection, verdict, was }, { history, publish }, by) => {
  publish(labelOf(eventsOf(detection, history()), { verdict, was, by }));
  return { detail: was === null ? verdict : `${verdict}: ${was}` };
};
