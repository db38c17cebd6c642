import { describe, expect, it } from 'vitest';
import { heardUnlike, WakeTally } from '../../../src/bench/wake-tally.js';
import type { CascadeEvent } from '../../../src/core/events/events.js';

describe('the tally', () => {
  const event = (type: 'noticed' | 'verified', label: string, sample: number) =>
    ({ type, label, sample }) as unknown as CascadeEvent;
  const heard = (
    words: readonly string[],
    events: readonly CascadeEvent[],
    mentioned: readonly string[] = [],
  ) => ({
    path: 'clip.wav',
    words,
    mentioned,
    seconds: 1800,
    endSample: 16_000,
    events,
    wordOf: (label: string) => label,
  });

  it('counts hits, misses, wrong words and false accepts of each stage', () => {
    const tiny = new WakeTally('e', 'tiny', 'clean', ['alexa', 'jarvis']);
    const both = new WakeTally('e', 'tiny+heavy', 'clean', ['alexa', 'jarvis']);
    for (const tally of [tiny, both]) {
      tally.add(heard(['alexa'], [event('noticed', 'alexa', 17_600), event('verified', 'alexa', 19_200)]));
      tally.add(heard(['alexa'], [event('noticed', 'jarvis', 17_600)]));
      tally.add(heard([], [event('noticed', 'alexa', 1)]));
      tally.add(heard([], []));
    }
    expect(tiny.result()).toMatchObject({ falseAccepts: 2, hours: 2, heavyWakeups: 2, doubles: 0 });
    expect(tiny.result().keywords.alexa).toMatchObject({ clips: 2, missed: 1, falseAccepts: 1, hours: 1 });
    expect(tiny.result().keywords.jarvis).toMatchObject({ clips: 0, missed: 0, falseAccepts: 1, hours: 2 });
    expect(both.result()).toMatchObject({ falseAccepts: 0, missedMean: 0.5, missedWorst: 0.5 });
    expect(both.result().keywords.alexa?.latencyMs.p50).toBe(200);
  });

  it('takes a word that is said in a sentence for no false accept, and for no clip either', () => {
    const tally = new WakeTally('e', 'tiny', 'clean', ['alexa', 'jarvis']);
    tally.add(heard([], [event('noticed', 'alexa', 1)], ['alexa']));
    tally.add(heard([], [event('noticed', 'jarvis', 1)], ['alexa']));
    expect(tally.result()).toMatchObject({ falseAccepts: 1, heavyWakeups: 1 });
    expect(tally.result().keywords.alexa).toMatchObject({ clips: 0, falseAccepts: 0, hours: 0 });
  });

  it('names the recordings that only some of several runs heard', () => {
    const run = (...missedRecordings: string[]) => ({ missedRecordings });
    expect(heardUnlike([run('a', 'b'), run('b'), run('b', 'c')])).toEqual(['a', 'c']);
    expect(heardUnlike([run('a'), run('a')])).toEqual([]);
  });
});
