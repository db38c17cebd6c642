import { logit } from '../../core/cascade/calibration.js';
import type { Judgement, Window } from '../../core/cascade/stage.js';
import { blockLevelsDb } from '../../core/signal/gate.js';
import { openness } from './entropy.js';
import { runnerUpOf } from './runner-up.js';

/** Scores are kept this far from 0 and 1, where logits are infinite. A label that tiny never named has a score of 0. */
const UNHEARD_SCORE = 0.01;
/** Below it lie hum and steps, which say nothing of a voice. */
const LOUD_FROM_HZ = 200;
/** Of the blocks of a window, that from which on it is quiet. */
const QUIET_SHARE = 0.1;

interface Look {
  readonly decision: Judgement;
  readonly window: Window;
  /** Blocks of the window from the quietest to the loudest, dBFS. */
  readonly levels: readonly number[];
}

const FIGURES = {
  'how sure heavy was': ({ decision }: Look) => bounded(decision.confidence),
  "tiny's score": ({ decision, window }: Look) => bounded(window.noticed?.get(decision.label) ?? 0),
  'lead over the next label': ({ decision }: Look) =>
    decision.confidence - (runnerUpOf(decision)?.confidence ?? 0),
  'what is left open': ({ decision }: Look) => openness(decision).left,
  'other words that tiny noticed': ({ decision, window }: Look) =>
    [...(window.noticed?.keys() ?? [])].filter((label) => label !== decision.label).length,
  loudness: ({ levels }: Look) => levels.at(-1) ?? 0,
  'loudness above the quiet': ({ levels }: Look) =>
    (levels.at(-1) ?? 0) - (levels[Math.floor(QUIET_SHARE * levels.length)] ?? 0),
} as const;

/** What the figures of {@link lookFeatures} are called, in their order. */
export const LOOK_NAMES: readonly string[] = Object.keys(FIGURES);

/** What is known of a heavy stage's look at a window: the trail so far, and how the window sounds. */
export function lookFeatures(decision: Judgement, window: Window): Float64Array {
  const levels = [...blockLevelsDb(window.data, window.rateHz, LOUD_FROM_HZ)].sort((a, b) => a - b);
  return Float64Array.from(Object.values(FIGURES), (figure) => figure({ decision, window, levels }));
}

function bounded(score: number): number {
  return logit(Math.min(1 - UNHEARD_SCORE, Math.max(UNHEARD_SCORE, score)));
}
