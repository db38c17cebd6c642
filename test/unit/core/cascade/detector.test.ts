import { describe, expect, it } from 'vitest';
import { Detector, type Reaction } from '../../../../src/core/cascade/detector.js';
import type { NoticeProfile } from '../../../../src/core/cascade/profile.js';
import type { Decision } from '../../../../src/core/cascade/stage.js';

const HOP = 10;
const profile: NoticeProfile = {
  debounceHops: 2,
  refractoryMs: 200,
  rearmHops: 2,
  rearmTimeoutMs: 1000,
  prefetch: null,
  calm: null,
};

/** What tiny says of a hop: `A` and `B` are two words it is sure of, `a` and `b` the same ones, unsure. */
function decision(letter: string): Decision {
  const kinds = { A: 'accept', B: 'accept', a: 'uncertain', b: 'uncertain', '.': 'reject' } as const;
  if (letter === '?') return { kind: 'abstain', stage: 'tiny', code: 'MODEL_OUTPUT' };
  const kind = kinds[letter as keyof typeof kinds];
  const label = letter.toLowerCase();
  return { kind, stage: 'tiny', label, score: 0.5, confidence: 0.5, contributions: [] };
}

/**
 * One millisecond a sample, one letter a hop; every detection is over at once, believed or refused. `_` is a hop with
 * the gate shut, `+` its opening with tiny going on where it stopped.
 */
function run(letters: string, believed: boolean, over: Partial<NoticeProfile> = {}): number[] {
  const detector = new Detector({ ...profile, ...over }, 1000, HOP);
  const noticed: number[] = [];
  [...letters].forEach((letter, i) => {
    const end = (i + 1) * HOP;
    detector.tick(end);
    let reaction: Reaction = 'none';
    if (letter === '_') detector.silence(end);
    else if (letter === '+') detector.resume(end);
    else reaction = detector.hear(decision(letter), i * HOP, end);
    if (reaction !== 'notice') return;
    noticed.push(i);
    detector.release(end, believed);
  });
  return noticed;
}

describe('the detector', () => {
  it('notices once the debounce agrees, under one label', () => {
    expect(run('.A.A.AA..', true)).toEqual([6]);
    expect(run('.ABABB...', true)).toEqual([5]);
  });

  it('is not armed again before the score has fallen for two hops', () => {
    expect(run(`AA${'A'.repeat(40)}.AAA..AA`, true)).toEqual([1, 49]);
  });

  it('is not armed again within the refractory time of what was believed', () => {
    expect(run('AA...AA...AA............AA', true)).toEqual([1, 25]);
  });

  it('does not notice a word again that tiny still holds when the gate opens', () => {
    expect(run(`AA${'_'.repeat(30)}+AAAA`, true)).toEqual([1]);
    expect(run(`aa${'_'.repeat(30)}+aaaa`, false)).toEqual([1]);
  });

  it('notices the word said after the gate has opened', () => {
    expect(run(`AA${'_'.repeat(30)}+AA..AA`, true)).toEqual([1, 38]);
    expect(run(`AA..${'_'.repeat(30)}+AA`, true)).toEqual([1, 36]);
    expect(run(`A${'_'.repeat(30)}+AA`, true)).toEqual([33]);
  });

  it('hears the word that follows a false alarm', () => {
    expect(run('AA...AA', false)).toEqual([1, 6]);
    expect(run('aaaBB', false)).toEqual([1, 4]);
  });

  it('hears the word that is said while tiny goes on finding something', () => {
    const noticed = (startOfLater: number, believed: boolean, laterHop = 30) => {
      const detector = new Detector({ ...profile, debounceHops: 1 }, 1000, HOP);
      const hops: number[] = [];
      for (let i = 0; i < 40; i++) {
        const found = { ...decision('a'), startSample: i < laterHop ? 0 : startOfLater };
        if (detector.hear(found, i * HOP, (i + 1) * HOP) === 'notice') {
          hops.push(i);
          detector.release((i + 2) * HOP, believed);
        }
      }
      return hops;
    };
    for (const believed of [true, false]) {
      expect(noticed(285, believed)).toEqual([0, 30]);
      expect(noticed(15, believed)).toEqual([0]);
    }
    // What was believed is followed by none within its refractory time, which is over with hop 20.
    expect(noticed(95, true, 10)).toEqual([0, 20]);
    expect(noticed(95, false, 10)).toEqual([0, 10]);
  });

  it('does not ask again about what was refused while it goes on', () => {
    expect(run(`aa${'a'.repeat(40)}`, false)).toEqual([1]);
  });

  it('asks once more when tiny has become sure', () => {
    expect(run('aaaAAAAA', false)).toEqual([1, 4]);
  });

  it('takes an abstention neither for the word nor for its end', () => {
    expect(run('A?A', true)).toEqual([2]);
    expect(run(`AA${'.'.repeat(1)}?${'A'.repeat(30)}`, true)).toEqual([1]);
  });

  it('does not wait for ever for a candidate', () => {
    expect(run('A????A.AA', true)).toEqual([8]);
  });

  it('stays deaf for the refractory time though a gap lies between', () => {
    const detector = new Detector(profile, 1000, HOP);
    for (const at of [0, 1]) detector.hear(decision('A'), at * HOP, (at + 1) * HOP);
    detector.reset(50, true);
    expect(detector.state).toBe('rearming');
    detector.silence(219);
    expect(detector.state).toBe('rearming');
    detector.silence(220);
    expect(detector.state).toBe('armed');
  });

  it('is patient while it is armed and tiny is sure that nothing is near', () => {
    const patienceAfter = (letters: string, below: number) => {
      const detector = new Detector({ ...profile, calm: { below, waitMs: 80 } }, 1000, HOP);
      for (const [i, letter] of [...letters].entries())
        detector.hear(decision(letter), i * HOP, (i + 1) * HOP);
      return detector.patienceMs;
    };
    expect(patienceAfter('.', 0.6)).toBe(80);
    expect(patienceAfter('.', 0.5)).toBe(0);
    expect(patienceAfter('a', 0.6)).toBe(0);
    expect(patienceAfter('AA.', 0.6)).toBe(0);
  });
});
