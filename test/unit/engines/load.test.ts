import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../../src/engines/load.js';
import type { Network } from '../../../src/models/model.js';
import { SPEECH_EMBEDDING } from '../../../src/models/openwakeword.js';

function withShape(model: Network, shape: number[]): Network {
  const [input] = model.manifest.inputs ?? [];
  if (input === undefined) throw new Error('no input');
  return { ...model, manifest: { ...model.manifest, inputs: [{ ...input, shape }] } };
}

describe('loading a model', () => {
  it('refuses weights of another hash', async () => {
    const model = SPEECH_EMBEDDING;
    const file = { ...model.manifest.files.onnx, sha256: '0'.repeat(64) } as typeof model.manifest.files.onnx;
    const other = { ...model, manifest: { ...model.manifest, files: { onnx: file } } };
    await expect(loadEngine(other, 'onnx')).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringMatching(/expected sha256 0{64}, found 70d16429/),
    });
  });

  it('names the tensor, what was expected and what was found when a shape differs', async () => {
    await expect(loadEngine(withShape(SPEECH_EMBEDDING, [1, 8, 32, 1]), 'onnx')).rejects.toMatchObject({
      code: 'MODEL_SHAPE',
      message:
        'model speech-embedding: tensor "input_1": expected float32[1,8,32,1], found float32[?,76,32,1]',
    });
  });

  it('says that a manifest lacks a format', async () => {
    const { onnx } = SPEECH_EMBEDDING.manifest.files;
    const model = { ...SPEECH_EMBEDDING, manifest: { ...SPEECH_EMBEDDING.manifest, files: { onnx } } };
    await expect(loadEngine(model, 'tflite')).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });
});
