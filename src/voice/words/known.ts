import { modelChosen } from '../../models/choose.js';
import type { Choice, Planners } from '../../models/kind.js';
import type { Manifest } from '../../models/manifest.js';

/** Words that a model can report: labels that its manifest gives thresholds. */
export function knownWords({ labels, thresholds }: Manifest): readonly string[] {
  return labels.filter((label) => Object.hasOwn(thresholds, label));
}

/** What a model that listens for words can report, and its name. */
export interface Vocabulary {
  readonly model: string;
  readonly words: readonly string[];
}

/**
 * Words that whatever is chosen can report; null where nobody knows, as of a module of one's own.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `MODEL_SHAPE` for a model of a kind that is not in the table.
 */
export function vocabularyOf(table: Planners, choice: Choice): Vocabulary | null {
  if (typeof choice === 'string') {
    const model = modelChosen(table, choice);
    return model === null ? null : { model: model.manifest.name, words: knownWords(model.manifest) };
  }
  const planner = table[choice.kind];
  const words = planner?.by === 'settings' ? planner.words?.(choice) : undefined;
  return words === undefined ? null : { model: choice.kind, words };
}
