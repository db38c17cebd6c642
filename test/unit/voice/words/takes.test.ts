import { describe, expect, it } from 'vitest';
import { takesAdvice } from '../../../../src/voice/words/advice.js';
import { PhoneInventory } from '../../../../src/voice/words/phones.js';
import { oddTake, type Take } from '../../../../src/voice/words/takes.js';

const labels = ['k', 'æ', 't', 'd', 'm', 'i', 'n', '<wb>', '<blank>'];
const inventory = new PhoneInventory(labels);

/** A take in which each step is sure of one phone. */
function take(ipa: string): Take {
  const phones = inventory.parse(ipa);
  const logProbs = new Float32Array(phones.length * labels.length).fill(Math.log(0.001));
  for (const [step, phone] of phones.entries()) logProbs[step * labels.length + phone] = Math.log(0.99);
  const posteriors = { steps: phones.length, labels: labels.length, logProbs };
  const inner = { steps: 0, size: 1, values: new Float32Array(0) };
  const compared = { inner, spoken: inner, phoneSteps: 0, pitch: new Float64Array(0) };
  return { file: ipa, phones, posteriors, compared };
}

describe('takes of one word', () => {
  it('may each be heard in other sounds, and be of one word still', () => {
    const takes = [take('kætin'), take('kætik'), take('mætin')];
    expect(oddTake(takes, inventory)).toBeNull();
  });

  it('leave out the one that is like none of them', () => {
    const odd = take('minim');
    expect(oddTake([take('kætæk'), odd, take('kætæk')], inventory)).toBe(odd);
  });
});

it('says of a word of takes what is wrong with it', () => {
  expect(takesAdvice({ sounds: 8 })).toEqual([]);
  expect(takesAdvice({ sounds: 5 })).toEqual([expect.stringContaining('5 sounds are few')]);
});
