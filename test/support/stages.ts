import type { RecogniserSpec, StageSpec } from '../../src/core/cascade/assembly.js';
import type { Recogniser, Stage } from '../../src/core/cascade/stage.js';
import { AS_TRAINED } from '../../src/core/thresholds.js';
import { planChoice } from '../../src/models/choose.js';
import type { Choice } from '../../src/models/kind.js';
import { createRecogniser, createStage, VOICE_KINDS } from '../../src/runtime/stages.js';
import type { AnomalyHeavySpec } from '../../src/sensor/anomaly-heavy/anomaly-heavy.js';
import type { AnomalyTinySpec } from '../../src/sensor/anomaly-tiny/spec.js';
import type { VoiceStageRequest } from '../../src/voice/stages/stage-kind.js';

/** The spec of the stage that a voice cascade gets when its configuration names `model`. */
export async function voiceSpec(model: Choice, request: Partial<VoiceStageRequest> = {}): Promise<StageSpec> {
  const name = typeof model === 'string' ? model : model.kind;
  const whole: VoiceStageRequest = { name, words: null, ...AS_TRAINED, budgetMs: 1000, ...request };
  return (await planChoice(VOICE_KINDS.stages, model, whole)).spec;
}

/** That stage. */
export async function voiceStage(model: Choice, request?: Partial<VoiceStageRequest>): Promise<Stage> {
  return createStage(await voiceSpec(model, request));
}

/** The end-pointer of that name. */
export async function endpointer(model: string): Promise<Stage> {
  return createStage(await planChoice(VOICE_KINDS.endpointers, model, null));
}

/** The spec of a recogniser of one member, called `name`. */
export async function recogniserSpec(model: string, name = model): Promise<RecogniserSpec> {
  const budgetMs = 8000;
  const member = await planChoice(VOICE_KINDS.recognisers, model, { name, budgetMs });
  return { name, budgetMs, members: [member] };
}

/** That recogniser. */
export async function recogniser(model: string, name?: string): Promise<Recogniser> {
  return createRecogniser(await recogniserSpec(model, name));
}

/** A tiny for sensors of its defaults, in memory. */
export const anomalyTinySpec: AnomalyTinySpec = {
  kind: 'anomaly-tiny',
  name: 'anomaly-tiny',
  budgetMs: 1000,
  thresholds: { accept: 0.5, reject: 0.5 },
  falseAlarmsPerDay: 20,
  state: null,
  features: 'auto',
  rowSeconds: 1,
  learnSeconds: 600,
  timeZone: null,
  normal: null,
  maxAlarmSeconds: 86_400,
  limits: {},
  summary: { plotWidth: 0, samples: 0 },
};

/** A heavy for sensors of its defaults, in memory. */
export const anomalyHeavySpec: AnomalyHeavySpec = {
  kind: 'anomaly-heavy',
  name: 'anomaly-heavy',
  budgetMs: 5000,
  thresholds: { accept: 0.5, reject: 0.5 },
  falseAlarmsPerDay: 20,
  state: null,
};
