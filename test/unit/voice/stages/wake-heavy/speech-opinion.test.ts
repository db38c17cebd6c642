import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { floatsNamed } from '../../../../../src/engines/engine.js';
import { loadEngine } from '../../../../../src/engines/load.js';
import { encodedWindowOf } from '../../../../../src/models/front-end.js';
import type { Model } from '../../../../../src/models/manifest.js';
import { shippedModel } from '../../../../../src/models/manifest.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';
import { poolFrames, showLevelledEnd } from '../../../../../src/voice/stages/audio-window.js';
import { secondOf } from '../../../../../src/voice/stages/wake-heavy/kind.js';
import {
  loadSpeechOpinion,
  type SpeechOpinion,
} from '../../../../../src/voice/stages/wake-heavy/speech-opinion.js';
import { temporaryFolder } from '../../../../support/temporary-folder.js';
import { vectorSignal } from '../../../../support/vector-signal.js';

const model = shippedModel('wake-speech');
const frontEnd = encodedWindowOf(model);
const voice = (name: string) =>
  fileURLToPath(new URL(`../../../../../fixtures/voice/${name}.wav`, import.meta.url));

interface Vectors {
  readonly samples: number;
  readonly window: readonly number[];
  readonly windowTolerance: number;
  readonly parts: readonly (readonly number[])[];
  readonly partTolerance: number;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../vectors/wake-window.json', import.meta.url), 'utf8'),
) as Vectors;

/** A verifier that asks the model that a manifest in another folder describes. */
function verifierBeside(manifest: object): Model {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'second.json'), JSON.stringify(manifest));
  const { manifest: own } = shippedModel('wake-heavy');
  const second = { manifest: './second.json', weight: 1, most: 4 };
  return { folder, manifest: { ...own, verify: { ...own.verify, second } } };
}

/** What the shipped model says beside the shipped verifier, its manifest changed. */
async function opinion(change: object = {}): Promise<SpeechOpinion> {
  const verifier = verifierBeside({ ...model.manifest, files: absolute, ...change });
  const second = await secondOf(verifier);
  if (second === null) throw new Error('expected a second opinion, found none');
  return loadSpeechOpinion(verifier, second);
}

const absolute = Object.fromEntries(
  Object.entries(model.manifest.files).map(([format, file]) => [
    format,
    { ...file, path: join(model.folder, file?.path ?? '') },
  ]),
);

describe('what wake-speech is shown', () => {
  it('is what it was trained on: the same end of a window, and the same means of what the encoder hears', async () => {
    const encoder = await loadEngine(
      { manifest: { ...frontEnd.encoder, state: [] }, folder: model.folder },
      'onnx',
    );
    const input = floatsNamed(encoder.inputs, 'input_values', 'encoder');
    showLevelledEnd(vectorSignal(vectors.samples), frontEnd, input);
    for (const [i, value] of vectors.window.entries()) {
      expect(Math.abs((input[i * 199] ?? 9) - value)).toBeLessThan(vectors.windowTolerance);
    }
    await encoder.run();
    const means = new Float32Array(frontEnd.segments * 288);
    poolFrames(floatsNamed(encoder.outputs, 'last_hidden_state', 'encoder'), input.length, frontEnd, means);
    expect(vectors.parts).toHaveLength(frontEnd.segments);
    for (const [part, values] of vectors.parts.entries()) {
      for (const [i, value] of values.entries()) {
        expect(Math.abs((means[part * 288 + i * 48] ?? 9) - value)).toBeLessThan(vectors.partTolerance);
      }
    }
    await encoder.dispose();
  });
});

describe('wake-speech', () => {
  it('knows the labels of the verifier that asks it, and is asked by the shipped one', () => {
    const { labels, verify } = shippedModel('wake-heavy').manifest;
    expect(model.manifest.labels.toSorted()).toEqual(labels.toSorted());
    expect(verify.second?.manifest).toBe('../wake-speech/manifest.json');
  });

  it('says the same in ONNX Runtime and TensorFlow Lite, within 0.005 of any score', async () => {
    const [onnx, tflite] = [await loadEngine(model, 'onnx'), await loadEngine(model, 'tflite')];
    for (const factor of [0.1, 1, 3]) {
      for (const { inputs } of [onnx, tflite]) {
        const input = floatsNamed(inputs, 'segments', 'wake-speech');
        for (let i = 0; i < input.length; i++) input[i] = factor * Math.sin(i * i);
      }
      await onnx.run();
      await tflite.run();
      const expected = floatsNamed(onnx.outputs, 'scores', 'wake-speech');
      const found = floatsNamed(tflite.outputs, 'scores', 'wake-speech');
      expect(expected.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
      for (const [i, score] of expected.entries())
        expect(Math.abs((found[i] ?? 9) - score)).toBeLessThan(0.005);
    }
    await onnx.dispose();
    await tflite.dispose();
  });

  it('stays under 1 MB in either format', () => {
    for (const file of [model.manifest.files.onnx, model.manifest.files.tflite]) {
      expect(statSync(join(model.folder, file?.path ?? '')).size).toBeLessThanOrEqual(1_000_000);
    }
  });

  it('speaks for the word that is said and against it in silence', async () => {
    const speech = await opinion();
    const { labels } = shippedModel('wake-heavy').manifest;
    const computer = labels.indexOf('computer');
    const said = (await speech.of((await readAudio(voice('complex'))).subarray(16_000, 48_000)))[computer];
    const silent = (await speech.of(new Float32Array(32_000)))[computer];
    expect(said).toBeGreaterThan(0);
    expect(silent).toBeLessThan(0);
    await speech.dispose();
  });

  it('is heard by name whatever the order of its labels', async () => {
    const heard = (await readAudio(voice('complex'))).subarray(16_000, 48_000);
    const [plain, turned] = [await opinion(), await opinion({ labels: model.manifest.labels.toReversed() })];
    const own = [...(await plain.of(heard))];
    const { labels } = shippedModel('wake-heavy').manifest;
    const mirrored = labels.map((label) => {
      const { labels: known } = model.manifest;
      const twin = known[known.length - 1 - known.indexOf(label)] ?? '';
      return own[labels.indexOf(twin)];
    });
    expect([...(await turned.of(heard))]).toEqual(mirrored);
    await plain.dispose();
    await turned.dispose();
  });

  it('says where its manifest was expected', async () => {
    const { folder, manifest } = verifierBeside({});
    const second = { manifest: '../gone/manifest.json', weight: 1, most: 4 };
    const verifier = { folder, manifest: { ...manifest, verify: { ...manifest.verify, second } } };
    expect(await secondOf(verifier)).toEqual({
      kind: 'unavailable',
      code: 'MODEL_MISSING',
      message: `model manifest: expected a readable file at ${join(folder, '../gone/manifest.json')}`,
    });
  });

  it('names the package that its encoder was expected in', async () => {
    const { encoder } = frontEnd;
    const files = { onnx: { ...encoder.files.onnx, package: '@moonshine-ai/none' } };
    await expect(
      opinion({ frontEnd: { ...frontEnd, encoder: { ...encoder, files } } }),
    ).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('npm package @moonshine-ai/none, which is not installed'),
    });
  });

  it.each([
    [
      { frontEnd: { ...frontEnd, segments: 4 } },
      'model wake-speech: tensor "segments": expected float32[1,12,288], found float32[1,4,288]',
    ],
    [
      { frontEnd: { ...frontEnd, windowSamples: 16_000 } },
      'model moonshine-tiny encoder: tensor "input_values": expected float32[1,32000], found float32[1,16000]',
    ],
    [
      { labels: ['alexa', 'computer'] },
      'model wake-speech: tensor "scores": expected float32[1,7], found float32[1,2]',
    ],
    [{ frontEnd: { ...frontEnd, kind: 'encoded-word' } }, /front end "encoded-word".*"encoded-window"/],
    [
      { outputs: [{ ...model.manifest.outputs[0], shape: [1, 9] }], labels: [...'abcdefghi'] },
      'model wake-speech: tensor "scores": expected float32[1,9], found float32[1,7]',
    ],
  ])('refuses a manifest that does not fit it: %#', async (change, message) => {
    await expect(opinion(change)).rejects.toMatchObject({
      code: 'MODEL_SHAPE',
      message: expect.stringMatching(
        typeof message === 'string' ? message.replaceAll(/[[\]]/g, '\\$&') : message,
      ),
    });
  });
});
