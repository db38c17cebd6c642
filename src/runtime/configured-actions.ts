import type { ActionConfig, ActionEdges, ActionPlace } from '../actions/action-kind.js';
import { type ActionRunner, createActionRunner } from '../actions/runner.js';
import type { Timer } from '../core/clock.js';
import { actionKindOf, planAction } from './actions.js';
import type { Config } from './config.js';

/** Where the actions of a configuration stand; `folder` is what its relative paths are relative to. */
export function actionPlace({ actions, sources }: Config, folder: string): ActionPlace {
  return { ...actions, folder, sources: sources.map(({ id }) => id) };
}

/** An action, and where a configuration names it. */
interface ConfiguredAction {
  readonly where: string;
  readonly path: readonly PropertyKey[];
  readonly action: ActionConfig;
}

/** Every action that a configuration names. */
export function actionsOf({ intents, cascades, uplink }: Config): readonly ConfiguredAction[] {
  const ofIntents = intents.sentences.map(({ intent, action }, index) => ({
    where: `intent ${intent}`,
    path: ['intents', 'sentences', index, 'action'],
    action,
  }));
  const ofFaults = Object.entries(cascades).flatMap(([name, cascade]) =>
    Object.entries(cascade.kind === 'sensor' ? cascade.faults : {}).flatMap(([fault, answer]) => {
      if (typeof answer === 'string') return [];
      return [{ where: `fault ${fault}`, path: ['cascades', name, 'faults', fault], action: answer }];
    }),
  );
  const ofAnswers = Object.entries(uplink.actions).map(([name, action]) => ({
    where: `answer ${name}`,
    path: ['uplink', 'actions', name],
    action,
  }));
  return [...ofIntents, ...ofFaults, ...ofAnswers];
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
  for (const { action } of actionsOf(config)) await actionKindOf(action).ready?.(action, place);
  return createActionRunner(config.actions, {
    timer,
    plan: (request) => planAction(request, place, edges),
  });
}
