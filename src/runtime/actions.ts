import type {
  ActionConfig,
  ActionEdges,
  ActionKind,
  ActionPlace,
  ActionRequest,
  Plan,
} from '../actions/action-kind.js';
import { command } from '../actions/command.js';
import { log } from '../actions/log.js';
import { module } from '../actions/module.js';
import { mqtt } from '../actions/mqtt.js';
import { serial } from '../actions/serial.js';
import { webhook } from '../actions/webhook.js';
import { tableOf } from '../core/kind.js';

/** Every kind of action: configuration, `doctor` and what runs them are made from it. */
export const ACTIONS = tableOf({ log, mqtt, webhook, command, serial, module });

/** The kind of an action that the configuration has checked. */
export function actionKindOf({ kind }: ActionConfig): ActionKind<ActionConfig> {
  return ACTIONS[kind as keyof typeof ACTIONS] as unknown as ActionKind<ActionConfig>;
}

/** What a request comes to, by the kind of its action. */
export async function planAction(
  request: ActionRequest,
  place: ActionPlace,
  edges: ActionEdges,
): Promise<Plan> {
  return actionKindOf(request.action).plan(request, place, edges);
}
