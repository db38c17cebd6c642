import { describe, expect, it } from 'vitest';
import { frontSvg } from '../../../../src/learning/tuning/front-svg.js';
import { tuneWords } from '../../../../src/learning/tuning/tune-words.js';
import type { Listened } from '../../../../src/learning/tuning/tuning.js';
import { frontOfWords, outcomeOfWords } from '../../../../src/learning/tuning/word-tuning.js';

const words = ['alexa', 'jarvis'];

/** A voice that says both words, and a noise taken for each: that of alexa is sounder than jarvis itself. */
function voice(group: string, shift = 0): Listened {
  const candidate = (label: string, real: boolean, heavy: number) => ({
    label,
    real,
    tiny: 0.5,
    heavy: heavy + shift,
  });
  return {
    group,
    seconds: 3600,
    said: words,
    candidates: [
      candidate('alexa', true, 0.9),
      candidate('alexa', false, 0.7),
      candidate('jarvis', true, 0.5),
      candidate('jarvis', false, 0.2),
    ],
  };
}

const heard = [{ notice: 0.1, listened: ['a', 'b', 'c', 'd'].map((group, at) => voice(group, at / 100)) }];
const wish = { falseAcceptsPerHour: 0.1, believedPerHour: null, weights: null };
const shared = { notice: 0.1, accept: 0.5 };

describe('thresholds of each word', () => {
  it('serve what no shared pair does, and are taken where they do so for voices they were not chosen on', () => {
    const tuned = tuneWords({ words, heard, wish, folds: 4, inForce: { alexa: shared, jarvis: shared } });
    expect(tuned.way).toBe('by-word');
    expect(tuned.chosen).toMatchObject({ words: 8, missed: 0, falseAccepts: 0, hours: 4 });
    expect(tuned.chosen?.thresholds.alexa?.accept).toBeGreaterThan(0.73);
    expect(tuned.chosen?.thresholds.jarvis?.accept).toBeLessThan(0.5);
    expect(tuned.crossValidated['by-word']).toMatchObject({ missed: 0, falseAccepts: 0 });
    expect(tuned.crossValidated.shared?.missed).toBe(4);
    // Nothing missed of eight, and no false accept in four hours, is not much to be sure by.
    expect(tuned.bounds?.missed.high).toBeCloseTo(0.369, 3);
    expect(tuned.bounds?.falseAcceptsPerHour.high).toBeCloseTo(3.689 / 4, 3);
    expect(tuned.now).toMatchObject({ missed: 0, falseAccepts: 4 });
    expect(frontSvg(tuned)).toContain('<title>chosen</title>');
  });

  it('are shared where one does as well', () => {
    const alike = [
      {
        notice: 0.1,
        listened:
          heard[0]?.listened.map((each) => ({
            ...each,
            candidates: each.candidates.filter(({ real }) => real),
          })) ?? [],
      },
    ];
    expect(tuneWords({ words, heard: alike, wish, folds: 4, inForce: {} }).way).toBe('shared');
  });

  it('promise less where voices differ more than chance has it', () => {
    const loud = (group: string, times: number): Listened => {
      const { candidates, ...rest } = voice(group);
      const falses = candidates.filter(({ real }) => !real);
      const reals = candidates.filter(({ real }) => real);
      return { ...rest, candidates: [...reals, ...Array.from({ length: times }, () => falses).flat()] };
    };
    const any = { falseAcceptsPerHour: null, believedPerHour: null, weights: null };
    const tuned = (times: readonly number[]) => {
      const listened = times.map((count, at) => loud(`voice${at}`, count));
      return tuneWords({
        words,
        heard: [{ notice: 0.1, listened }],
        wish: any,
        folds: 4,
        inForce: { alexa: shared, jarvis: shared },
      });
    };
    const [alike, apart] = [tuned([3, 3, 3, 3, 3, 3]), tuned([0, 0, 0, 0, 0, 18])];
    expect(alike.crossValidated.shared).toMatchObject({ falseAccepts: 18, effects: { falseAccepts: 1 } });
    expect(apart.crossValidated.shared?.falseAccepts).toBe(18);
    expect(apart.again?.falseAccepts.high).toBeGreaterThan(alike.again?.falseAccepts.high ?? 0);
    expect(apart.bounds?.falseAcceptsPerHour.low).toBeLessThan(alike.bounds?.falseAcceptsPerHour.low ?? 0);
  });

  it('take the step first that saves most false accepts for a miss', () => {
    const front = frontOfWords(words, heard);
    expect(front[0]).toMatchObject({ missed: 0, falseAccepts: 0 });
    expect(outcomeOfWords(words, heard, { alexa: { notice: 0.1, accept: 0.8 } })).toMatchObject({
      words: 8,
      missed: 4,
      falseAccepts: 0,
    });
  });

  it('count what nobody says anything of as woken and believed, and as neither missed nor false', () => {
    const unsaid = {
      label: 'alexa',
      real: null,
      tiny: 0.5,
      heavy: 0.9,
      spent: { energyMj: 2, latencyMs: 30, money: 0.1 },
    };
    const listened = [{ group: 'a', seconds: 3600, said: [], candidates: [unsaid] }];
    expect(outcomeOfWords(['alexa'], [{ notice: 0.1, listened }], { alexa: shared })).toMatchObject({
      falseAccepts: 0,
      wakeUps: 1,
      believed: 1,
      energyMj: 2,
      money: 0.1,
      latencyP95Ms: 30,
    });
  });
});
