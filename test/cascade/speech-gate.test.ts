import { describe, expect, it } from 'vitest';
import type { Decision, Stage, Window } from '../../src/core/cascade/stage.js';
import { LoudnessStage } from '../../src/emulator/scripted.js';
import { format, frame, HOP, harness, signal } from '../support/cascade.js';

const gate = {
  fromHz: 50,
  openDb: 6,
  holdMs: 100,
  preRollMs: 50,
  lowestFloorDb: -90,
  riseDbPerSecond: 2,
  napMs: 0,
};

/** Tells speech from noise by the clock, and remembers what it was shown. */
class Listener implements Stage {
  readonly name = 'listener';
  readonly budgetMs = 100;
  readonly shown: number[] = [];

  constructor(private readonly says: (startSample: number) => Decision['kind']) {}

  async decide({ startSample }: Window): Promise<Decision> {
    this.shown.push(startSample);
    const kind = this.says(startSample);
    if (kind === 'abstain') return { kind, stage: this.name, code: 'STAGE_CRASHED' };
    return { kind, stage: this.name, label: 'speech', score: 1, confidence: 1, contributions: [] };
  }

  reset(): void {}
  async dispose(): Promise<void> {}
}

class Tiny extends LoudnessStage {
  readonly heard: number[] = [];

  override decide(window: Window) {
    this.heard.push(window.startSample);
    return super.decide(window);
  }
}

/** Noise from 1000 to 1500 and somebody who speaks from 3000 to 3300, both as loud. */
async function heardWith(listener: Listener): Promise<readonly number[]> {
  const tiny = new Tiny('tiny');
  const { cascade } = harness({ gate }, { tiny, speech: listener });
  await cascade.push(format);
  await cascade.push(frame(signal([0.0005, 1000], [0.1, 500], [0.0005, 1500], [0.1, 300], [0.0005, 700]), 0));
  await cascade.finish();
  return tiny.heard;
}

describe('a gate that asks whether somebody speaks', () => {
  it('lets no noise through, and speech with what came right before it', async () => {
    const listener = new Listener((start) => (start >= 3020 && start < 3300 ? 'accept' : 'reject'));
    const heard = await heardWith(listener);
    // Found 20 ms late, and given 50 ms more.
    expect(heard[0]).toBe(3020 - 50);
    expect(heard.at(-1)).toBeGreaterThanOrEqual(3300 - HOP);
    expect(heard.at(-1)).toBeLessThan(3300 + 2 * gate.holdMs);
    // Silence is no question.
    expect(listener.shown.every((start) => start >= 1000)).toBe(true);
  });

  it('lets everything loud through while nobody can say', async () => {
    const heard = await heardWith(new Listener(() => 'abstain'));
    expect(heard.filter((start) => start >= 1000 && start < 1500).length).toBe(50);
  });
});
