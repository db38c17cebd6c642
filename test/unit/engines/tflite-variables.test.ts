import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { liftVariables } from '../../../src/engines/tflite-variables.js';

describe('variables of a TFLite graph', () => {
  it('are none in a graph without them, which stays as it is', () => {
    const bytes = readFileSync('models/wake-tiny/wake-tiny.tflite');
    expect(liftVariables(bytes)).toBeNull();
  });

  it('are not looked for in what is cut off or no model at all', () => {
    const bytes = readFileSync('models/wake-tiny/wake-tiny.tflite');
    for (const length of [0, 3, 8, 100, 4000, bytes.length / 2])
      expect(liftVariables(bytes.subarray(0, length))).toBeNull();
    expect(liftVariables(new Uint8Array(4096).fill(0xff))).toBeNull();
    expect(liftVariables(new Uint8Array(4096).fill(0x11))).toBeNull();
  });
});
