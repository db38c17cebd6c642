import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../../src/core/random.js';
import { LearnedRouter, type RouterExample, trainRouter } from '../../../../src/learning/router/router.js';
import { SHAPE_NAMES, textFeatures } from '../../../../src/learning/router/text-features.js';

/** Sums are hard for the weak model, greetings are not; each group talks about a thing of its own. */
function examples(): readonly RouterExample[] {
  const random = mulberry32(7);
  const number = () => Math.floor(random() * 900) + 100;
  return ['ships', 'trees', 'bells', 'roads'].flatMap((group) =>
    Array.from({ length: 40 }, (_, at): RouterExample => {
      const hard = at % 2 === 0;
      const text = hard
        ? `What is ${number()} ${group} times ${number()} and then ${number()} more?`
        : `Tell me something nice about the ${group} that you like today, please.`;
      return { ...textFeatures(text), weakCorrect: !hard, strongCorrect: true, group };
    }),
  );
}

describe('a learned router', () => {
  const router = new LearnedRouter(trainRouter(examples()));

  it('says of a subject it never saw what needs the strong model', () => {
    const hard = router.route(textFeatures('What is 512 clouds times 731 and then 204 more?'));
    const easy = router.route(textFeatures('Tell me something nice about the clouds that you like, please.'));
    expect(hard.need).toBeGreaterThan(easy.need + 0.3);
    expect([hard.unlike, easy.unlike]).toEqual([false, false]);
  });

  it('names what counted most', () => {
    const { because } = router.route(textFeatures('What is 512 clouds times 731 and then 204 more?'));
    expect(because).toHaveLength(3);
    expect(because.every(({ what }) => [...SHAPE_NAMES, 'its words'].includes(what))).toBe(true);
    expect(Math.abs(because[0]?.by ?? 0)).toBeGreaterThanOrEqual(Math.abs(because[2]?.by ?? 0));
  });

  it('says when a text is like nothing that it learnt from', () => {
    expect(router.route(textFeatures('Ωμέγα')).unlike).toBe(true);
    expect(router.route(textFeatures(`${'{"a":[1,2]},\n'.repeat(400)} what is it`)).unlike).toBe(true);
    expect(router.route(textFeatures('')).unlike).toBe(true);
  });

  it('learns no word that stands for a group', () => {
    const weights = trainRouter(
      examples().map((example, at) =>
        at < 40 ? { ...example, words: [...example.words, 3] } : { ...example, words: [1, 2] },
      ),
    );
    // A quarter of four groups is one; with eight, a word of one group is left out.
    const more = examples().flatMap((example) => [
      { ...example, words: [1, 2] },
      { ...example, words: example.group === 'ships' ? [1, 2, 3] : [1, 2], group: `${example.group} again` },
    ]);
    expect(weights.words.map(([word]) => word)).toContain(3);
    expect(trainRouter(more).words.map(([word]) => word)).toEqual([1, 2]);
  });

  it('is the same when it learns again, and survives JSON', () => {
    const again = trainRouter(examples());
    expect(again).toEqual(trainRouter(examples()));
    const kept = new LearnedRouter(JSON.parse(JSON.stringify(again)));
    const text = textFeatures('What is 3 ships?');
    expect(kept.route(text)).toEqual(new LearnedRouter(again).route(text));
  });
});

describe('the features of a text', () => {
  it('tell lettered options from the question', () => {
    const { shape } = textFeatures('Which is it?\nA. 1\nB. 22\nC. three\nAnswer:');
    const figure = (name: string) => shape[SHAPE_NAMES.indexOf(name)];
    expect(figure('has options')).toBe(1);
    expect(figure('options with a number')).toBe(2);
    expect(figure('different beginnings of options')).toBe(3);
    expect(figure('ends as a question')).toBe(1);
  });

  it('are numbers, whatever the text', () => {
    for (const text of ['', '\n', '?', '🙂', 'A. \nB. \nAnswer:', 'a'.repeat(100_000)]) {
      expect([...textFeatures(text).shape].every(Number.isFinite)).toBe(true);
    }
  });
});
