import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Stage } from '../../../../../src/core/cascade/stage.js';
import { AS_TRAINED } from '../../../../../src/core/thresholds.js';
import { planChoice } from '../../../../../src/models/choose.js';
import { VOICE_KINDS } from '../../../../../src/runtime/stages.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';
import { choiceNamed } from '../../../../../src/voice/config.js';
import { voiceStage } from '../../../../support/stages.js';
import { requireData, root, sharedData } from '../../../../support/tools.js';

const HOP = 1280;
const LABELS = ['alexa', 'computer', 'jarvis', 'smart_mirror', 'snowboy', 'view_glass', 'other'];

async function opened(settings: object): Promise<Stage> {
  const filled = { kind: 'classifier', say: {}, output: 'scores', everyMs: 80, meanOf: 1, ...settings };
  const stage = await voiceStage(filled as never);
  onTestFinished(() => stage.dispose());
  return stage;
}

const shipped = (format: string) => ({
  model: join(root, `models/wake-heavy/wake-heavy.${format}`),
  labels: LABELS,
  words: LABELS.slice(0, -1),
  frontEnd: { kind: 'samples', scale: 'unit' },
});

/** Each look's score of the label that fares best. */
async function scores(stage: Stage, samples: Float32Array): Promise<readonly number[]> {
  const found: number[] = [];
  for (let start = 0; start + HOP <= samples.length; start += HOP) {
    const data = samples.subarray(start, start + HOP);
    const window = { source: 's', startSample: start, rateHz: 16_000, channels: 1, data };
    const decision = await stage.decide(window, new AbortController().signal);
    found.push(decision.kind === 'abstain' ? Number.NaN : decision.score);
  }
  return found;
}

describe('a network of one input', () => {
  it('scores within 1e-4 alike as ONNX and as TensorFlow Lite', async () => {
    const samples = (await readAudio(join(root, 'fixtures/voice/two-words.wav'))).subarray(0, 8 * HOP);
    const onnx = await scores(await opened(shipped('onnx')), samples);
    const tflite = await scores(await opened(shipped('tflite')), samples);
    expect(Math.max(...onnx)).toBeGreaterThan(0);
    for (const [i, score] of onnx.entries())
      expect(Math.abs(score - (tflite[i] ?? Number.NaN))).toBeLessThan(1e-4);
  });

  it('is refused in a sentence where its outputs are not as many as the labels', async () => {
    const message =
      'model wake-heavy: expected one input of float32 or quantised 8 bits and 2 such outputs, found float32[1,32000] to float32[1,7]';
    await expect(opened({ ...shipped('tflite'), labels: ['a', 'b'], words: ['a'] })).rejects.toMatchObject({
      code: 'MODEL_SHAPE',
      message,
    });
  });

  it('needs its labels where nobody knows it', async () => {
    const { model } = shipped('onnx');
    await expect(opened({ model })).rejects.toMatchObject({
      code: 'MODEL_SHAPE',
      message: expect.stringContaining('expected labels and a frontEnd'),
    });
  });
});

const mlperf = join(sharedData, 'models/mlperf-tiny');

describe.runIf(requireData('MLPerf Tiny as stages'))('the reference models of MLPerf Tiny', () => {
  it.each([
    ['kws_ref_model', ['down', 'go', 'left', 'no', 'off', 'on', 'right', 'stop', 'up', 'yes']],
    ['str_ww_ref_model', ['marvin']],
    ['ad01_int8', ['anomaly']],
  ])('run by naming the file: %s', async (name, words) => {
    const choice = choiceNamed(mlperf, `./${name}.tflite`, VOICE_KINDS.stages);
    expect(choice).toMatchObject({ kind: 'classifier' });
    const stage = await voiceStage(choice, { words });
    onTestFinished(() => stage.dispose());
    const samples = (await readAudio(join(root, 'fixtures/voice/two-words.wav'))).subarray(0, 30 * HOP);
    for (const score of await scores(stage, samples)) expect(score).not.toBeNaN();
  });

  it('are held to how their words sound, but for the noise of a machine, which nobody says', async () => {
    const spoken = async (name: string) => {
      const choice = choiceNamed(mlperf, `./${name}.tflite`, VOICE_KINDS.stages);
      const request = { name, words: null, ...AS_TRAINED, budgetMs: 1000 };
      return (await planChoice(VOICE_KINDS.stages, choice, request)).spoken;
    };
    expect(await spoken('str_ww_ref_model')).toEqual([{ name: 'marvin', say: 'marvin' }]);
    expect(await spoken('ad01_int8')).toEqual([]);
  });
});
