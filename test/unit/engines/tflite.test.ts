import { describe, expect, it } from 'vitest';
import { floatsNamed } from '../../../src/engines/engine.js';
import { loadEngine } from '../../../src/engines/load.js';
import { createTfliteEngine } from '../../../src/engines/tflite.js';
import { weightsOf } from '../../../src/models/model.js';
import { SPEECH_EMBEDDING } from '../../../src/models/openwakeword.js';
import { chirp } from '../../support/chirp.js';

describe('TensorFlow Lite', () => {
  it('hears hop by hop what the whole window says as ONNX', async () => {
    const frames = 76 + 5 * 8;
    const values = chirp(frames * 32).map((value) => value * 4 + 2);
    const onnx = await loadEngine(SPEECH_EMBEDDING, 'onnx');
    floatsNamed(onnx.inputs, 'input_1', 'embedding').set(values.subarray(-76 * 32));
    await onnx.run();
    const tflite = await loadEngine(SPEECH_EMBEDDING, 'tflite');
    const latest = tflite.inputs[0]?.data as Float32Array;
    for (let end = frames % 8; end <= frames; end += 8) {
      latest.fill(0);
      const shown = values.subarray(Math.max(0, 32 * end - latest.length), 32 * end);
      latest.set(shown, latest.length - shown.length);
      await tflite.run();
    }
    const a = onnx.outputs[0]?.data as Float32Array;
    const b = tflite.outputs[0]?.data as Float32Array;
    const range = Math.max(...a) - Math.min(...a);
    expect(range).toBeGreaterThan(1);
    for (let i = 0; i < a.length; i++) expect(Math.abs((a[i] ?? 0) - (b[i] ?? 9))).toBeLessThan(range * 1e-5);
    await onnx.dispose();
    await tflite.dispose();
    // Its arrays are its own: whoever still writes to them harms nobody.
    latest.fill(1);
    expect(() => tflite.run()).toThrow(/run after dispose/);
  });

  const open = (bytes: Uint8Array) => () =>
    createTfliteEngine({ model: 'x', bytes, inputs: null, outputs: null, state: [], keepsState: false });

  it('refuses a file that is no TFLite model', () => {
    expect(open(new Uint8Array(100))).toThrow(/expected a TFLite flatbuffer, found 100 bytes that are none$/);
  });

  it('says in its own sentence what TensorFlow Lite has against a file that was cut', () => {
    const bytes = weightsOf(SPEECH_EMBEDDING, 'tflite');
    expect(open(bytes.subarray(0, bytes.length / 2))).toThrow(
      /bytes that are none \(The model is not a valid Flatbuffer buffer\)$/,
    );
  });
});
