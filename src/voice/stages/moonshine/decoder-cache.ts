import type * as Ort from 'onnxruntime-node';
import { onnxRuntime } from '../../../engines/onnx.js';
import { MOONSHINE_TINY } from '../../../models/moonshine.js';

export type Cache = Record<string, Ort.Tensor>;

export function emptyCache(): Cache {
  const { Tensor } = onnxRuntime();
  const { layers, heads, headSize } = MOONSHINE_TINY;
  const cache: Cache = {};
  for (let layer = 0; layer < layers; layer++) {
    for (const side of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']) {
      cache[`past_key_values.${layer}.${side}`] = new Tensor('float32', new Float32Array(0), [
        0,
        heads,
        1,
        headSize,
      ]);
    }
  }
  return cache;
}
