import { describe, expect, it } from 'vitest';
import { frontOf } from '../../../../src/learning/tuning/front.js';
import { Noticed } from '../../../../src/learning/tuning/noticed.js';
import { hoursFor, type Listened, type WakeThresholds } from '../../../../src/learning/tuning/tuning.js';
import { chooseFor, type Wish } from '../../../../src/learning/tuning/wish.js';

const outcomeOf = (listened: readonly Listened[], thresholds: WakeThresholds) =>
  Noticed.of(listened).outcome(thresholds);

/** An hour of one voice that says the word once, and of a noise that is taken for it. */
function stretch(group: string, word: number, noise: number, tiny = 0.5): Listened {
  return {
    group,
    seconds: 3600,
    said: ['alexa'],
    candidates: [
      { label: 'alexa', real: true, tiny, heavy: word },
      { label: 'alexa', real: false, tiny: 0.2, heavy: noise },
    ],
  };
}

const within = (falseAcceptsPerHour: number): Wish => ({
  falseAcceptsPerHour,
  believedPerHour: null,
  weights: null,
});

const heard = [
  { notice: 0.1, listened: [stretch('a', 0.9, 0.1), stretch('b', 0.8, 0.6), stretch('c', 0.5, 0.3)] },
];

describe('what thresholds make of what was heard', () => {
  it('counts words missed, false accepts, wake-ups and what is believed', () => {
    const listened = heard[0]?.listened ?? [];
    expect(outcomeOf(listened, { notice: 0.1, accept: 0.55 })).toMatchObject({
      words: 3,
      missed: 1,
      hours: 3,
      falseAccepts: 1,
      wakeUps: 6,
      believed: 3,
    });
    // A higher threshold of the first stage wakes the second for words alone.
    expect(outcomeOf(listened, { notice: 0.3, accept: 0.55 })).toMatchObject({ falseAccepts: 0, wakeUps: 3 });
  });

  it('takes the first stage at its word where the second could not say', () => {
    const alone = {
      ...stretch('a', 0, 0),
      candidates: [{ label: 'alexa', real: true, tiny: 0.9, heavy: null }],
    };
    expect(outcomeOf([alone], { notice: 0.1, accept: 0.8 }).missed).toBe(0);
    expect(outcomeOf([alone], { notice: 0.1, accept: 0.95 }).missed).toBe(1);
  });

  it('finds a word once, however often it is heard, and not under another name', () => {
    const [word] = stretch('a', 0.9, 0).candidates;
    if (word === undefined) throw new Error('a stretch has candidates');
    const twice = { ...stretch('a', 0, 0), candidates: [word, word] };
    expect(outcomeOf([twice], { notice: 0.1, accept: 0.5 })).toMatchObject({ missed: 0, falseAccepts: 0 });
    const other = { ...twice, candidates: [{ ...word, label: 'jarvis' }] };
    expect(outcomeOf([other], { notice: 0.1, accept: 0.5 }).missed).toBe(1);
  });
});

describe('the front', () => {
  it('goes from the least missed to the fewest false accepts, and has nothing beside it that is worse', () => {
    const front = frontOf(heard);
    expect(front.map(({ missed, falseAccepts }) => [missed, falseAccepts])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('takes the middle of thresholds that do the same', () => {
    // Between the noise at 0.3 and the word at 0.5.
    expect(frontOf(heard)[0]?.thresholds.accept).toBeCloseTo(0.4, 2);
  });

  it('prefers the first stage that wakes the second less', () => {
    const less = heard.map(({ listened }) => ({
      notice: 0.4,
      listened: listened.map((each) => ({ ...each, candidates: each.candidates.filter(({ real }) => real) })),
    }));
    const [best] = frontOf([...heard, ...less]);
    expect(best).toMatchObject({ thresholds: { notice: 0.4 }, missed: 0, falseAccepts: 0, wakeUps: 3 });
  });

  it('has nothing that finds no word at all, however little that accepts', () => {
    const loud = [{ notice: 0.1, listened: [stretch('a', 0.5, 0.9), stretch('b', 0.7, 0.8)] }];
    expect(frontOf(loud).map(({ missed, falseAccepts }) => [missed, falseAccepts])).toEqual([[0, 2]]);
  });

  it('is empty where nothing was heard', () => {
    expect(frontOf([])).toEqual([]);
    expect(chooseFor([], within(1))).toBeNull();
  });
});

describe('the choice', () => {
  it('misses least within the wish, and takes the strictest where nothing is within it', () => {
    const front = frontOf(heard);
    expect(chooseFor(front, within(1))?.missed).toBe(0);
    expect(chooseFor(front, within(1 / 24))?.missed).toBe(1);
    expect(chooseFor(front.slice(0, 1), within(0))?.falseAccepts).toBe(1);
  });

  it('keeps what is believed within a budget, and weighs what is within all limits', () => {
    const front = frontOf(heard);
    // Four are believed in three hours where nothing is missed, and two where no noise is.
    expect(chooseFor(front, { ...within(1), believedPerHour: 0.7 })?.missed).toBe(1);
    const cheap = { ...within(1), weights: { cost: 1, quality: 0.1, latency: 0 } };
    expect(chooseFor(front, cheap)?.falseAccepts).toBe(0);
  });

  it('needs three times as long without a false alarm as it promises between two', () => {
    expect(hoursFor(1 / 24)).toBeCloseTo(71.9, 1);
  });
});
