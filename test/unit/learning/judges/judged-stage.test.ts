import { describe, expect, it } from 'vitest';
import type { Decision, Judgement, Stage, Window } from '../../../../src/core/cascade/stage.js';
import { type JudgedSpec, JudgedStage } from '../../../../src/learning/judges/judged-stage.js';
import { rule } from '../../../../src/learning/judges/rule.js';
import type { StageJudge } from '../../../../src/learning/judges/stage-judge.js';

const own: Judgement = {
  kind: 'accept',
  stage: 'heavy',
  label: 'alexa',
  score: 3,
  confidence: 0.9,
  range: { least: 0.9, most: 1 },
  contributions: [],
};

const spec: JudgedSpec = {
  kind: 'judged',
  name: 'heavy',
  budgetMs: 100,
  stage: { kind: 'wake-heavy', name: 'heavy', budgetMs: 100 },
  judge: { kind: 'margin' },
  other: { spec: { kind: 'phones', name: 'phones', budgetMs: 100 }, words: ['alexa'] },
  thresholds: { accept: 0.8, reject: 0.3 },
};

const window: Window = {
  source: 'mic',
  startSample: 0,
  rateHz: 1000,
  channels: 1,
  data: new Float32Array(500),
};

class Scripted implements Stage {
  readonly name = 'heavy';
  readonly budgetMs = 100;
  readonly lengths: number[] = [];

  constructor(private readonly says: Decision) {}

  decide({ data }: Window): Decision {
    this.lengths.push(data.length);
    return this.says;
  }

  reset(): void {}

  async dispose(): Promise<void> {}
}

async function decided(judge: StageJudge, says: Decision = own, stage = new Scripted(says)) {
  const other = new Scripted(own);
  const judged = new JudgedStage(spec, { stage, other, judge });
  return { decision: await judged.decide(window, new AbortController().signal), stage, other };
}

describe('a judged stage', () => {
  it('says where a word ends as the stage does that is judged, where that can', async () => {
    const judge: StageJudge = { judge: () => ({ confidence: 0, because: 'asked' }) };
    const endOf = (stage: Stage) =>
      new JudgedStage(spec, { stage, other: null, judge }).endOf(
        window,
        'alexa',
        new AbortController().signal,
      );
    const placing: Stage = new Scripted(own);
    placing.endOf = (_window, label) => (label === 'alexa' ? 7 : null);
    expect(await endOf(placing)).toBe(7);
    expect(await endOf(new Scripted(own))).toBeNull();
  });

  it('has the confidence of its judge, held to its thresholds, and tells its own', async () => {
    const { decision } = await decided({ judge: () => ({ confidence: 0.5, because: 'jarvis is next' }) });
    expect(decision).toEqual({
      kind: 'uncertain',
      stage: 'heavy',
      label: 'alexa',
      score: 3,
      confidence: 0.5,
      thresholds: spec.thresholds,
      judged: { kind: 'margin', own: 0.9, because: 'jarvis is next' },
      contributions: [],
    });
  });

  it('is held to the thresholds that it says hold for the word', async () => {
    const says = { ...own, thresholds: { accept: 0.4, reject: 0.1 } };
    const { decision } = await decided({ judge: () => ({ confidence: 0.5, because: '' }) }, says);
    expect(decision.kind).toBe('accept');
  });

  it('abstains where it abstains, and nobody looks', async () => {
    const says: Decision = { kind: 'abstain', stage: 'heavy', code: 'STAGE_TIMEOUT' };
    const judge = { judge: () => Promise.reject(new Error('nobody asked')) };
    expect((await decided(judge, says)).decision).toEqual(says);
  });

  it('looks again at the window without its end, and asks the other model about what that knows', async () => {
    const { stage, other } = await decided({
      judge: async (_, __, looks) => {
        await looks.earlier(80);
        await looks.other();
        return { confidence: 1, because: '' };
      },
    });
    expect(stage.lengths).toEqual([500, 420]);
    expect(other.lengths).toEqual([500]);
    const jarvis = await decided(
      {
        judge: async (_, __, looks) => ({ confidence: (await looks.other()) === null ? 1 : 0, because: '' }),
      },
      { ...own, label: 'jarvis' },
    );
    expect(jarvis.other.lengths).toEqual([]);
    expect(jarvis.decision.kind).toBe('accept');
  });
});

describe('the judge `rule`', () => {
  const judged = (minNoticed: number, score: number) =>
    rule
      .create({ kind: 'rule', labels: null, asNoticed: true, minNoticed, maxRunnerUp: 1 })
      .judge(own, { ...window, noticed: new Map([['alexa', score]]) });

  it('asks nothing of tiny’s score where no least is set, which may lie below 0', async () => {
    expect(judged(0, -1.7)).toEqual({ confidence: 0.9, because: 'keeps to the rules' });
    expect(judged(0.4, 0.3)).toEqual({ confidence: 0, because: 'tiny scored less than 0.4' });
  });
});
