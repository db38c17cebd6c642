import type { CascadeDeps } from '../../src/core/cascade/cascade-deps.js';
import type { CascadeProfile, Followup } from '../../src/core/cascade/profile.js';
import type { Settle } from '../../src/core/cascade/settle.js';
import type { Recognition } from '../../src/core/cascade/stage.js';
import { LoudnessStage, ScriptedRecogniser } from '../../src/emulator/scripted.js';
import { harness } from './cascade.js';

export const followup: Followup = {
  kind: 'utterance',
  leadMs: 0,
  endSilenceMs: 300,
  startTimeoutMs: 1000,
  maxMs: 2000,
};
export const profile: Partial<CascadeProfile> = {
  followup,
  gate: {
    fromHz: 200,
    openDb: 6,
    holdMs: 500,
    preRollMs: 100,
    lowestFloorDb: -60,
    riseDbPerSecond: 0,
    napMs: 0,
  },
  clip: { preRollMs: 50, maxMs: 3000 },
};
export const heardLights = {
  kind: 'transcript',
  stage: 'words',
  text: 'lights on',
  confidence: 0.9,
} satisfies Recognition;
export const settle: Settle = ({ text }) =>
  text === 'lights on'
    ? { kind: 'settled', intent: 'light.on', slots: { room: 'hall' } }
    : { kind: 'unsettled', reason: 'unknown-words', unknownWords: 1 };

/** Speech that tiny does not take for the word. */
export const SPEECH = 0.25;
export const wake = [
  [0, 200],
  [0.9, 50],
  [0, 50],
] as const;

export function listening(deps: Partial<CascadeDeps> = {}) {
  const recogniser = new ScriptedRecogniser(heardLights);
  return { recogniser, ...harness(profile, { recogniser, settle, ...deps }) };
}

/** A tiny that tells with the hop up to one sample that a word ended at another. */
export function placing(told: ReadonlyMap<number, number>): LoudnessStage {
  const tiny: LoudnessStage = new LoudnessStage('tiny', undefined, (decision) => {
    const endSample = told.get(tiny.windows.at(-1)?.endSample ?? 0);
    return endSample === undefined ? decision : { ...decision, endSample };
  });
  return tiny;
}
