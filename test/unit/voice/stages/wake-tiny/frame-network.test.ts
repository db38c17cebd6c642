import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../../../src/engines/engine.js';
import { loadEngine } from '../../../../../src/engines/load.js';
import { type LogMelFrontEnd, logMelOf } from '../../../../../src/models/front-end.js';
import { shippedModel } from '../../../../../src/models/manifest.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';
import { FrameNetwork } from '../../../../../src/voice/stages/wake-tiny/frame-network.js';

const HOP = 1280;
const HOP_FRAMES = 4;
const model = shippedModel('wake-tiny');
const frontEnd = logMelOf(model);

/** An engine that counts its runs. */
function counting(engine: Engine): Engine & { runs: number } {
  const { model: name, kind, inputs, outputs } = engine;
  return {
    model: name,
    kind,
    inputs,
    outputs,
    runs: 0,
    run() {
      this.runs += 1;
      return engine.run();
    },
    reset: () => engine.reset(),
    dispose: () => engine.dispose(),
  };
}

describe('FrameNetwork', () => {
  let speech: Float32Array;
  let engine: Engine & { runs: number };

  beforeAll(async () => {
    speech = await readAudio('fixtures/voice/two-words.wav');
    engine = counting(await loadEngine(model, 'tflite'));
  });
  afterAll(() => engine.dispose());

  /** The scores of each look, hop by hop: at the frames that `asked` names of a hop, counted back from its end. */
  function scoresOf(samples: Float32Array, asked: (hop: number) => readonly number[]): Map<number, number[]> {
    const network = new FrameNetwork(engine, frontEnd, HOP_FRAMES);
    network.reset();
    engine.runs = 0;
    const found = new Map<number, number[]>();
    for (let hop = 0; (hop + 1) * HOP <= samples.length; hop++) {
      network.push(samples.subarray(hop * HOP, (hop + 1) * HOP));
      for (const ago of asked(hop)) {
        network.look(ago);
        found.set((hop + 1) * HOP_FRAMES - ago, [...network.scores]);
      }
    }
    return found;
  }

  it('answers the same whatever it was asked before, to the last bit', () => {
    const always = scoresOf(speech, () => [3, 2, 1, 0]);
    const idle = scoresOf(speech, () => [0]);
    const now = scoresOf(speech, (hop) => (hop % 30 === 0 ? [2] : hop % 7 === 0 ? [3, 1] : []));
    expect(idle.size).toBeGreaterThan(50);
    for (const other of [idle, now]) {
      for (const [frame, scores] of other) expect(scores).toEqual(always.get(frame));
    }
    expect(Math.max(...[...always.values()].flatMap((scores) => scores.slice(0, -1)))).toBeGreaterThan(0.9);
  });

  it('goes on from the window before while its gain stands still, and begins anew when that changes', () => {
    const tone = Float32Array.from({ length: 40 * HOP }, (_, i) => 0.05 * Math.sin(i * 0.3));
    scoresOf(tone, (hop) => (hop < 30 ? [] : [0]));
    expect(engine.runs).toBe(17 + 9);
    const louder = tone.map((sample, i) => (i < 36 * HOP ? sample : sample * 2));
    scoresOf(louder, (hop) => (hop < 30 ? [] : [0]));
    expect(engine.runs).toBe(17 + 5 + 17 + 3);
  });

  it('forgets with the stream: silence after it is as silence at the beginning', () => {
    const network = new FrameNetwork(engine, frontEnd, HOP_FRAMES);
    const hear = (samples: Float32Array) => {
      for (let at = 0; at + HOP <= samples.length; at += HOP) {
        network.push(samples.subarray(at, at + HOP));
        network.look(0);
      }
      return [...network.scores];
    };
    network.reset();
    const first = hear(new Float32Array(HOP));
    hear(speech.subarray(0, 30 * HOP));
    network.reset();
    expect(hear(new Float32Array(HOP))).toEqual(first);
  });

  it('is run once for each look where the network is shown the whole window', async () => {
    const whole = counting(await loadEngine(model, 'onnx'));
    const network = new FrameNetwork(whole, frontEnd, HOP_FRAMES);
    for (let hop = 0; hop < 10; hop++) {
      network.push(speech.subarray(hop * HOP, (hop + 1) * HOP));
      for (const ago of [1, 0]) await network.look(ago);
    }
    expect(whole.runs).toBe(20);
    await network.dispose();
  });

  it('refuses a network that is shown neither the window nor a part of it', () => {
    const open = (settings: Partial<LogMelFrontEnd>) =>
      new FrameNetwork(engine, { ...frontEnd, ...settings }, HOP_FRAMES);
    expect(() => open({ windowFrames: 5 })).toThrow('expected 4 to 5 frames of 40 bands, found 280 numbers');
    expect(() => open({ bands: 32 })).toThrow('expected 4 to 69 frames of 32 bands, found 280 numbers');
  });
});
