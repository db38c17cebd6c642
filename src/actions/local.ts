import type { ActionConfig } from '../config/actions.js';
import type { CascadeEvent } from '../core/events.js';
import { createEventMaker, type EventMakerDeps } from '../uplink/event-maker.js';
import type { ActionRunner } from './runner.js';

/**
 * Makes the listener that runs the action of every locally settled intent and publishes what came of it. `actionOf`
 * knows the action of an intent; an intent without one, or with `log`, does nothing but its event.
 */
export function createLocalActions(
  actionOf: (intent: string) => ActionConfig | null,
  runner: ActionRunner,
  deps: EventMakerDeps,
): (event: CascadeEvent) => void {
  const publish = createEventMaker('actions', deps);
  return (event) => {
    if (event.type !== 'settled') return;
    const action = actionOf(event.intent);
    if (action === null || action.kind === 'log') return;
    const { detection, intent: name, slots } = event;
    void runner
      .run({ detection, name, action, slots })
      .then((outcome) => publish({ type: 'action', ...outcome }));
  };
}
