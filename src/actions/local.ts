import type { CascadeEvent, EventOf } from '../core/events/events.js';
import type { Config } from '../runtime/config.js';
import { createEventMaker, type EventMakerDeps } from '../uplink/event-maker.js';
import type { ActionConfig } from './config.js';
import type { ActionRunner } from './runner.js';

/**
 * Makes the listener that runs the action of all that was settled on the device and publishes what came of it. `actionOf`
 * knows the action; without one, or with `log`, nothing is done but the event.
 */
export function createLocalActions(
  actionOf: (event: EventOf<'settled'>) => ActionConfig | null,
  runner: Pick<ActionRunner, 'run'>,
  deps: EventMakerDeps,
): (event: CascadeEvent) => void {
  const publish = createEventMaker('actions', deps);
  return (event) => {
    if (event.type !== 'settled') return;
    const action = actionOf(event);
    if (action === null || action.kind === 'log') return;
    const { detection, intent: name, slots } = event;
    void runner
      .run({ detection, name, action, slots })
      .then((outcome) => publish({ type: 'action', ...outcome }));
  };
}

/** Knows the action of a settled event: that of the fault, where its source's cascade names one, else the intent's. */
export function createAnswers(
  { sources, cascades }: Pick<Config, 'sources' | 'cascades'>,
  actionOfIntent: (intent: string) => ActionConfig | null,
): (event: EventOf<'settled'>) => ActionConfig | null {
  return ({ source, label, intent }) => {
    const cascade = cascades[sources.find(({ id }) => id === source)?.cascade ?? ''];
    const answer =
      cascade?.kind === 'sensor' && Object.hasOwn(cascade.faults, label) ? cascade.faults[label] : null;
    return typeof answer === 'object' && answer !== null ? answer : actionOfIntent(intent);
  };
}
