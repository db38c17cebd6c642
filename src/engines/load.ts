import { fileOf, type Network, weightsOf } from '../models/model.js';
import type { Engine } from './engine.js';
import { hasTflite } from './tflite-library.js';

/**
 * The cheaper engine for a model that is always on: TensorFlow Lite, where the model comes for it and the machine
 * has it. Both take about the same time for wake-tiny; ONNX Runtime takes 27 MB more.
 */
export function cheapestFormat({ manifest }: Network): Engine['kind'] {
  return manifest.files.tflite !== undefined && hasTflite() ? 'tflite' : 'onnx';
}

/**
 * Loads a model's weights into an engine, checking them and every tensor first.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function loadEngine(model: Network, format: Engine['kind']): Promise<Engine> {
  const { name, inputs, outputs, state, files } = model.manifest;
  const description = {
    model: name,
    inputs: files[format]?.inputs ?? inputs,
    outputs: files[format]?.outputs ?? outputs,
    state: files[format]?.state ?? state,
  };
  switch (format) {
    case 'onnx':
      return (await import('./onnx.js')).createOnnxEngine({ ...description, file: fileOf(model, format) });
    case 'tflite':
      return (await import('./tflite.js')).createTfliteEngine({
        ...description,
        bytes: weightsOf(model, format),
        keepsState: model.manifest.keepsState ?? false,
      });
  }
}
