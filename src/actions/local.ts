import type { CascadeEvent, EventOf } from '../core/events/events.js';
import { createPublisher, type PublisherDeps } from '../core/events/stamp.js';
import type { ActionConfig } from './action-kind.js';
import type { ActionRunner } from './runner.js';

/**
 * Makes the listener that runs the action of all that was settled on the device and publishes what came of
 * it. `actionOf` knows the action; without one, or with `log`, nothing is done but the event.
 */
export function createLocalActions(
  actionOf: (event: EventOf<'settled'>) => ActionConfig | null,
  runner: Pick<ActionRunner, 'run'>,
  deps: PublisherDeps,
): (event: CascadeEvent) => void {
  const publish = createPublisher('actions', deps);
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

/** What of a configuration says who answers what. */
export interface Answering {
  readonly sources: readonly { readonly id: string; readonly cascade: string }[];
  /** A sensor's cascade may name the action that answers a fault. */
  readonly cascades: Readonly<
    Record<
      string,
      { readonly kind: string; readonly faults?: Readonly<Record<string, string | ActionConfig>> }
    >
  >;
}

/** Knows the action of a settled event: that of the fault, where its source's cascade names one, else the intent's. */
export function createAnswers(
  { sources, cascades }: Answering,
  actionOfIntent: (intent: string) => ActionConfig | null,
): (event: EventOf<'settled'>) => ActionConfig | null {
  return ({ source, label, intent }) => {
    const faults = cascades[sources.find(({ id }) => id === source)?.cascade ?? '']?.faults ?? {};
    const answer = Object.hasOwn(faults, label) ? faults[label] : null;
    return typeof answer === 'object' && answer !== null ? answer : actionOfIntent(intent);
  };
}
