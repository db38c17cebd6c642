import { describe, expect, it } from 'vitest';
import { decodeQuestion, encodeQuestion, type Question } from '../../../src/edge/question.js';

const question: Question = {
  role: 'stage',
  name: 'wake-heavy',
  description: { kind: 'stage', spec: { kind: 'wake-heavy' } },
  fresh: true,
  budgetMs: 400,
  window: { source: 'mic', startSample: 32_000, rateHz: 16_000, channels: 1, data: new Float32Array(4) },
};

describe('a question to a worker', () => {
  it('comes back as it was asked, its samples in 16 bits where that loses nothing', () => {
    const data = Float32Array.of(-1, 0.5, 32_767 / 32_768, 1 / 32_768);
    const wakeWord = { label: 'alexa', data: Float32Array.of(0.25, -0.25) };
    const asked: Question = {
      ...question,
      window: { ...question.window, data, wakeWord, noticed: new Map([['alexa', 0.75]]), voiceDb: -42 },
    };
    const bytes = encodeQuestion(asked);
    expect(decodeQuestion(bytes)).toEqual(asked);
    const headerBytes = 4 + bytes.readUInt32LE(0);
    expect(bytes.length - headerBytes).toBe(2 * (4 + 2));
  });

  it('takes its samples as floats where 16 bits would change one', () => {
    for (const value of [1 / 3, 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const data = Float32Array.of(0.5, value, 0, 0);
      const asked = { ...question, window: { ...question.window, data } };
      expect(decodeQuestion(encodeQuestion(asked))).toEqual(asked);
    }
  });

  it('does not tell which detection it is of', () => {
    const about = { detection: 'mic/d7', label: 'alexa' };
    const bytes = encodeQuestion({ ...question, window: { ...question.window, about } });
    expect(bytes.toString('latin1')).not.toContain('mic/d7');
  });

  it('is none when it is cut short, too long, or no JSON', () => {
    const bytes = encodeQuestion(question);
    const other = Buffer.from(bytes);
    other.write('[', 4);
    const oddPairs = encodeQuestion({
      ...question,
      window: { ...question.window, noticed: new Map([['alexa', Number.NaN]]) },
    });
    const broken = [
      Buffer.alloc(0),
      bytes.subarray(0, 3),
      bytes.subarray(0, 20),
      bytes.subarray(0, -2),
      Buffer.concat([bytes, Buffer.alloc(2)]),
      Buffer.from('ffffffff00', 'hex'),
      other,
      oddPairs,
    ];
    expect(broken.map((each) => decodeQuestion(each))).toEqual(broken.map(() => null));
  });
});
