import {
  createOwnRecogniser,
  createOwnStage,
  type ModuleSettings,
  type ModuleSpec,
  moduleKind,
  planModule,
} from '../../own/own-stage.js';
import {
  DEFAULT_TRAITS,
  type EndpointerKind,
  HALF,
  type RecogniserKind,
  type RecogniserRequest,
  type VoiceStageKind,
  type VoiceStageRequest,
} from './stage-kind.js';

/** As for any end-pointer: a live source waits for it hop by hop. */
const ENDPOINTER_BUDGET_MS = 120;

/** What a voice cascade asks of a module where it asks nothing in particular. */
const ANY = { words: null, thresholds: null, statePath: null } as const;

/** A stage that listens for words, from a module of one's own. */
export const moduleStage: VoiceStageKind<ModuleSpec> = {
  ...moduleKind,
  parts: ['tiny', 'heavy'],
  async plan({ words, thresholds, budgetMs }: VoiceStageRequest, settings: ModuleSettings) {
    const place = { words, thresholds, budgetMs, statePath: null };
    const { spec, about } = await planModule(settings, 'stage', place);
    return {
      spec,
      words: words ?? about.words ?? [],
      thresholds: thresholds ?? HALF,
      traits: { ...DEFAULT_TRAITS, ...about.traits },
    };
  },
  create: createOwnStage,
};

/** An end-pointer from a module of one's own. */
export const moduleEndpointer: EndpointerKind<ModuleSpec> = {
  ...moduleKind,
  async plan(_: null, settings: ModuleSettings) {
    return (await planModule(settings, 'stage', { ...ANY, budgetMs: ENDPOINTER_BUDGET_MS })).spec;
  },
  create: createOwnStage,
};

/** A recogniser from a module of one's own. */
export const moduleRecogniser: RecogniserKind<ModuleSpec> = {
  ...moduleKind,
  async plan({ budgetMs }: RecogniserRequest, settings: ModuleSettings) {
    return (await planModule(settings, 'recogniser', { ...ANY, budgetMs })).spec;
  },
  create: createOwnRecogniser,
};
