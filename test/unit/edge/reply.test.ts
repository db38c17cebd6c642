import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/core/cascade/stage.js';
import { decodeReply, encodeReply } from '../../../src/edge/reply.js';

describe('a reply of a worker', () => {
  it('comes back as it was given', () => {
    const accepted: Decision = {
      kind: 'accept',
      stage: 'wake-heavy',
      label: 'alexa',
      score: 0.93,
      confidence: 0.98,
      contributions: [],
      besides: new Map([['computer', 0.2]]),
      confidences: new Map([
        ['alexa', 0.98],
        ['computer', 0.1],
      ]),
    };
    const replies = [
      accepted,
      { kind: 'abstain', stage: 'wake-heavy', code: 'STAGE_TIMEOUT' },
      { kind: 'transcript', stage: 'moonshine', text: 'lights on', confidence: 0.9 },
      {
        kind: 'transcript',
        stage: 'moonshine',
        text: 'lights on',
        confidence: 0.5,
        judged: { kind: 'margin', own: 0.9, because: '1 of 3 pieces had a close rival' },
      },
      { kind: 'empty', stage: 'moonshine' },
    ] as const;
    for (const answer of replies)
      expect(decodeReply(encodeReply({ answer, cpuMs: 12 }))).toEqual({ answer, cpuMs: 12 });
  });

  it('whose confidence is no number is not believed, and one of no known kind is none', () => {
    const judged = { kind: 'accept', stage: 'heavy', label: 'alexa', score: 'high', contributions: [] };
    expect(decodeReply(JSON.stringify({ answer: judged }))).toMatchObject({
      answer: { score: Number.NaN, confidence: Number.NaN },
    });
    const none = [
      '',
      '[]',
      '{"answer":1}',
      '{"answer":{"kind":"maybe","stage":"heavy"}}',
      JSON.stringify({ answer: { ...judged, besides: [1] } }),
      JSON.stringify({ answer: { ...judged, contributions: [null] } }),
    ];
    expect(none.map((text) => decodeReply(text))).toEqual(none.map(() => null));
  });

  it('says a code that there is', () => {
    const answer = { kind: 'abstain', stage: 'heavy', code: 'MADE_UP' };
    expect(decodeReply(JSON.stringify({ answer }))?.answer).toMatchObject({ code: 'STAGE_CRASHED' });
  });
});
