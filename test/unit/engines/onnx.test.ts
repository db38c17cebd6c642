import { describe, expect, it } from 'vitest';
import { onnxRuntime, openSession } from '../../../src/engines/onnx.js';
import { fileOf } from '../../../src/models/model.js';
import { SPEECH_EMBEDDING } from '../../../src/models/openwakeword.js';

describe('a session', () => {
  const file = fileOf(SPEECH_EMBEDDING, 'onnx');
  const feeds = () => ({
    input_1: new (onnxRuntime().Tensor)('float32', new Float32Array(76 * 32), [1, 76, 32, 1]),
  });

  it('is one graph for all that open the same file, until the last releases it', async () => {
    const [one, other] = await Promise.all([openSession(file), openSession(file)]);
    expect(other.graph).toBe(one.graph);
    await one.release();
    await one.release();
    expect(Object.keys(await other.run(feeds()))).toHaveLength(1);
    expect(() => one.run(feeds())).toThrow(expect.objectContaining({ code: 'STAGE_UNAVAILABLE' }));
    await other.release();
    const later = await openSession(file);
    expect(later.graph).not.toBe(one.graph);
    await later.release();
  });

  it('can be opened once a file that could not be read is there', async () => {
    const missing = { ...file, path: `${file.path}.missing` };
    await expect(openSession(missing)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
    await (await openSession(file)).release();
  });
});
