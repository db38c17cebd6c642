import { describe, expect, it } from 'vitest';
import {
  believe,
  type HeardUtterance,
  type PolicyContext,
  resolveLabel,
  resolveUtterance,
} from '../../../../src/core/cascade/policy.js';
import type { PolicyProfile } from '../../../../src/core/cascade/profile.js';
import type { TrailEntry } from '../../../../src/core/events/events.js';

const profile: PolicyProfile = {
  escalateOn: [
    'no-match',
    'unknown-words',
    'uncertain',
    'abstained',
    'unknown-fault',
    'several-sources',
    'long-utterance',
  ],
  believeUncertain: false,
  believeTinyAlone: true,
  minConfidence: 0.6,
  longUtteranceMs: 6000,
  answers: { 'valve-closed': 'valve.open' },
};
const alone: PolicyContext = { otherSources: [], cloudAway: false };
const together: PolicyContext = { otherSources: ['kitchen'], cloudAway: false };

function step(kind: 'accept' | 'reject' | 'uncertain', stage: string): TrailEntry {
  const judged = { label: 'wake', score: 0.5, confidence: 0.5, contributions: [] };
  return { kind, stage, ...judged, sample: 0, measured: null };
}
const lost: TrailEntry = {
  kind: 'abstain',
  stage: 'heavy',
  code: 'STAGE_TIMEOUT',
  sample: 0,
  measured: null,
};

describe('belief', () => {
  it('follows heavy where heavy decides', () => {
    expect(believe([step('uncertain', 'tiny'), step('accept', 'heavy')], 'heavy', profile).action).toBe(
      'next',
    );
    expect(believe([step('accept', 'tiny'), step('reject', 'heavy')], 'heavy', profile)).toEqual({
      action: 'drop',
      reasons: ['refused'],
    });
  });

  it('in the uncertain band is as the configuration says', () => {
    const trail = [step('accept', 'tiny'), step('uncertain', 'heavy')];
    expect(believe(trail, 'heavy', profile)).toEqual({ action: 'drop', reasons: ['uncertain'] });
    expect(believe(trail, 'heavy', { ...profile, believeUncertain: true })).toMatchObject({
      action: 'next',
      reasons: ['uncertain'],
    });
  });

  it('rests on tiny alone, marked degraded, only while heavy cannot be asked and tiny is sure', () => {
    expect(believe([step('accept', 'tiny'), lost], 'heavy', profile)).toEqual({
      action: 'next',
      reasons: ['degraded'],
      degraded: true,
    });
    expect(believe([step('uncertain', 'tiny'), lost], 'heavy', profile).action).toBe('drop');
    const strict = { ...profile, believeTinyAlone: false };
    expect(believe([step('accept', 'tiny'), lost], 'heavy', strict).action).toBe('drop');
  });

  it('is marked degraded where something stood in for heavy', () => {
    const trail = [step('accept', 'tiny'), step('accept', 'heavy')];
    expect(believe(trail, 'stand-in', profile)).toEqual({
      action: 'next',
      reasons: ['degraded'],
      degraded: true,
    });
    expect(believe([step('accept', 'tiny'), step('reject', 'heavy')], 'stand-in', profile).action).toBe(
      'drop',
    );
  });

  it('follows tiny where there is no heavy stage', () => {
    expect(believe([step('accept', 'tiny')], 'none', profile).action).toBe('next');
    expect(believe([step('uncertain', 'tiny')], 'none', profile).action).toBe('drop');
  });
});

const understood: HeardUtterance = {
  outcome: 'endpoint',
  spoken: true,
  durationMs: 1500,
  recognition: { kind: 'transcript', stage: 'words', text: 'lights on', confidence: 0.9 },
  settlement: { kind: 'settled', intent: 'light.on', slots: {} },
};

describe('an utterance', () => {
  it('that is understood is settled here', () => {
    expect(resolveUtterance(understood, [], alone, profile)).toEqual({
      action: 'settle',
      reasons: ['confident', 'matched'],
      degraded: false,
      intent: 'light.on',
      slots: {},
    });
  });

  it.each<[string, Partial<HeardUtterance>, readonly string[]]>([
    [
      'no template matches',
      { settlement: { kind: 'unsettled', reason: 'no-match', unknownWords: 0 } },
      ['no-match'],
    ],
    [
      'it has unknown words',
      { settlement: { kind: 'unsettled', reason: 'unknown-words', unknownWords: 1 } },
      ['unknown-words'],
    ],
    [
      'the recogniser is not sure',
      { recognition: { kind: 'transcript', stage: 'words', text: 'lights on', confidence: 0.4 } },
      ['uncertain'],
    ],
    [
      'the recogniser abstains',
      { recognition: { kind: 'abstain', stage: 'words', code: 'STAGE_TIMEOUT' }, settlement: null },
      ['abstained'],
    ],
    ['it is long', { durationMs: 9000 }, ['long-utterance']],
  ])('goes to the cloud when %s', (_, change, reasons) => {
    const resolution = resolveUtterance({ ...understood, ...change }, [], alone, profile);
    expect(resolution).toEqual({ action: 'escalate', reasons, degraded: false, standing: null });
  });

  it('is settled in company where that is no reason to ask the cloud', () => {
    const escalateOn = profile.escalateOn.filter((reason) => reason !== 'several-sources');
    expect(resolveUtterance(understood, [], together, { ...profile, escalateOn })).toMatchObject({
      action: 'settle',
    });
  });

  it('goes to the cloud when several sources fired together', () => {
    expect(resolveUtterance(understood, [], together, profile)).toMatchObject({
      action: 'escalate',
      reasons: ['several-sources'],
    });
  });

  it('keeps what the wake was doubted for', () => {
    expect(resolveUtterance(understood, ['uncertain'], alone, profile)).toMatchObject({
      action: 'escalate',
      reasons: ['uncertain'],
    });
  });

  it('is settled while degraded, and says so', () => {
    expect(resolveUtterance(understood, ['degraded'], alone, profile)).toMatchObject({
      action: 'settle',
      reasons: ['degraded', 'confident', 'matched'],
      degraded: true,
    });
  });

  it('in which nothing was said ends here', () => {
    const silent: HeardUtterance = { ...understood, outcome: 'timeout', spoken: false };
    expect(resolveUtterance(silent, [], alone, profile)).toEqual({ action: 'drop', reasons: ['timeout'] });
  });

  it('cut by a gap is never acted on', () => {
    const cut: HeardUtterance = { ...understood, outcome: 'gap' };
    expect(resolveUtterance(cut, [], alone, profile)).toEqual({ action: 'drop', reasons: ['gap'] });
  });

  it('ends here when none of its reasons is one to escalate on', () => {
    const closed = { ...profile, escalateOn: [] };
    const strange: HeardUtterance = {
      ...understood,
      settlement: { kind: 'unsettled', reason: 'no-match', unknownWords: 0 },
    };
    expect(resolveUtterance(strange, [], alone, closed)).toEqual({ action: 'drop', reasons: ['no-match'] });
  });
});

describe('a fault', () => {
  it('with a local answer is settled here', () => {
    expect(resolveLabel('valve-closed', [], alone, profile)).toMatchObject({
      action: 'settle',
      reasons: ['known-fault'],
      intent: 'valve.open',
    });
  });

  it('without one goes to the cloud', () => {
    expect(resolveLabel('anomaly', [], alone, profile)).toMatchObject({
      action: 'escalate',
      reasons: ['unknown-fault'],
    });
  });

  it('named like a property of objects has no answer by accident', () => {
    expect(resolveLabel('constructor', [], alone, profile).action).toBe('escalate');
  });

  it('on several sources goes to the cloud though it is known', () => {
    expect(resolveLabel('valve-closed', [], together, profile)).toMatchObject({
      action: 'escalate',
      reasons: ['several-sources'],
    });
  });
});

describe('while the cloud is away', () => {
  const away: PolicyContext = { ...alone, cloudAway: true };

  it('what is settled here is marked degraded', () => {
    expect(resolveUtterance(understood, [], away, profile)).toMatchObject({
      action: 'settle',
      degraded: true,
    });
    expect(resolveLabel('valve-closed', [], away, profile)).toMatchObject({
      action: 'settle',
      degraded: true,
    });
  });

  it('a local answer stands beside the escalation where nothing was misunderstood', () => {
    const standing = { intent: 'light.on', slots: {} };
    const long = { ...understood, durationMs: 9000 };
    expect(resolveUtterance(long, [], away, profile)).toMatchObject({
      action: 'escalate',
      degraded: true,
      standing,
    });
    expect(resolveLabel('valve-closed', [], { ...together, cloudAway: true }, profile)).toMatchObject({
      standing: { intent: 'valve.open' },
    });
  });

  it('nothing stands of what was not surely understood', () => {
    const unsure: HeardUtterance = {
      ...understood,
      recognition: { kind: 'transcript', stage: 'words', text: 'lights on', confidence: 0.4 },
    };
    expect(resolveUtterance(unsure, [], away, profile)).toMatchObject({ action: 'escalate', standing: null });
    expect(resolveLabel('anomaly', [], away, profile)).toMatchObject({ degraded: true, standing: null });
  });
});
