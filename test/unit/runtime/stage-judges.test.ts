import { describe, expect, it } from 'vitest';
import type { Decision, Judgement, Window } from '../../../src/core/cascade/stage.js';
import { learnJudge } from '../../../src/learning/judges/learn-judge.js';
import { LOOK_NAMES, lookFeatures } from '../../../src/learning/judges/look-features.js';
import type { Looks } from '../../../src/learning/judges/stage-judge.js';
import { createStageJudge, stageJudgesFor } from '../../../src/runtime/stage-judges.js';

const place = { read: () => '', shipped: '' };
const window: Window = {
  source: 'kitchen',
  startSample: 0,
  rateHz: 16_000,
  channels: 1,
  data: new Float32Array(16_000).fill(0.1),
  noticed: new Map([['alexa', 0.9]]),
};

function alexa(confidence: number, others: Readonly<Record<string, number>> = {}): Judgement {
  const confidences = new Map(Object.entries({ alexa: confidence, ...others }));
  return {
    kind: 'accept',
    stage: 'heavy',
    label: 'alexa',
    score: confidence,
    confidence,
    confidences,
    contributions: [],
  };
}

function looks(earlier: readonly Decision[], other: Decision | null = null): Looks {
  const left = [...earlier];
  return {
    earlier: async () => left.shift() ?? { kind: 'abstain', stage: 'heavy', code: 'STAGE_CRASHED' },
    other: async () => other,
  };
}

/** What a judge says that is named by a word, with these of its settings. */
async function opinion(kind: string, decision: Judgement, its: object = {}, further: Looks = looks([])) {
  return createStageJudge({ kind, ...its }).judge(decision, window, further);
}

describe('a judge of a stage', () => {
  it('by margin asks how far ahead the label is of the next', async () => {
    expect((await opinion('margin', alexa(0.9, { jarvis: 0.7 }))).confidence).toBeCloseTo(0.2);
    expect((await opinion('margin', alexa(0.9))).confidence).toBe(0.9);
  });

  it('by entropy is the surer, the less all labels leave open, and unsure where none is likelier', async () => {
    const sure = await opinion('entropy', alexa(0.999, { jarvis: 0.001 }));
    const torn = await opinion('entropy', alexa(0.9, { jarvis: 0.89 }));
    const none = await opinion('entropy', alexa(0.001, { jarvis: 0.001 }));
    expect(sure.confidence).toBeGreaterThan(0.95);
    expect(torn.confidence).toBeLessThan(0.8);
    expect(none.confidence).toBeLessThan(0.05);
  });

  it('by agreement takes the mean of all looks in the label, leaving out what abstains', async () => {
    const further = looks([alexa(0.8), { ...alexa(0.6), label: 'jarvis', confidences: new Map() }]);
    const { confidence, because } = await opinion(
      'agreement',
      alexa(1),
      { shiftsMs: [80, 160, 240] },
      further,
    );
    expect(confidence).toBeCloseTo((1 + 0.8 + 0) / 3);
    expect(because).toBe('2 of 3 looks say the same');
  });

  it('by agreement with another model counts that as a look', async () => {
    const { confidence } = await opinion('agreement', alexa(1), { shiftsMs: [] }, looks([], alexa(0.5)));
    expect(confidence).toBe(0.75);
  });

  it('by rules leaves what keeps them as sure as it was, and says which is broken', async () => {
    const rules = { labels: null, asNoticed: true, minNoticed: 0, maxRunnerUp: 1 };
    expect(await opinion('rule', alexa(0.7), rules)).toMatchObject({ confidence: 0.7 });
    const jarvis = { ...alexa(0.9), label: 'jarvis' };
    expect(await opinion('rule', jarvis, rules)).toEqual({
      confidence: 0,
      because: 'tiny noticed another word',
    });
    expect(await opinion('rule', alexa(0.9), { ...rules, minNoticed: 0.95 })).toEqual({
      confidence: 0,
      because: 'tiny scored less than 0.95',
    });
  });

  it('by channels refuses a fault that stands out in none of them', async () => {
    const contributions = [
      { channel: 'pressure', share: 0.7 },
      { channel: 'flow', share: 0.3 },
    ];
    const fault = { ...alexa(0.9), label: 'anomaly', contributions };
    expect(await opinion('channels', fault, { among: ['pressure'], minShare: 0.5 })).toEqual({
      confidence: 0.9,
      because: 'pressure strayed most, 70% of it',
    });
    expect(await opinion('channels', fault, { among: ['flow'], minShare: 0 })).toMatchObject({
      confidence: 0,
    });
  });

  it('that was learnt is as sure as what it learnt from, and says what counted most', async () => {
    const examples = Array.from({ length: 200 }, (_, at) => {
      const isRight = at % 2 === 0;
      const spread = ((at * 7) % 40) / 100;
      return { features: lookFeatures(alexa(isRight ? 0.99 - spread : spread), window), isRight };
    });
    const learnt = learnJudge(examples, LOOK_NAMES);
    const { confidence, because } = await opinion('learnt', alexa(0.99), { learnt });
    expect(confidence).toBeGreaterThan(0.9);
    expect(because).toMatch(/^(how sure heavy was|lead over the next label) \+\d/);
    expect((await opinion('learnt', alexa(0.01), { learnt })).confidence).toBeLessThan(0.1);
  });

  it('that was learnt for other figures, or by nobody, is refused', () => {
    const { learnt } = stageJudgesFor('voice').kinds;
    const found = (text: string) =>
      learnt?.faults?.({ kind: 'learnt', ...{ path: 'j.json' } }, { ...place, read: () => text });
    expect(
      found(JSON.stringify({ version: 1, names: ['loudness'], figures: [[0, 1, 1]], intercept: 0 })),
    ).toMatchObject([{ path: ['path'], message: expect.stringContaining('found another file') }]);
    expect(found('{}')).toHaveLength(1);
  });
});
