import { describe, expect, it } from 'vitest';
import type { CascadeEvent, EventOf } from '../../../../src/core/events/events.js';
import { Disagreements } from '../../../../src/learning/past/disagreements.js';
import { evidenceOf, realOf, surestOf } from '../../../../src/learning/past/evidence.js';
import { MadeNow } from '../../../../src/learning/past/makers.js';
import { type PastDetection, pastDetections } from '../../../../src/learning/past/past-detection.js';
import { conditionOf, meets, rowOf } from '../../../../src/learning/past/row.js';
import { JournalHearing } from '../../../../src/learning/tuning/from-journal.js';
import { asked, said, wake } from '../../../support/past.js';

async function* events(...all: readonly CascadeEvent[]) {
  yield* all;
}

async function pastOf(all: readonly CascadeEvent[], labels: readonly EventOf<'label'>[]) {
  const found: PastDetection[] = [];
  for await (const past of pastDetections(events(...all), labels)) found.push(past);
  return found;
}

const journal = [
  wake(1, 0.9, 0.95, true),
  ...asked(1, 0.02),
  wake(2, 0.4, 0.3, false),
  wake(3, 0.9, 0.8, true),
];
const labels = [said(2, 'right', 30), said(3, 'right', 31), said(3, 'wrong', 32)];

describe('detections of the past', () => {
  it('have all that was scored, done, paid and said of them in one place', async () => {
    const [first, second, third] = await pastOf(journal, labels);
    expect(first).toMatchObject({
      detection: 'r/kitchen/1',
      believed: true,
      sent: true,
      money: 0.02,
      said: null,
    });
    expect(second).toMatchObject({ believed: false, outcome: 'refused', said: { verdict: 'right' } });
    // The newest that was said stands.
    expect(third?.said?.verdict).toBe('wrong');
  });

  it('are filtered by any of it', async () => {
    const rows = (await pastOf(journal, labels)).map(rowOf);
    const found = (text: string) => {
      const condition = conditionOf(text);
      return condition === null
        ? null
        : rows.filter((row) => meets(row, condition)).map((row) => row.detection);
    };
    expect(found('heavy.confidence<0.5')).toEqual(['r/kitchen/2']);
    expect(found('money>0.01')).toEqual(['r/kitchen/1']);
    expect(found('said=wrong')).toEqual(['r/kitchen/3']);
    expect(found('said != wrong')).toHaveLength(2);
    expect(found('money')).toBeNull();
  });
});

describe('what is known of a detection', () => {
  it('goes by the surest witness', async () => {
    const [first, second, third] = (await pastOf(journal, labels)) as [
      PastDetection,
      PastDetection,
      PastDetection,
    ];
    expect(evidenceOf(first).map(({ by, real }) => [by, real])).toEqual([
      ['cloud', true],
      ['heavy', true],
      ['tiny', true],
    ]);
    expect([first, second, third].map((past) => realOf(past))).toEqual([true, true, false]);
    expect(realOf({ ...second, said: null })).toBeNull();
    // A labelled folder is surer than the cloud, and the owner surer than it.
    const filed = [1, 2].map((n) => ({ ...said(n, 'wrong', 40), witness: 'folder' as const }));
    const sorted = await pastOf(journal, [...labels, ...filed]);
    expect(sorted.map((past) => surestOf(past)?.by)).toEqual(['folder', 'owner', 'owner']);
    expect(sorted.map((past) => realOf(past))).toEqual([false, true, false]);
    expect(sorted.map((past) => rowOf(past).filed)).toEqual(['wrong', 'wrong', '']);
  });

  it('lists who disagrees with whom, by source', async () => {
    const disagreements = new Disagreements(1);
    for (const past of await pastOf(journal, labels)) disagreements.take(past);
    const told = disagreements.told();
    expect(told.find(({ surer, other }) => surer === 'owner' && other === 'heavy')).toMatchObject({
      source: 'kitchen',
      both: 2,
      differ: 1,
      about: [{ detection: 'r/kitchen/3', label: 'alexa' }],
    });
  });

  it('is heard anew as stretches to tune on', async () => {
    const hearing = new JournalHearing();
    for (const past of await pastOf(journal, labels)) hearing.take(past);
    const listened = hearing.listened();
    expect(hearing).toMatchObject({ detections: 3, known: 3 });
    expect(listened.flatMap(({ said: words }) => words)).toEqual(['alexa', 'alexa']);
    // Two minutes from the first to the last.
    expect(listened.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(120);
  });

  it('leaves out, and tells, what other stages or another judge made of words', async () => {
    const apart = ['heavy'] as const;
    const makers = { alexa: { tiny: 'wake-tiny', heavy: 'wake-heavy', judge: 'confidence', apart } };
    const [first, second, third] = [
      wake(1, 0.9, 0.9, true),
      wake(2, 0.9, 0.9, true),
      wake(3, 0.9, 0.9, true),
    ];
    const [tiny, heavy] = second.trail;
    if (tiny === undefined || heavy === undefined) throw new Error('a wake has two entries');
    const mark = { kind: 'agreement', own: 0.5, because: '2 of 3 looks say the same' };
    const mixed: CascadeEvent[] = [
      first,
      { ...second, trail: [tiny, { ...heavy, judge: mark }] },
      { ...third, trail: [tiny, { ...heavy, stage: 'phones' }] },
      { ...wake(4, 0.9, 0.9, true), label: 'jarvis' },
    ];
    const madeNow = new MadeNow(() => makers);
    const these = (await pastOf(mixed, [])).filter((past) => madeNow.has(past));
    expect(these.map(({ detection }) => detection)).toEqual(['r/kitchen/1']);
    // A word that nobody listens for any more is not what was asked about.
    expect(madeNow.told()).toBe('; left out: 1 of judge agreement, 1 of phones');
    expect(these.map((past) => madeNow.apart(past))).toEqual([apart]);
  });
});
