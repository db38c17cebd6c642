import { describe, expect, it } from 'vitest';
import { textSoFar } from '../../../../src/uplink/providers/prompt.js';
import { rank, type Standing } from '../../../../src/uplink/queue/rank.js';

const providers: Record<string, Standing> = {
  dear: { money: 0.02, quality: 0.9, latencyMs: 900 },
  cheap: { money: 0.001, quality: 0.6, latencyMs: 1_500 },
  fast: { money: 0.01, quality: 0.5, latencyMs: 300 },
};
const order = (weights: Partial<Record<'cost' | 'quality' | 'latency', number>>) =>
  rank(Object.keys(providers), (name) => providers[name] as Standing, {
    cost: 0,
    quality: 0,
    latency: 0,
    ...weights,
  });

describe('order of providers', () => {
  it('is as listed when nothing is weighed', () => expect(order({})).toEqual(['dear', 'cheap', 'fast']));
  it('puts the cheapest first for cost', () => expect(order({ cost: 1 })).toEqual(['cheap', 'fast', 'dear']));
  it('puts the best first for quality', () =>
    expect(order({ quality: 1 })).toEqual(['dear', 'cheap', 'fast']));
  it('puts the quickest first for latency', () => expect(order({ latency: 1 })[0]).toBe('fast'));
});

describe('words of an answer that is still coming', () => {
  it.each([
    ['{"label":"x","te', ''],
    ['{"label":"x","text":"It is \\"mild', 'It is "mild'],
    ['{"text":"a\\u00e9b\\', 'aéb'],
    ['{"text":"all","label":"x"}', 'all'],
    ['no JSON at all', 'no JSON at all'],
  ])('of %s', (answer, words) => expect(textSoFar(answer)).toBe(words));
});
