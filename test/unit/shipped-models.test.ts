import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/core/cascade/stage.js';
import { judge } from '../../src/core/thresholds.js';
import { floatsNamed } from '../../src/engines/engine.js';
import { loadEngine } from '../../src/engines/load.js';
import { shippedModel } from '../../src/models/manifest.js';
import { weightsOf } from '../../src/models/model.js';
import { createStage } from '../../src/runtime/stages.js';
import { readAudio } from '../../src/sources/recording/read-audio.js';
import type { WakeTinySpec } from '../../src/voice/stages/wake-tiny/wake-tiny.js';
import { voiceSpec, voiceStage } from '../support/stages.js';

const HOP = 1280;
const SHIPPED = ['wake-tiny', 'wake-heavy', 'wake-speech', 'commands'];
const { signal } = new AbortController();
const recording = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const window = (data: Float32Array) => ({ source: 's', startSample: 0, rateHz: 16_000, channels: 1, data });

function confidenceOf(decision: Decision): number {
  if (decision.kind === 'abstain') throw new Error(decision.code);
  return decision.confidence;
}

async function confidences(engine: 'onnx' | 'tflite', samples: Float32Array, hop = HOP): Promise<number[]> {
  const spec: WakeTinySpec = { ...((await voiceSpec('wake-tiny')) as WakeTinySpec), engine };
  const stage = await createStage(spec);
  const found: number[] = [];
  for (let at = 0; at + hop <= samples.length; at += hop) {
    found.push(confidenceOf(await stage.decide(window(samples.subarray(at, at + hop)), signal)));
  }
  await stage.dispose();
  return found;
}

describe('shipped models', () => {
  it.each(SHIPPED)('%s has the weights its manifest names', (name) => {
    const model = shippedModel(name);
    for (const format of ['onnx', 'tflite'] as const) {
      const file = model.manifest.files[format];
      if (file !== undefined) expect(weightsOf(model, format).length).toBe(file.bytes);
    }
    expect(model.manifest.licence).toBe('Apache-2.0');
  });

  it('wake-tiny stays under 100 KB (of 1024) in either format', () => {
    const { manifest, folder } = shippedModel('wake-tiny');
    for (const file of [manifest.files.onnx, manifest.files.tflite]) {
      expect(statSync(join(folder, file?.path ?? '')).size).toBeLessThanOrEqual(100 * 1024);
    }
  });

  it('wake-tiny says the same in ONNX Runtime and TensorFlow Lite, within 0.1 on any hop and 0.01 on average', async () => {
    const samples = await readAudio(recording('demo/voice.wav'));
    const onnx = await confidences('onnx', samples);
    const tflite = await confidences('tflite', samples);
    const apart = onnx.map((confidence, i) => Math.abs(confidence - (tflite[i] ?? 9)));
    expect(Math.max(...onnx)).toBeGreaterThan(0.5);
    expect(Math.max(...apart)).toBeLessThan(0.1);
    expect(apart.reduce((sum, gap) => sum + gap, 0) / apart.length).toBeLessThan(0.01);
  });

  it('wake-tiny decides the same from any hops', async () => {
    const samples = (await readAudio(recording('demo/voice.wav'))).subarray(0, HOP * 60);
    const whole = await confidences('tflite', samples);
    const quarters = await confidences('tflite', samples, HOP / 4);
    expect(quarters.filter((_, i) => i % 4 === 3)).toEqual(whole);
  });

  it('wake-tiny listens for the words it is told, and refuses one it does not know', async () => {
    const open = (words: readonly string[]) => voiceStage('wake-tiny', { words });
    const stage = await open(['snowboy']);
    expect(await stage.decide(window(new Float32Array(HOP)), signal)).toMatchObject({ label: 'snowboy' });
    await stage.dispose();
    await expect(open(['bananas'])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('found "bananas"'),
    });
  });

  it('wake-heavy says the same in ONNX Runtime and TensorFlow Lite, within 0.005 of any score in the fixtures of voice', async () => {
    const model = shippedModel('wake-heavy');
    const engines = [await loadEngine(model, 'onnx'), await loadEngine(model, 'tflite')];
    const apart: number[] = [];
    const highest = new Map<string, number>();
    for (const file of readdirSync(recording('voice')).filter((name) => name.endsWith('.wav'))) {
      const samples = await readAudio(recording(`voice/${file}`));
      for (let end = 32_000; end <= samples.length; end += 16_000) {
        const [onnx, tflite] = await Promise.all(
          engines.map(async (engine) => {
            floatsNamed(engine.inputs, 'audio', engine.model).set(samples.subarray(end - 32_000, end));
            await engine.run();
            return floatsNamed(engine.outputs, 'scores', engine.model);
          }),
        );
        model.manifest.labels.forEach((label, i) => {
          const score = onnx?.[i] ?? Number.NaN;
          apart.push(Math.abs(score - (tflite?.[i] ?? Number.NaN)));
          highest.set(label, Math.max(score, highest.get(label) ?? 0));
        });
      }
    }
    for (const engine of engines) await engine.dispose();
    expect(highest.get('computer')).toBeGreaterThan(0.9);
    expect(highest.get('other')).toBeGreaterThan(0.9);
    expect(Math.max(...apart)).toBeLessThan(0.005);
  });

  it('wake-heavy stays under 8 MB in either format', () => {
    const { manifest, folder } = shippedModel('wake-heavy');
    for (const file of [manifest.files.onnx, manifest.files.tflite]) {
      expect(statSync(join(folder, file?.path ?? '')).size).toBeLessThanOrEqual(8_000_000);
    }
  });

  it('wake-heavy refuses silence, noise and a short window', async () => {
    const stage = await voiceStage('wake-heavy');
    const noise = Float32Array.from({ length: 40_000 }, (_, i) => Math.sin(i * i) * 0.1);
    for (const data of [new Float32Array(32_000), noise, noise.subarray(0, 4000)]) {
      expect(await stage.decide(window(data), signal)).toMatchObject({ kind: 'reject', stage: 'wake-heavy' });
    }
    await stage.dispose();
  });

  it('wake-heavy takes what woke it for evidence: the surer tiny was of the word, the surer it is', async () => {
    const stage = await voiceStage('wake-heavy');
    const heard = (await readAudio(recording('voice/complex.wav'))).subarray(16_000, 48_000);
    const judged: Decision[] = [];
    for (const noticed of [[], [['computer', 0.3]], [['computer', 0.9]], [['alexa', 0.9]]] as [
      string,
      number,
    ][][]) {
      judged.push(await stage.decide({ ...window(heard), noticed: new Map(noticed) }, signal));
    }
    const [never = 0, hardly = 0, surely = 0, other = 0] = judged.map(confidenceOf);
    expect(judged.map((decision) => decision.kind !== 'abstain' && decision.label)).toEqual(
      Array(4).fill('computer'),
    );
    expect(never).toBeLessThan(hardly);
    expect(hardly).toBeLessThan(surely);
    expect(other).toBe(never);
    await stage.dispose();
  });

  it('judges no-numbers as an abstention', async () => {
    const stage = await voiceStage('wake-tiny');
    const bad = new Float32Array(HOP).fill(Number.NaN);
    const abstains = [];
    for (let i = 0; i < 20; i++) abstains.push((await stage.decide(window(bad), signal)).kind);
    for (let i = 0; i < 20; i++) await stage.decide(window(new Float32Array(HOP)), signal);
    const after = await stage.decide(window(new Float32Array(HOP)), signal);
    expect(after.kind).toBe(judge(confidenceOf(after), { accept: 1, reject: 1 }));
    await stage.dispose();
  });
});
