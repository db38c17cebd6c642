import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findWord } from '../../../../../src/dsp/trim.js';
import { floatsNamed } from '../../../../../src/engines/engine.js';
import { loadEngine } from '../../../../../src/engines/load.js';
import { encodedWordOf } from '../../../../../src/models/front-end.js';
import { shippedModel } from '../../../../../src/models/manifest.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';
import { poolFrames, showWord } from '../../../../../src/voice/stages/audio-window.js';
import { recogniser } from '../../../../support/stages.js';
import { temporaryFolder } from '../../../../support/temporary-folder.js';
import { vectorSignal } from '../../../../support/vector-signal.js';

const RATE_HZ = 16_000;
const model = shippedModel('commands');
const frontEnd = encodedWordOf(model);
const encoderOf = () =>
  loadEngine({ manifest: { ...frontEnd.encoder, state: [] }, folder: model.folder }, 'onnx');
const window = (data: Float32Array) => ({ source: 's', startSample: 0, rateHz: RATE_HZ, channels: 1, data });
const { signal } = new AbortController();

/** The shipped manifest with its front end changed, in a folder without the weights. */
function withFrontEnd(change: Readonly<Record<string, unknown>>): string {
  const path = join(temporaryFolder(), 'manifest.json');
  writeFileSync(path, JSON.stringify({ ...model.manifest, frontEnd: { ...frontEnd, ...change } }));
  return path;
}

function withEncoder(change: Readonly<Record<string, unknown>>): string {
  const { encoder } = frontEnd;
  return withFrontEnd({ encoder: { ...encoder, files: { onnx: { ...encoder.files.onnx, ...change } } } });
}

const open = (manifest: string) => recogniser(manifest, 'commands');

interface Vectors {
  readonly samples: number;
  readonly span: readonly [number, number];
  readonly length: number;
  readonly window: readonly number[];
  readonly windowTolerance: number;
  readonly parts: readonly (readonly number[])[];
  readonly partTolerance: number;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../vectors/command-word.json', import.meta.url), 'utf8'),
) as Vectors;

describe('what the command model is shown', () => {
  const { samples } = vectors;
  const data = new Float32Array(2.5 * samples);
  data.set(vectorSignal(samples).map((value) => value * 0.01));
  data.set(vectorSignal(samples), samples);
  data.fill(0.2, 1000, 1400);

  it('is what it was trained on: the same word, cut out, and the same means of what the encoder hears', async () => {
    const word = { start: vectors.span[0], end: vectors.span[1] };
    expect(findWord(data, RATE_HZ)).toEqual({ word, rivals: [] });
    const encoder = await encoderOf();
    const input = floatsNamed(encoder.inputs, 'input_values', 'encoder');
    const length = showWord(data, word, frontEnd, input);
    expect(length).toBe(vectors.length);
    for (const [i, value] of vectors.window.entries()) {
      expect(Math.abs((input[i * 199] ?? 9) - value)).toBeLessThan(vectors.windowTolerance);
    }
    await encoder.run();
    const means = new Float32Array(frontEnd.segments * 288);
    poolFrames(floatsNamed(encoder.outputs, 'last_hidden_state', 'encoder'), length, frontEnd, means);
    for (const [part, values] of vectors.parts.entries()) {
      for (const [i, value] of values.entries()) {
        expect(Math.abs((means[part * 288 + i * 48] ?? 9) - value)).toBeLessThan(vectors.partTolerance);
      }
    }
    await encoder.dispose();
  });
});

describe('the command model', () => {
  it('says the same in ONNX Runtime and TensorFlow Lite, within 1e-4', async () => {
    const [onnx, tflite] = [await loadEngine(model, 'onnx'), await loadEngine(model, 'tflite')];
    for (const factor of [0.1, 1, 3]) {
      for (const { inputs } of [onnx, tflite]) {
        const input = floatsNamed(inputs, 'segments', 'commands');
        for (let i = 0; i < input.length; i++) input[i] = factor * Math.sin(i * i);
      }
      await onnx.run();
      await tflite.run();
      const expected = floatsNamed(onnx.outputs, 'scores', 'commands');
      const found = floatsNamed(tflite.outputs, 'scores', 'commands');
      expect(expected.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
      for (const [i, score] of expected.entries())
        expect(Math.abs((found[i] ?? 9) - score)).toBeLessThan(1e-4);
    }
    await onnx.dispose();
    await tflite.dispose();
  });

  it('leaves silence, clicks, sentences and words it does not know to the next recogniser', async () => {
    const commands = await open(join(model.folder, 'manifest.json'));
    const voice = (name: string) =>
      fileURLToPath(new URL(`../../../../../fixtures/voice/${name}.wav`, import.meta.url));
    const click = new Float32Array(RATE_HZ);
    click.fill(0.5, 5000, 5100);
    for (const data of [
      new Float32Array(RATE_HZ),
      click,
      vectorSignal(RATE_HZ),
      await readAudio(voice('long-story')),
    ]) {
      expect(await commands.recognise(window(data), signal)).toEqual({ kind: 'empty', stage: 'commands' });
    }
    await commands.dispose();
  });

  it('abstains on samples that are not numbers', async () => {
    const commands = await open(join(model.folder, 'manifest.json'));
    const bad = new Float32Array(RATE_HZ).fill(Number.NaN, 100, 101);
    expect(await commands.recognise(window(bad), signal)).toMatchObject({
      kind: 'abstain',
      code: 'MODEL_OUTPUT',
    });
    await commands.dispose();
  });

  it('names the package that its encoder was expected in', async () => {
    await expect(open(withEncoder({ package: '@moonshine-ai/none' }))).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('npm package @moonshine-ai/none, which is not installed'),
    });
  });

  it('refuses an encoder of another hash', async () => {
    await expect(open(withEncoder({ sha256: '0'.repeat(64) }))).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringMatching(/model moonshine-tiny encoder: .*expected sha256 0{64}, found c6fc4b7b/),
    });
  });

  it('refuses a front end that does not fit it', async () => {
    await expect(open(withFrontEnd({ segments: 4 }))).rejects.toMatchObject({
      code: 'MODEL_SHAPE',
      message: 'model commands: tensor "segments": expected float32[1,8,288], found float32[1,4,288]',
    });
    await expect(open(withFrontEnd({ silence: { label: 'hush', least: 0.5 } }))).rejects.toMatchObject({
      code: 'MODEL_SHAPE',
      message: expect.stringContaining('expected the label "hush", found open, close'),
    });
  });
});
