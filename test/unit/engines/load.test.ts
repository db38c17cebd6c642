import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../../src/engines/load.js';
import type { Model } from '../../../src/models/manifest.js';
import { owwModel } from '../../../src/models/oww.js';

function withShape(model: Model, shape: number[]): Model {
  const [input] = model.manifest.inputs;
  if (input === undefined) throw new Error('no input');
  return { ...model, manifest: { ...model.manifest, inputs: [{ ...input, shape }] } };
}

describe('loading a model', () => {
  it('refuses weights of another hash', async () => {
    const model = owwModel('alexa');
    const file = { ...model.manifest.files.onnx, sha256: '0'.repeat(64) } as typeof model.manifest.files.onnx;
    const other = { ...model, manifest: { ...model.manifest, files: { onnx: file } } };
    await expect(loadEngine(other, 'onnx')).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringMatching(/expected sha256 0{64}, found 6ff566a0/),
    });
  });

  it('names the tensor, what was expected and what was found when a shape differs', async () => {
    await expect(loadEngine(withShape(owwModel('alexa'), [1, 8, 96]), 'onnx')).rejects.toMatchObject({
      code: 'MODEL_SHAPE',
      message: 'model oww-alexa: tensor "onnx::Flatten_0": expected float32[1,8,96], found float32[1,16,96]',
    });
  });

  it('says that a manifest lacks a format', async () => {
    await expect(loadEngine(owwModel('alexa'), 'tflite')).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });
});
