import type { ActionConfig, ActionEdges, ActionPlace } from '../actions/action-kind.js';
import { FIELDS, placeholdersIn } from '../actions/placeholders.js';
import { type ActionRunner, createActionRunner } from '../actions/runner.js';
import type { Timer } from '../core/clock.js';
import { faultsBelow, type SettingFault } from '../core/kind.js';
import { SHIPPED_INTENTS } from '../voice/intents/defaults.js';
import { parseTemplate, templateSlots } from '../voice/intents/template.js';
import { actionKindOf, planAction } from './actions.js';
import { actionsUrl, brokerFaults } from './brokers.js';
import type { CascadeConfig, Config } from './config.js';

/** Where the actions of a configuration stand; `folder` is what its relative paths are relative to. */
export function actionPlace(config: Config, folder: string): ActionPlace {
  const { sources } = config;
  return { mqttUrl: actionsUrl(config), folder, sources: sources.map(({ id }) => id) };
}

/** An action, and where a configuration names it. */
interface ConfiguredAction {
  readonly where: string;
  readonly path: readonly PropertyKey[];
  readonly action: ActionConfig;
  /** Slots that its texts may name beside the fields; null: whatever they name is asked for. */
  readonly slots: readonly string[] | null;
}

/** The slot that holds the name of a fault. */
const OF_FAULTS = ['value'];

/** Every action that a configuration names. */
export function actionsOf({ intents, cascades, uplink }: Config): readonly ConfiguredAction[] {
  const ofIntents = intents.sentences.map(({ intent, action }, index) => ({
    where: `intent ${intent}`,
    path: ['intents', 'sentences', index, 'action'],
    action,
    slots: slotsOfIntent(intent, intents, cascades),
  }));
  const ofAnswers = Object.entries(uplink.actions).map(([name, action]) => ({
    where: `answer ${name}`,
    path: ['uplink', 'actions', name],
    action,
    slots: null,
  }));
  const ofCascades = Object.entries(cascades).flatMap(([name, cascade]) =>
    actionsOfCascade(cascade).map((each) => ({ ...each, path: ['cascades', name, ...each.path] })),
  );
  return [...ofIntents, ...ofCascades, ...ofAnswers];
}

/** Slots of all sentences that mean an intent, and of faults that it answers. */
function slotsOfIntent(intent: string, { sentences }: Config['intents'], cascades: Config['cascades']) {
  const meaning = [...sentences, ...SHIPPED_INTENTS.sentences].filter((each) => each.intent === intent);
  const answers = Object.values(cascades).some(
    (cascade) => cascade.kind === 'sensor' && Object.values(cascade.faults).includes(intent),
  );
  return [
    ...meaning.flatMap((each) => [
      ...each.sentences.flatMap((text) => templateSlots(parseTemplate(text))),
      ...Object.keys(each.slots),
    ]),
    ...(answers ? OF_FAULTS : []),
  ];
}

function actionsOfCascade(cascade: CascadeConfig): readonly ConfiguredAction[] {
  switch (cascade.kind) {
    case 'voice':
      return Object.entries(cascade.wakeActions).map(([word, action]) => ({
        where: `word ${word}`,
        path: ['wakeActions', word],
        action,
        slots: [],
      }));
    case 'sensor': {
      const { faults, allClear } = cascade;
      const ofFaults = Object.entries(faults).flatMap(([fault, action]) => {
        if (typeof action === 'string') return [];
        return [{ where: `fault ${fault}`, path: ['faults', fault], action, slots: OF_FAULTS }];
      });
      const atTheEnd = { where: 'all-clear', path: ['allClear'], slots: OF_FAULTS };
      return allClear === null ? ofFaults : [...ofFaults, { ...atTheEnd, action: allClear }];
    }
  }
}

/** What is wrong with the actions of a configuration: what could never be done, and what nothing is known of. */
export function actionFaults(config: Config, folder: string): readonly SettingFault[] {
  const place = actionPlace(config, folder);
  const ofActions = actionsOf(config).flatMap(({ path: above, action, slots }) => {
    const faults = actionKindOf(action).faults?.(action, place) ?? [];
    return faultsBelow(above, [...faults, ...unknownPlaceholders(action, slots)]);
  });
  return [...brokerFaults(config, folder), ...unknownIntents(config), ...ofActions];
}

/** Intents that faults are answered by, or words lead to, that there are none of. */
function unknownIntents({ cascades, intents }: Config): readonly SettingFault[] {
  const shipped = intents.shipped ? SHIPPED_INTENTS.sentences : [];
  const known = [...new Set([...intents.sentences, ...shipped].map(({ intent }) => intent))];
  const ofWords = Object.entries(cascades).flatMap(([name, cascade]) =>
    (cascade.kind === 'voice' ? (cascade.intents ?? []) : []).flatMap((intent, i) => {
      if (known.includes(intent)) return [];
      const message = `expected the name of an intent, found "${intent}"`;
      return [{ path: ['cascades', name, 'intents', i], message, among: { found: intent, known } }];
    }),
  );
  const ofFaults = Object.entries(cascades).flatMap(([name, cascade]) =>
    Object.entries(cascade.kind === 'sensor' ? cascade.faults : {}).flatMap(([fault, answer]) => {
      if (typeof answer !== 'string' || known.includes(answer)) return [];
      const message = `expected an action, or an intent that is told of, found "${answer}"`;
      return [{ path: ['cascades', name, 'faults', fault], message, among: { found: answer, known } }];
    }),
  );
  return [...ofWords, ...ofFaults];
}

function unknownPlaceholders(action: ActionConfig, slots: readonly string[] | null): readonly SettingFault[] {
  // What a module makes of its options is its own.
  if (slots === null || action.kind === 'module') return [];
  const known = [...new Set([...slots, ...FIELDS])];
  return placeholdersIn(action).flatMap(({ path, name }) => {
    if (known.includes(name)) return [];
    const message = `expected a placeholder that has a value here, found {${name}}`;
    return [{ path, message, among: { found: name, known } }];
  });
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
