import { SAME_WORD_MS } from '../core/cascade/arbiter.js';
import type { Clock } from '../core/clock.js';
import type { CascadeEvent, EventOf } from '../core/events/events.js';
import { createPublisher, type PublisherDeps } from '../core/events/stamp.js';
import type { ActionConfig, ActionRequest } from './action-kind.js';
import { fieldsOf } from './fields.js';
import type { Fields } from './placeholders.js';
import type { ActionRunner } from './runner.js';

/** What of a configuration says who answers what. */
export interface Answering {
  readonly sources: readonly { readonly id: string; readonly cascade: string }[];
  readonly cascades: Readonly<Record<string, CascadeAnswers>>;
}

/** What a cascade does by itself. */
interface CascadeAnswers {
  readonly kind: string;
  /** Of a sensor's: the action of a fault, or the intent that answers it. */
  readonly faults?: Readonly<Record<string, string | ActionConfig>>;
  /** Of a sensor's: what is done when a fault is over. */
  readonly allClear?: ActionConfig | null;
  /** Of a voice's: what is done when a word was verified. */
  readonly wakeActions?: Readonly<Record<string, ActionConfig>>;
}

/**
 * Makes the listener that does what the device does by itself, and publishes what came of it: the action of an intent
 * or fault that was settled, of a wake word that was verified, and of a fault that is over. With `log` nothing is done
 * but the event.
 */
export function createLocalActions(
  answering: Answering,
  actionOfIntent: (intent: string) => ActionConfig | null,
  runner: Pick<ActionRunner, 'run'>,
  deps: LocalActionDeps,
): (event: CascadeEvent) => void {
  const publish = createPublisher('actions', deps);
  const requestOf = createRequests(answering, actionOfIntent, deps.clock);
  const run = (request: ActionRequest): void =>
    void runner.run(request).then((outcome) => publish({ type: 'action', ...outcome }));
  return (event) => {
    const request = requestOf(event);
    if (request === null || request.action.kind === 'log') return;
    // What was settled is this device's to do: that was asked before.
    const agreed = event.type === 'verified' ? (deps.isMine?.(request.detection) ?? null) : null;
    if (agreed === null) run(request);
    else void agreed.then((isMine) => isMine && run(request));
  };
}

/** What the listener publishes by, and asks before it does what a wake word alone asks for. */
export interface LocalActionDeps extends PublisherDeps {
  /** Whether this device is the one to act on a detection; null, or left out: nobody else may have heard it. */
  readonly isMine?: (detection: string) => Promise<boolean> | null;
}

/** What an event asks to be done; null for most. */
function createRequests(
  { sources, cascades }: Answering,
  actionOfIntent: (intent: string) => ActionConfig | null,
  clock: Pick<Clock, 'monotonicMs'>,
): (event: CascadeEvent) => ActionRequest | null {
  const cascadeOf = new Map(sources.map(({ id, cascade }) => [id, cascades[cascade]]));
  /** By source: the fault it has, until it is seen to end. */
  const faults = new Map<string, Fields>();
  const isNew = createOnce(clock);

  const settled = (event: EventOf<'settled'>): ActionRequest | null => {
    const { detection, source, label, intent: name, slots } = event;
    const known = cascadeOf.get(source)?.faults ?? {};
    const answer = Object.hasOwn(known, label) ? known[label] : null;
    const action = typeof answer === 'object' && answer !== null ? answer : actionOfIntent(name);
    const fields = fieldsOf(name, { ...event, at: event.measured?.wallTime });
    return action === null ? null : { detection, name, action, slots, fields };
  };
  const verified = (event: EventOf<'verified'>): ActionRequest | null => {
    const { detection, source, label, resumed = false } = event;
    const { wakeActions = {}, allClear = null } = cascadeOf.get(source) ?? {};
    const fields = fieldsOf(label, { ...event, at: event.measured?.wallTime });
    if (allClear !== null) faults.set(source, fields);
    const action = Object.hasOwn(wakeActions, label) ? wakeActions[label] : undefined;
    if (action === undefined || resumed || !isNew(label, source)) return null;
    return { detection, name: label, action, slots: {}, fields };
  };
  const ended = ({ detection, source, measured, interrupted }: EventOf<'ended'>): ActionRequest | null => {
    const fault = faults.get(source);
    const action = cascadeOf.get(source)?.allClear ?? null;
    // Cut off, not over: it is told of again once the signal is back.
    if (fault === undefined || action === null || interrupted === true) return null;
    faults.delete(source);
    const fields = { ...fault, at: measured?.wallTime ?? '' };
    return { detection, name: 'all-clear', action, slots: { value: fault.label }, fields };
  };
  return (event) => {
    switch (event.type) {
      case 'settled':
        return settled(event);
      case 'verified':
        return verified(event);
      case 'ended':
        return ended(event);
      default:
        return null;
    }
  };
}

/** Tells a word from the same one as another source heard it. */
function createOnce({ monotonicMs }: Pick<Clock, 'monotonicMs'>): (label: string, source: string) => boolean {
  const last = new Map<string, { readonly source: string; readonly atMs: number }>();
  return (label, source) => {
    const before = last.get(label);
    const atMs = monotonicMs();
    if (before !== undefined && before.source !== source && atMs - before.atMs < SAME_WORD_MS) return false;
    last.set(label, { source, atMs });
    return true;
  };
}
