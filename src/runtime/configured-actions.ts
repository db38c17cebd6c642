import type { ActionConfig, ActionEdges, ActionPlace } from '../actions/action-kind.js';
import { type ActionRunner, createActionRunner } from '../actions/runner.js';
import type { Timer } from '../core/clock.js';
import { actionKindOf, planAction } from './actions.js';
import type { Config } from './config.js';

/** Where the actions of a configuration stand; `folder` is what its relative paths are relative to. */
export function actionPlace({ actions, sources }: Config, folder: string): ActionPlace {
  return { ...actions, folder, sources: sources.map(({ id }) => id) };
}

/** Every action that a configuration names, with where it does. */
export function actionsOf({
  intents,
  cascades,
  uplink,
}: Config): readonly (readonly [string, ActionConfig])[] {
  return [
    ...intents.sentences.map(({ intent, action }) => [`intent ${intent}`, action] as const),
    ...Object.values(cascades).flatMap((cascade) =>
      Object.entries(cascade.kind === 'sensor' ? cascade.faults : {}).flatMap(([fault, answer]) =>
        typeof answer === 'string' ? [] : [[`fault ${fault}`, answer] as const],
      ),
    ),
    ...Object.entries(uplink.actions).map(([name, action]) => [`answer ${name}`, action] as const),
  ];
}

/**
 * Makes the runner of a configuration's actions.
 * @throws CatnapError `CONFIG_INVALID` for an action that could never be done.
 */
export async function openActions(
  config: Config,
  folder: string,
  timer: Timer,
  edges: ActionEdges,
): Promise<ActionRunner> {
  const place = actionPlace(config, folder);
  for (const [, action] of actionsOf(config)) await actionKindOf(action).ready?.(action, place);
  return createActionRunner(config.actions, {
    timer,
    plan: (request) => planAction(request, place, edges),
  });
}
