import { CatnapError } from '../../core/errors.js';
import { NamedFaults } from '../../sensor/named-faults.js';
import { eventsOf } from './detection.js';
import type { CommandOfPage } from './page-command.js';

/** Gives the fault of a detection a name. */
export const nameFault: CommandOfPage<'name-fault'> = ({ detection, name }, { history, stateDir }) => {
  const { verified } = eventsOf(detection, history());
  if (verified === null) throw new CatnapError('USAGE', 'expected a fault that was confirmed');
  new NamedFaults(stateDir, verified.source).name(name, verified.startSample);
  return { detail: `${name} is known now` };
};

/** Calls a known fault otherwise; where the new name is known, the two become one. */
export const renameFault: CommandOfPage<'rename-fault'> = ({ source, from, to }, { stateDir }) => {
  new NamedFaults(stateDir, source).rename(from, to);
  return { detail: `${from} is ${to} now` };
};

/** Forgets the name of a known fault: it is unknown when it comes again. */
export const forgetFault: CommandOfPage<'forget-fault'> = ({ source, name }, { stateDir }) => {
  new NamedFaults(stateDir, source).forget(name);
  return { detail: `${name} is forgotten` };
};
