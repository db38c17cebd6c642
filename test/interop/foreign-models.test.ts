import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MicroFrontEnd } from '../../src/dsp/micro/front-end.js';
import { describeTensor, type Engine } from '../../src/engines/engine.js';
import { createTfliteEngine } from '../../src/engines/tflite.js';
import { liftVariables } from '../../src/engines/tflite-variables.js';
import { readAudio } from '../../src/sources/recording/read-audio.js';
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

  it.each(['alexa', 'hey_mycroft', 'okay_nabu', 'vad'])(
    'microWakeWord %s says nearly the same with its variables made inputs and outputs',
    async (name) => {
      const lifted = load(`microwakeword/${name}.tflite`);
      const bytes = readFileSync(join(folder, `microwakeword/${name}.tflite`));
      const unhidden = { model: name, inputs: null, outputs: null, state: [], keepsState: false } as const;
      const plain = createTfliteEngine({ ...unhidden, bytes });
      expect(createTfliteEngine({ ...unhidden, ...liftedOf(bytes) }).inputs.length).toBeGreaterThan(1);
      const found = new Set<number>();
      for (const frames of await framesOfSpeech(only(lifted.inputs).data.length)) {
        writeReals(only(lifted.inputs), frames);
        writeReals(only(plain.inputs), frames);
        await lifted.run();
        await plain.run();
        const score = Number(only(lifted.outputs).data[0]);
        // XNNPACK rounds otherwise than TensorFlow Lite's own kernels now and then.
        expect(Math.abs(score - Number(only(plain.outputs).data[0]))).toBeLessThanOrEqual(16);
        found.add(score);
      }
      expect(found.size).toBeGreaterThan(1);
      await lifted.dispose();
      await plain.dispose();
    },
  );
});

/** People who say a wake word, as the front end hears them, so many values at a time. */
async function framesOfSpeech(values: number): Promise<readonly Float32Array[]> {
  const heard: number[] = [];
  const frontEnd = new MicroFrontEnd(160);
  for (const clip of ['0003', '0005', '0012', '0013'])
    frontEnd.push(await readAudio(join(sharedData, `wake/alexa/${clip}.flac`)), (features) =>
      heard.push(...features.map((feature) => feature * 0.0390625)),
    );
  return Array.from({ length: Math.floor(heard.length / values) }, (_, i) =>
    Float32Array.from(heard.slice(i * values, (i + 1) * values)),
  );
}

function liftedOf(bytes: Uint8Array) {
  const found = liftVariables(bytes);
  if (found === null) throw new Error('expected a model with variables');
  return found;
}
