import { type Finding, ok } from '../core/finding.js';

/** Loads a shipped model into every engine that it comes for. */
export async function checkShippedModel(name: string): Promise<Finding> {
  const { shippedModel } = await import('../models/manifest.js');
  const { loadEngine } = await import('./load.js');
  const model = shippedModel(name);
  const formats = (['onnx', 'tflite'] as const).filter(
    (format) => model.manifest.files[format] !== undefined,
  );
  for (const format of formats) await (await loadEngine(model, format)).dispose();
  return ok(
    `version ${model.manifest.version}, loads as ${formats.join(' and ')} with the shapes of its manifest`,
  );
}
