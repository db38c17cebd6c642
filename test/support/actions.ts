import type { ActionConfig, ActionEdges, ActionRequest } from '../../src/actions/action-kind.js';
import { actionsSchema } from '../../src/actions/config.js';
import { type ActionRunner, createActionRunner } from '../../src/actions/runner.js';
import { createWayOut } from '../../src/egress/way-out.js';
import { planAction } from '../../src/runtime/actions.js';
import { systemClock, systemTimer } from '../../src/runtime/process/system-clock.js';

/** A runner of every kind of action, that acts unless told otherwise. */
export function actionRunner(
  config: object = {},
  edges: Partial<ActionEdges> = {},
  folder = '.',
): ActionRunner {
  const settings = actionsSchema.parse({ dryRun: false, ...config });
  const place = { ...settings, folder, sources: ['board'] };
  const whole: ActionEdges = {
    gate: createWayOut(false),
    clock: systemClock,
    sendToBoard: async () => {
      throw new Error('no board');
    },
    ...edges,
  };
  return createActionRunner(settings, {
    timer: systemTimer,
    plan: (request) => planAction(request, place, whole),
  });
}

/** A request for an action, as an intent or an answer would make it. */
export function actionRequest(
  action: ActionConfig & Record<string, unknown>,
  slots: Record<string, string> = {},
): ActionRequest {
  return { detection: 'mic/0', name: 'light', action, slots };
}
