import { describe, expect, it } from 'vitest';
import type { Recogniser, Recognition, Window } from '../../../../../src/core/cascade/stage.js';
import {
  JudgedRecogniser,
  type JudgedRecogniserSpec,
} from '../../../../../src/learning/judges/transcripts/judged-recogniser.js';
import type { TranscriptJudge } from '../../../../../src/learning/judges/transcripts/transcript-judge.js';

const spec: JudgedRecogniserSpec = {
  name: 'recogniser',
  budgetMs: 1000,
  members: [],
  judge: { kind: 'margin' },
  other: null,
};

const own: Recognition = {
  kind: 'transcript',
  stage: 'words',
  text: 'lights on',
  confidence: 0.9,
  pieces: [{ probability: 0.9, next: 0.1, open: 0.3 }],
};

const window: Window = {
  source: 'mic',
  startSample: 100,
  rateHz: 1000,
  channels: 1,
  data: new Float32Array(500),
};

class Hearing implements Recogniser {
  readonly name = 'words';
  readonly budgetMs = 1000;
  readonly heard: Window[] = [];

  constructor(private readonly says: Recognition = own) {}

  async recognise(shown: Window): Promise<Recognition> {
    this.heard.push(shown);
    return this.says;
  }

  async dispose(): Promise<void> {}
}

const { signal } = new AbortController();
const half: TranscriptJudge = { judge: () => ({ confidence: 0.5, because: 'a close rival' }) };

describe('a judged recogniser', () => {
  it('is as sure of its words as the judge, tells its own, and keeps to itself how each piece was chosen', async () => {
    const recogniser = new JudgedRecogniser(spec, { recogniser: new Hearing(), other: null, judge: half });
    expect(await recogniser.recognise(window, signal)).toEqual({
      kind: 'transcript',
      stage: 'words',
      text: 'lights on',
      confidence: 0.5,
      judged: { kind: 'margin', own: 0.9, because: 'a close rival' },
    });
  });

  it('asks no judge where nothing was written', async () => {
    const nobody = { judge: () => Promise.reject(new Error('nobody asked')) };
    for (const says of [
      { kind: 'empty', stage: 'words' },
      { kind: 'abstain', stage: 'words', code: 'STAGE_TIMEOUT' },
    ] as const) {
      const parts = { recogniser: new Hearing(says), other: null, judge: nobody };
      expect(await new JudgedRecogniser(spec, parts).recognise(window, signal)).toEqual(says);
    }
  });

  it('listens again a little later: of one breath with its wake word, without the begin of that', async () => {
    const again: TranscriptJudge = {
      judge: async (_, __, { later, other }) => {
        await later(80);
        await other();
        return { confidence: 1, because: '' };
      },
    };
    const [recogniser, other] = [new Hearing(), new Hearing()];
    const judged = new JudgedRecogniser(spec, { recogniser, other, judge: again });
    await judged.recognise(window, signal);
    expect(recogniser.heard.map(({ startSample, data }) => [startSample, data.length])).toEqual([
      [100, 500],
      [180, 420],
    ]);
    expect(other.heard).toEqual([window]);
    const wakeWord = { label: 'alexa', data: new Float32Array(300) };
    await judged.recognise({ ...window, wakeWord }, signal);
    expect(recogniser.heard.at(-1)).toMatchObject({ startSample: 100, data: window.data });
    expect(recogniser.heard.at(-1)?.wakeWord?.data).toHaveLength(220);
  });
});
