import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchRouter } from '../../../src/bench/router.js';
import { cascadeCost } from '../../../src/bench/router-cost.js';
import { type Question, readQuestions } from '../../../src/bench/router-data.js';
import { textFeatures } from '../../../src/learning/router/text-features.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const SUBJECTS = ['a', 'b', 'c', 'd', 'e'];

/** Of each subject, questions with numbers that only the strong model can do, and others that both can. */
function questions(): readonly Question[] {
  return SUBJECTS.flatMap((group) =>
    Array.from({ length: 40 }, (_, at): Question => {
      const hard = at % 4 === 0;
      const text = hard ? `How many are ${at * 37} and ${at * 91}?` : `What do people say of ${group}?`;
      return {
        ...textFeatures(text),
        characters: 10,
        weakCorrect: !hard,
        strongCorrect: true,
        group,
      };
    }),
  );
}

describe('the routing benchmark', () => {
  it('gives the area of a perfect order, and half of it where there is nothing to order by', () => {
    const result = benchRouter(questions(), { folds: 5, priceRatio: 0.1 });
    // A quarter of the questions is the whole gap: a triangle, then a rectangle.
    expect(result.apgr).toBeCloseTo(0.25 / 2 + 0.75, 2);
    expect(result.cpt50).toBeCloseTo(0.125, 2);
    expect(result.cpt80).toBeCloseTo(0.2, 2);
    expect(result.length).toEqual({ apgr: 0.5, cpt50: 0.5, cpt80: 0.8 });
    expect(result).toMatchObject({ questions: 200, subjects: 5, random: { apgr: 0.5 } });
  });

  it('says what no judge can be better than, and how right one has to be for as many right answers', () => {
    // Both models are right about 30, the weak one alone about 10, the strong one alone about 40, neither about 20.
    const kinds = [
      [30, true, true],
      [10, true, false],
      [40, false, true],
      [20, false, false],
    ] as const;
    const [template] = questions();
    const asked = kinds.flatMap(([count, weakCorrect, strongCorrect]) =>
      Array.from({ length: count }, (_, at) => ({
        ...(template as Question),
        ...{ weakCorrect, strongCorrect, group: `${at % 2}` },
      })),
    );
    const needs = asked.map(() => 0);
    const { bounds } = cascadeCost(asked, needs, 1, { folds: 2, priceRatio: 0.1 });
    // 30 more right ones are wanted; a judge who is right about 80 of 100 sends 48 + 8 and keeps 32 + 6 + 32 right.
    expect(bounds.hindsightCost).toBeCloseTo(0.1 + 0.3);
    expect(bounds.judgeAccuracy).toBeCloseTo(0.8);
    expect(bounds.judgeCost).toBeCloseTo(0.1 + 0.48 + 0.08);
  });

  it('never ranks a question by a router that saw its subject', () => {
    // What the words say is turned round in one subject: only one who saw it could know.
    const turned = questions().map((question) =>
      question.group === 'c' ? { ...question, weakCorrect: !question.weakCorrect } : question,
    );
    const others = turned.filter(({ group }) => group !== 'c');
    expect(benchRouter(turned, { folds: 5, priceRatio: 0.1 }).apgr).toBeLessThan(
      benchRouter(others, { folds: 4, priceRatio: 0.1 }).apgr,
    );
  });
});

describe('the questions of a folder', () => {
  it('come from a table a subject', () => {
    const folder = temporaryFolder();
    for (const subject of ['one', 'two']) {
      writeFileSync(
        join(folder, `${subject}.csv`),
        'prompt,weak_correct,strong_correct\n"What, now?\nA. 1\nB. 2\nAnswer:",True,False\nWhy?,0,1\n',
      );
    }
    const found = readQuestions(folder);
    expect(found.map(({ group, weakCorrect, strongCorrect }) => [group, weakCorrect, strongCorrect])).toEqual(
      [
        ['one', true, false],
        ['one', false, true],
        ['two', true, false],
        ['two', false, true],
      ],
    );
  });

  it('are refused by name where they are none', () => {
    const folder = temporaryFolder();
    expect(() => readQuestions(join(folder, 'gone'))).toThrow(/gone: expected a folder/);
    expect(() => readQuestions(folder)).toThrow(/two subjects at least/);
    writeFileSync(join(folder, 'x.csv'), 'prompt,weak_correct\nWhy?,True\n');
    expect(() => readQuestions(folder)).toThrow(/x\.csv: expected the columns .* none called strong_correct/);
    writeFileSync(join(folder, 'x.csv'), 'prompt,weak_correct,strong_correct\nWhy?,True,perhaps\n');
    expect(() => readQuestions(folder)).toThrow(/question 1: strong_correct: expected True or False/);
  });
});
