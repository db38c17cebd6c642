import { describe, expect, it } from 'vitest';
import { leastAccept, NearWakes, operatingPoint } from '../../../../src/voice/words/room.js';
import { said, wake } from '../../../support/past.js';

describe('the operating point of a word in a room', () => {
  it('stays where it is for all words when nothing came near, and says what the time allows', () => {
    const point = operatingPoint({ wrong: [0.1], right: [], hours: 2, least: 0.5 });
    expect(point).toMatchObject({ accept: 0.5, falseAccepts: 0, missedMore: 0, highest: 0.1 });
    expect(point.mostFalseAcceptsPerHour).toBeCloseTo(1.5, 1);
  });

  it('lies above what the room said, and says what that costs', () => {
    const point = operatingPoint({ wrong: [0.7, 0.2, 0.6], right: [0.75, 0.95], hours: 1, least: 0.5 });
    expect(point.accept).toBeGreaterThan(0.7);
    expect(point.accept).toBeLessThan(0.85);
    expect(point).toMatchObject({ nearWakes: 3, falseAccepts: 0, rightLost: 1 });
    expect(point.missedMore).toBeGreaterThan(0.02);
  });

  it('stays where takes set it below that of all words, until something comes near', () => {
    expect(operatingPoint({ wrong: [0.1], right: [], hours: 1, least: 0.4 }).accept).toBe(0.4);
    expect(operatingPoint({ wrong: [0.45], right: [], hours: 1, least: 0.4 }).accept).toBeGreaterThan(0.5);
  });

  it('begins anew at that of all words, but for a word that only takes judge', () => {
    expect(leastAccept({ say: 'hey pumpkin', accept: 0.8 })).toBe(0.5);
    expect(leastAccept({ say: 'hey pumpkin', accept: 0.4 })).toBe(0.4);
    expect(leastAccept({ name: 'maja', takes: './takes/maja', accept: 0.83 })).toBe(0.83);
  });

  it('is not raised so far that the word is missed, and says what is left', () => {
    const point = operatingPoint({ wrong: [0.99, 0.95], right: [], hours: 1, least: 0.5 });
    expect(point).toMatchObject({ accept: 0.9, falseAccepts: 2 });
  });
});

describe('near wakes', () => {
  const heard = (isWordless: boolean, ...events: Parameters<NearWakes['take']>[0][]) => {
    const near = new NearWakes(isWordless);
    for (const event of events) near.take(event);
    return near.of('alexa');
  };
  const wakes = [wake(1, 0.9, 0.8, true), wake(2, 0.6, 0.3, false)];

  it('are everything that woke it where nobody said a word', () => {
    expect(heard(true, ...wakes)).toEqual({ wrong: [0.8, 0.3], right: [] });
  });

  it('are what was refused, and what somebody says was wrong, where people speak', () => {
    expect(heard(false, ...wakes)).toEqual({ wrong: [0.3], right: [] });
    expect(heard(false, ...wakes, said(1, 'wrong', 30))).toEqual({ wrong: [0.8, 0.3], right: [] });
    const filed = { ...said(1, 'wrong', 30), witness: 'folder' } as const;
    expect(heard(false, ...wakes, filed)).toEqual(heard(false, ...wakes));
    expect(heard(false, ...wakes, said(2, 'right', 30))).toEqual({ wrong: [], right: [0.3] });
  });

  it('follow the newest word of each', () => {
    const [first, second] = [said(1, 'right', 40), said(1, 'wrong', 35)];
    expect(heard(false, ...wakes, first, second)).toEqual({ wrong: [0.3], right: [0.8] });
  });
});
