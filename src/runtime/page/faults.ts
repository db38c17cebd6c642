import { CatnapError } from '../../core/errors.js';
import { type CascadeEvent, type EventOf, wholeDetectionOf } from '../../core/events/events.js';
import type { KnownFault } from '../../dashboard/commands.js';
import { type ListedFault, NamedFaults } from '../../sensor/named-faults.js';
import { nearestFault } from '../../sensor/normal/faults.js';
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

/** Says what faults a source knows, and when each was told of last. */
export const knownFaults: CommandOfPage<'known-faults'> = ({ source }, { history, stateDir }) => {
  const listed = new NamedFaults(stateDir, source).list();
  const toldOf = newestTold(source, listed, history());
  const faults = listed.map(
    ({ name, looks, startSamples }): KnownFault => ({
      name,
      looks,
      seen: startSamples.length,
      last: toldOf.get(startSamples[0] ?? Number.NaN) ?? null,
    }),
  );
  const names = faults.filter(({ name }) => name !== null).length;
  return { detail: `${names} known by name, ${faults.length - names} without`, faults, isQuestion: true };
};

/** By where a fault began: the newest event by which {@link nameFault} would name it. */
function newestTold(
  source: string,
  listed: readonly ListedFault[],
  history: readonly CascadeEvent[],
): ReadonlyMap<number, KnownFault['last']> {
  const confirmed = listed.flatMap(({ startSamples }) =>
    startSamples.map((startSample) => ({ startSample })),
  );
  const told = new Map<number, KnownFault['last']>();
  for (const event of history) {
    if (event.type !== 'verified' || event.source !== source) continue;
    const began = nearestFault(confirmed, event.startSample)?.startSample;
    const last = lastOf(event);
    if (began !== undefined && last !== null) told.set(began, last);
  }
  return told;
}

function lastOf(event: EventOf<'verified'>): KnownFault['last'] {
  const detection = wholeDetectionOf(event);
  return detection === null || event.measured === null
    ? null
    : { wallTime: event.measured.wallTime, detection };
}
