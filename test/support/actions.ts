import { onTestFinished } from 'vitest';
import type { ActionConfig, ActionEdges, ActionRequest } from '../../src/actions/action-kind.js';
import { actionsSchema } from '../../src/actions/config.js';
import type { Fields } from '../../src/actions/placeholders.js';
import { type ActionRunner, createActionRunner } from '../../src/actions/runner.js';
import { createWayOut } from '../../src/egress/way-out.js';
import { planAction } from '../../src/runtime/actions.js';
import { createBrokers } from '../../src/runtime/brokers.js';
import { systemClock, systemTimer } from '../../src/runtime/process/system-clock.js';

/** What is known of a request in tests. */
export const FIELDS_OF_LIGHT: Fields = {
  intent: 'light',
  transcript: 'say "light"',
  source: 'mic',
  label: 'computer',
  channels: '',
  at: '2026-01-01T00:00:00.000Z',
  confidence: '0.98',
};

/** A runner of every kind of action, that acts unless told otherwise. */
export function actionRunner(
  config: object = {},
  edges: Partial<ActionEdges> = {},
  folder = '.',
): ActionRunner {
  const settings = actionsSchema.parse({ dryRun: false, ...config });
  const place = { mqttUrl: settings.mqttUrl, folder, sources: ['board'] };
  const wayOut = edges.wayOut ?? createWayOut(false);
  const whole: ActionEdges = {
    wayOut,
    clock: systemClock,
    broker: createBrokers(
      { actions: settings, edge: null, home: { mqtt: null, wyoming: null } },
      folder,
      wayOut,
      systemTimer,
    ).actions,
    sendToBoard: async () => {
      throw new Error('no board');
    },
    ...edges,
  };
  const runner = createActionRunner(settings, {
    timer: systemTimer,
    plan: (request) => planAction(request, place, whole),
  });
  onTestFinished(() => whole.broker.close());
  return runner;
}

/** A request for an action, as an intent or an answer would make it. */
export function actionRequest(
  action: ActionConfig & Record<string, unknown>,
  slots: Record<string, string> = {},
): ActionRequest {
  return { detection: 'mic/0', name: 'light', action, slots, fields: FIELDS_OF_LIGHT };
}
