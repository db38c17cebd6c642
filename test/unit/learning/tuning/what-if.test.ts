import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CascadeEvent } from '../../../../src/core/events/events.js';
import { pastDetections } from '../../../../src/learning/past/past-detection.js';
import { tellWhatIf } from '../../../../src/learning/tuning/tell-what-if.js';
import { Replay } from '../../../../src/learning/tuning/what-if.js';
import { asked, nearMiss, said, settled, wake } from '../../../support/past.js';

async function replayed(...events: readonly CascadeEvent[]): Promise<Replay> {
  const replay = new Replay();
  const labels = events.filter((event) => event.type === 'label');
  for await (const detection of pastDetections(Readable.from(events), labels)) replay.take(detection);
  return replay;
}

const past = [
  wake(1, 0.9, 0.95, true),
  ...asked(1, 0.02),
  wake(2, 0.2, 0.7, true),
  ...asked(2, 0.03),
  wake(3, 0.5, 0.6, true),
  wake(4, 0.5, 0.4, false),
  said(1, 'right', 30),
  said(2, 'wrong', 31),
];

describe('other thresholds in the past', async () => {
  it('say what would be gone, what people said of it, and what it cost', async () => {
    const { believed, gone, added } = (await replayed(...past)).with({ 'heavy.accept': 0.8 });
    expect(believed).toMatchObject({ detections: 3, right: 1, wrong: 1, unsaid: 1, cloudCalls: 2 });
    expect(believed.money).toBeCloseTo(0.05, 6);
    expect(gone).toEqual({ detections: 2, right: 0, wrong: 1, unsaid: 1, cloudCalls: 1, money: 0.03 });
    expect(added.detections).toBe(0);
  });

  it('say what would be believed besides', async () => {
    const { gone, added } = (await replayed(...past)).with({ 'heavy.accept': 0.3 });
    expect(gone.detections).toBe(0);
    expect(added).toMatchObject({ detections: 1, unsaid: 1, cloudCalls: 0 });
  });

  it('count for both stages together, and change nothing where nothing changes', async () => {
    expect((await replayed(...past)).with({ 'tiny.reject': 0.3 }).gone.detections).toBe(1);
    const both = (await replayed(...past)).with({ 'tiny.reject': 0.3, 'heavy.accept': 0.65 });
    expect(both.gone.detections).toBe(2);
    const same = (await replayed(...past)).with({});
    expect([same.gone.detections, same.added.detections]).toEqual([0, 0]);
  });

  it('say of how much that was almost noticed heavy would be asked', async () => {
    const replay = await replayed(...past);
    for (const confidence of [0.12, 0.15, 0.19, 0.5]) replay.takeNearMiss(nearMiss(5, confidence));
    const lower = replay.with({ 'tiny.reject': 0.14 });
    // What was sure enough was refused for another reason.
    expect(lower.almost).toEqual({ told: 3, noticed: 2 });
    expect(tellWhatIf(lower)).toBe(
      'of 3 wakes: 0 fewer; heavy asked of 2 of 3 near misses too; ' +
        'not known: what heavy would say of those 2, which it never looked at',
    );
    expect(replay.with({ 'heavy.accept': 0.8 }).almost.noticed).toBe(0);
  });

  it('say of how much a lower threshold of tiny can tell nothing at all', async () => {
    const replay = await replayed(...past);
    replay.takeNearMiss({ ...nearMiss(5, 0.15), skipped: 7 });
    expect(replay.with({ 'tiny.reject': 0.3 }).unseen).toEqual({ untold: 0, below: null });
    expect(replay.with({ 'tiny.reject': 0.18 }).unseen).toEqual({ untold: 7, below: null });
    const lowest = replay.with({ 'tiny.reject': 0.05 });
    expect(lowest.unseen).toEqual({ untold: 7, below: 0.1 });
    expect(tellWhatIf(lowest)).toBe(
      'of 3 wakes: 0 fewer; heavy asked of 1 of 1 near misses too; ' +
        'not known: what heavy would say of those 1, which it never looked at, 7 near misses that were too many to tell, ' +
        'all that tiny was less sure of than 0.1, which nobody looked at',
    );
  });

  it('say that nobody looked lower, also where nothing was almost noticed', async () => {
    const [tiny, ...rest] = wake(1, 0.9, 0.95, true).trail;
    const trail = tiny === undefined ? [] : [{ ...tiny, thresholds: { accept: 0.9, reject: 0.2 } }, ...rest];
    const replay = await replayed({ ...wake(1, 0.9, 0.95, true), trail } as CascadeEvent);
    expect(tellWhatIf(replay.with({ 'tiny.reject': 0.05 }))).toBe(
      'of 1 wake: 0 fewer; not known: all that tiny was less sure of than 0.1, which nobody looked at',
    );
    expect(tellWhatIf(replay.with({ 'tiny.reject': 0.2 }))).toBe('of 1 wake: 0 fewer');
  });

  it('let the newest word of a detection stand, in whichever order it comes', async () => {
    const { believed } = (await replayed(...past, said(3, 'right', 40), said(3, 'wrong', 35))).with({});
    expect(believed).toMatchObject({ right: 2, wrong: 1, unsaid: 0 });
  });

  it('give both ends where only the ends of a confidence are known', async () => {
    const ends = (n: number, least: number, most: number, believed: boolean) => {
      const event = wake(n, 0.9, believed ? most : least, believed);
      const [tiny, heavy] = event.trail;
      return { ...event, trail: [tiny, { ...heavy, range: { least, most } }] } as typeof event;
    };
    const replay = await replayed(ends(1, 0.7, 0.99, true), ends(2, 0.01, 0.4, false), ...asked(1, 0.5));
    expect(replay.with({ 'heavy.accept': 0.6 }).perhapsGone.detections).toBe(0);
    const higher = replay.with({ 'heavy.accept': 0.9 });
    expect([higher.gone.detections, higher.perhapsGone.detections]).toEqual([0, 1]);
    expect(tellWhatIf(higher)).toBe(
      'of 1 wake: 0 to 1 fewer, 0 to 1 of them real; 0 to 100% fewer cloud calls; $0.00 to 0.50 less; ' +
        "not known: 1 of which only the ends of heavy's confidence are",
    );
    const lower = replay.with({ 'heavy.accept': 0.3 });
    expect([lower.added.detections, lower.perhapsAdded.detections]).toEqual([0, 1]);
  });

  it('change nothing of a word that has its own', async () => {
    const replay = new Replay();
    for await (const detection of pastDetections(Readable.from(past), []))
      replay.take(detection, { apart: detection.detection === 'r/kitchen/2' ? ['heavy'] : ['tiny'] });
    expect(replay.with({ 'heavy.accept': 0.8 }).gone.detections).toBe(1);
    expect(replay.with({ 'tiny.reject': 0.8 }).gone.detections).toBe(1);
  });

  it('say what would be passed on that was settled, by the judge of transcripts that there is', async () => {
    const orders = [0.5, 0.7, 0.9].flatMap((recognition, at) => [
      wake(at, 0.9, 0.9, true),
      settled(at, recognition),
    ]);
    const surer = (await replayed(...orders, said(0, 'wrong', 30))).with({ 'recogniser.minConfidence': 0.8 });
    expect(surer.gone.detections).toBe(0);
    expect([surer.settled.detections, surer.unsettled.detections]).toEqual([3, 2]);
    // The owner spoke against the first; that an order was understood speaks for the others.
    expect(tellWhatIf(surer)).toBe('of 3 wakes: 0 fewer; of 3 settled here 2 passed on, 1 of them real');
    // What is no wake any more is not settled either.
    const fewer = (await replayed(...orders)).with({ 'heavy.accept': 0.95, 'recogniser.minConfidence': 0.8 });
    expect([fewer.settled.detections, fewer.unsettled.detections]).toEqual([0, 0]);
    const judged = new Replay();
    for await (const detection of pastDetections(Readable.from(orders), []))
      judged.take(detection, { transcriptJudge: 'entropy' });
    expect(judged.with({ 'recogniser.minConfidence': 0.8 }).unsettled.detections).toBe(0);
  });

  it('say of a sensor which alarms would not be given, by tiny or, some rows later, heavy', async () => {
    const alarms = new Replay();
    const events = [wake(1, 0.55, 0.6, true), wake(2, 0.55, 0.99, true), wake(3, 0.95, 0.6, true)];
    for await (const detection of pastDetections(Readable.from(events), []))
      alarms.take(detection, { isAlarm: true });
    expect(alarms.with({ 'thresholds.reject': 0.9 }).gone.detections).toBe(1);
    // Of a word that threshold says nothing, and tiny's nothing of an alarm.
    expect(alarms.with({ 'tiny.reject': 0.9 }).gone.detections).toBe(0);
    expect((await replayed(...events)).with({ 'thresholds.reject': 0.9 }).gone.detections).toBe(0);
  });

  it('keep a wake a wake, though what was said after it came to nothing', async () => {
    const nothingSaid = { ...wake(1, 0.9, 0.95, false), id: 'kitchen/9' };
    expect((await replayed(wake(1, 0.9, 0.95, true), nothingSaid)).with({}).believed.detections).toBe(1);
  });
});
