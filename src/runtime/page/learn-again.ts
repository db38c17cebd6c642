import { CatnapError } from '../../core/errors.js';
import { FileAnomalyStore } from '../../sensor/normal/state-file.js';
import { anomalyStatePath } from '../../sensor/normal/state-path.js';
import type { CommandOfPage } from './page-command.js';

/** Leaves word for whoever watches a source to learn anew what is normal for it. */
export const learnAgain: CommandOfPage<'learn-again'> = ({ source }, { sensors, stateDir }, by) => {
  if (!sensors.includes(source))
    throw new CatnapError('USAGE', `expected a source that learns what is normal, found "${source}"`);
  new FileAnomalyStore(anomalyStatePath(stateDir, source)).wish({ by, fromMs: null, state: null });
  return { detail: 'learns again from now on' };
};
