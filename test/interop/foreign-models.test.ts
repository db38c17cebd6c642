import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeTensor, type Engine } from '../../src/engines/engine.js';
import { createTfliteEngine } from '../../src/engines/tflite.js';
import { realsOf, writeReals } from '../support/reals.js';
import { requireData, sharedData } from '../support/tools.js';

const folder = join(sharedData, 'models');

function load(file: string): Engine {
  const bytes = readFileSync(join(folder, file));
  return createTfliteEngine({ model: file, bytes, inputs: null, outputs: null, state: [], keepsState: true });
}

function only<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined || values.length !== 1) throw new Error(`expected one, found ${values.length}`);
  return value;
}

/** Runs a model on a fixed pattern of real values; gives its real outputs. */
async function outputsOf(engine: Engine, runs: number): Promise<Float32Array> {
  const input = only(engine.inputs);
  const output = only(engine.outputs);
  const values = Float32Array.from({ length: input.data.length }, (_, i) => Math.sin(i * 0.7) * 10 + 10);
  for (let i = 0; i < runs; i++) {
    writeReals(input, values);
    await engine.run();
  }
  return realsOf(output);
}

describe.runIf(requireData('models of other projects'))('models of other projects, unchanged', () => {
  it("MLPerf Tiny's keyword model gives twelve probabilities", async () => {
    const engine = load('mlperf-tiny/kws_ref_model.tflite');
    expect(describeTensor(only(engine.inputs))).toBe('int8[1,49,10,1]');
    expect(describeTensor(only(engine.outputs))).toBe('int8[1,12]');
    const scores = await outputsOf(engine, 1);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 1);
    await engine.dispose();
  });

  it.each(['mlperf-tiny/ad01_int8.tflite', 'mlperf-tiny/str_ww_ref_model.tflite'])(
    '%s runs',
    async (file) => {
      const engine = load(file);
      const outputs = await outputsOf(engine, 1);
      expect(outputs.every(Number.isFinite)).toBe(true);
      expect(new Set(outputs).size).toBeGreaterThan(1);
      await engine.dispose();
    },
  );

  it.each(['alexa', 'hey_mycroft', 'okay_nabu', 'vad'])(
    'microWakeWord %s keeps state between runs, and forgets it at a reset',
    async (name) => {
      const engine = load(`microwakeword/${name}.tflite`);
      expect(describeTensor(only(engine.inputs))).toBe('int8[1,3,40]');
      const input = only(engine.inputs);
      const score = async (level: number) => {
        (input.data as Int8Array).fill(level);
        await engine.run();
        return Number(only(engine.outputs).data[0]);
      };
      const series = async () => {
        const found = [await score(-128), await score(0)];
        for (let i = 0; i < 60; i++) found.push(await score(i * 3 - 100));
        // The same input again: only what is remembered can tell the two apart.
        found.push(await score(-128), await score(0));
        return found;
      };
      const first = await series();
      engine.reset();
      expect(await series()).toEqual(first);
      expect(new Set(first).size).toBeGreaterThan(1);
      await engine.dispose();
    },
  );
});
