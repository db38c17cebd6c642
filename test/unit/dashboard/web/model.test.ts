import { describe, expect, it } from 'vitest';
import type { CascadeEvent } from '../../../../src/core/events/events.js';
import {
  contributionsOf,
  detectionCost,
  endMsOf,
  goesOn,
  withEvent,
} from '../../../../src/dashboard/web/model/detection.js';
import { faultsChange, seenText } from '../../../../src/dashboard/web/model/faults.js';
import { FEED_MAX, type Feed, feedWith } from '../../../../src/dashboard/web/model/feed.js';
import { counted, duration, energy, percent, reading } from '../../../../src/dashboard/web/model/format.js';
import { addStages, funnel } from '../../../../src/dashboard/web/model/funnel.js';
import { addLevel, createWindow, wallMsAt } from '../../../../src/dashboard/web/model/levels.js';
import { waterfall } from '../../../../src/dashboard/web/model/waterfall.js';
import { reasonText, stateWording } from '../../../../src/dashboard/web/model/words.js';
import { createEventBus } from '../../../../src/events/bus.js';
import { gapEvent, healthEvent, levelReading } from '../../../support/events.js';
import { beside, nearMiss, said } from '../../../support/past.js';
import { playHouse } from '../../../support/scripted-house.js';

/** The scripted house as the page sees it at a moment. */
function houseAt(untilMs: number) {
  const bus = createEventBus({ historyEvents: 1000 });
  playHouse(bus, untilMs);
  const feed = bus.history().reduce<Feed>(feedWith, []);
  const find = (id: string) => {
    const entry = feed.find((each) => each.kind === 'detection' && each.detection.id === id);
    if (entry?.kind !== 'detection') throw new Error(`no detection ${id}`);
    return entry.detection;
  };
  const stages = (source: string) => bus.sources().get(source)?.description?.stages ?? [];
  const counters = [...bus.sources().values()].flatMap((view) =>
    view.counters === null ? [] : [view.counters],
  );
  return { bus, feed, find, stages, counters };
}

describe('the feed', () => {
  it('gathers the events of a detection into one entry that stays where it began', () => {
    const { feed, find } = houseAt(90_000);
    expect(find('k1').outcome).toBe('refused');
    expect(find('k2')).toMatchObject({ outcome: 'settled', transcript: 'set a timer for five minutes' });
    expect(find('k2').actions).toHaveLength(1);
    expect(find('k3')).toMatchObject({ outcome: 'answered', source: 'kitchen', label: 'computer' });
    const order = feed.flatMap((entry) => (entry.kind === 'detection' ? [entry.detection.id] : []));
    expect(order).toEqual(['p1', 'k3', 'k2', 'k1']);
  });

  it('shows what a candidate would have decided beside what it is about, and alone what only it believed', () => {
    const { feed } = houseAt(90_000);
    const k1 = feed.find((each) => each.kind === 'detection' && each.detection.id === 'k1');
    if (k1?.kind !== 'detection') throw new Error('no k1');
    const { run, source, atMs } = k1.detection;
    const shadow = { ...beside(1, true), source, measured: { wallTime: '', run, latencyMs: null } };
    const near = feedWith(feed, { ...shadow, atMs: atMs + 500 });
    expect(near).toHaveLength(feed.length);
    expect(near.at(-1)).toMatchObject({
      detection: { id: 'k1', outcome: 'refused', shadow: { believed: true } },
    });
    const alone = feedWith(feed, { ...shadow, atMs: atMs + 9_000 });
    expect(alone[0]).toMatchObject({ detection: { outcome: 'beside', id: 'kitchen~shadow/1' } });
    expect(feedWith(feed, { ...shadow, atMs: atMs + 9_000, believed: false })).toHaveLength(feed.length);
  });

  it('has what was almost noticed as an entry of its own, with its clip and what was said of it', () => {
    const missed = nearMiss(4, 0.15);
    const { v, id, measured } = missed;
    const of = { v, id: 'x/1', measured };
    const events = [
      missed,
      { ...of, type: 'clip', detection: id, file: 'a.wav', bytes: 1 },
      { ...said(4, 'wrong', 5), detection: `r/${id}`, nearMiss: true },
    ] as const;
    const [entry, ...others] = (events as readonly CascadeEvent[]).reduce<Feed>(feedWith, []);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      key: 'detection/r/kitchen/4',
      detection: { outcome: 'near-miss', label: 'alexa', source: 'kitchen', clip: { file: 'a.wav' } },
    });
    expect(entry).toMatchObject({ detection: { labelled: { verdict: 'wrong' } } });
  });

  it('calls a question nobody can answer just that, and leaves a local answer as it is', () => {
    const base = { v: 1, measured: null, detection: 'k2' } as const;
    const unanswered = {
      ...base,
      type: 'undelivered',
      id: 'uplink/1',
      outcome: 'unanswered',
      code: 'UPLINK_NONE',
      detail: 'offline: nothing may leave',
    } as const;
    expect(withEvent(undefined, 'k2', unanswered).outcome).toBe('unanswered');
    expect(withEvent(houseAt(90_000).find('k2'), 'k2', unanswered).outcome).toBe('settled');
  });

  it('shows an answer as it streams, and the checked one in its place', () => {
    expect(houseAt(55_100).find('k3')).toMatchObject({
      outcome: 'escalated',
      answer: 'Egg fried rice, with the cucumber',
    });
    expect(houseAt(62_000).find('k3').answer).toMatch(/quick-pickled on the side\.$/);
  });

  it('keeps events of types it does not know', () => {
    const { feed } = houseAt(90_000);
    const unknown = feed.find((entry) => entry.kind === 'other');
    expect(unknown).toMatchObject({ event: { type: 'arbitration', winner: 'kitchen' } });
    const attached = {
      ...gapEvent('mic', 1),
      type: 'label-asked',
      detection: 'd1',
    } as unknown as CascadeEvent;
    expect(feedWith([], attached)[0]).toMatchObject({ detection: { others: [{ type: 'label-asked' }] } });
  });

  it('tells a detection from its namesake of another run', () => {
    const { bus, feed } = houseAt(13_000);
    const noticed = bus.history().find((event) => event.type === 'noticed');
    if (noticed === undefined) throw new Error('unreachable');
    const measured = { wallTime: '2026-11-23T08:00:00.000Z', run: 'run-2', latencyMs: null };
    const twice = feedWith(feed, { ...noticed, measured });
    expect(twice.map((entry) => entry.kind === 'detection' && entry.detection.outcome)).toEqual([
      'noticed',
      'refused',
    ]);
    expect(new Set(twice.map((entry) => entry.key)).size).toBe(2);
  });

  it('shows the newest word on a detection with it, by its run, and none on what is not remembered', () => {
    const { feed } = houseAt(13_000);
    const label = (counter: number, detection: string, verdict: 'right' | 'wrong') => ({
      ...({
        v: 1,
        type: 'label',
        id: `page/${counter}`,
        measured: null,
        detection,
        source: 'kitchen',
      } as const),
      ...{ label: 'computer', at: '', verdict, was: null, by: 'anna' },
    });
    const labels = [
      label(1, 'run-1/k1', 'right'),
      label(2, 'run-1/k1', 'wrong'),
      label(3, 'run-2/k1', 'right'),
    ];
    const labelled = labels.reduce<Feed>(feedWith, feed);
    expect(labelled).toHaveLength(feed.length);
    expect(labelled[0]).toMatchObject({ detection: { id: 'k1', labelled: { verdict: 'wrong' } } });
  });

  it('lets the word of the owner stand, whatever a labelled folder says later', () => {
    const { feed } = houseAt(13_000);
    const said = (counter: number, verdict: 'right' | 'wrong', witness?: 'folder') => ({
      ...({ v: 1, type: 'label', id: `cli/${counter}`, measured: null, source: 'kitchen' } as const),
      ...{ detection: 'run-1/k1', label: 'computer', at: '', verdict, was: null, by: 'cli', witness },
    });
    const shown = [said(1, 'right', 'folder'), said(2, 'wrong'), said(3, 'right', 'folder')].map(
      (_, at, all) => all.slice(0, at + 1).reduce<Feed>(feedWith, feed)[0],
    );
    expect(shown).toMatchObject(
      ['right', 'wrong', 'wrong'].map((verdict) => ({ detection: { labelled: { verdict } } })),
    );
  });

  it('joins gaps in a row, and forgets the oldest entries', () => {
    let feed: Feed = [];
    for (let counter = 0; counter < 50; counter++) feed = feedWith(feed, gapEvent('mic', counter));
    expect(feed).toHaveLength(1);
    expect(feed[0]).toMatchObject({ times: 50, event: { lostSamples: 50 * 320 } });
    for (let counter = 0; counter < FEED_MAX + 5; counter++) {
      feed = feedWith(feed, healthEvent('uplink', 'ok', counter));
    }
    expect(feed).toHaveLength(FEED_MAX);
  });
});

describe('the waterfall', () => {
  it('lays stages, speech and cloud out one after the other', () => {
    const { find, stages } = houseAt(90_000);
    const { rows, spanMs } = waterfall(find('k3'), stages('kitchen'));
    expect(rows.map((row) => row.name)).toEqual(['tiny', 'heavy', 'speech', 'recogniser', 'cloud']);
    for (const [index, row] of rows.entries()) {
      const before = rows[index - 1];
      if (before !== undefined) expect(row.startMs).toBeGreaterThanOrEqual(before.startMs);
    }
    const [tiny, heavy, speech, recogniser, cloud] = rows;
    expect(heavy?.startMs).toBeCloseTo((tiny?.startMs ?? 0) + 1.4, 6);
    expect(speech?.durationMs).toBeCloseTo(4600, 6);
    expect(recogniser?.startMs).toBeCloseTo(4700, 6);
    expect(cloud?.startMs).toBeCloseTo(4700 + 780, 6);
    expect(spanMs).toBeCloseTo(4700 + 780 + 1240, 6);
    expect(tiny?.thresholds).toEqual({ accept: 0.8, reject: 0.4 });
  });

  it('leaves room for a bar that is still going on', () => {
    const { find, stages } = houseAt(54_300);
    const { rows, spanMs } = waterfall(find('k3'), stages('kitchen'));
    const cloud = rows.at(-1);
    expect(cloud).toMatchObject({ name: 'cloud', durationMs: null });
    expect(spanMs).toBeGreaterThan(cloud?.startMs ?? Number.POSITIVE_INFINITY);
  });

  it('adds a detection’s energy up from its trail and names what explains it', () => {
    const { find } = houseAt(90_000);
    expect(detectionCost(find('k1'))).toMatchObject({ modelled: true });
    expect(detectionCost(find('k1'))?.energyMj).toBeCloseTo((1.4 + 88) * 1.13, 6);
    expect(contributionsOf(find('p1'))[0]).toEqual({ channel: 'Flow', share: 0.46 });
  });

  it('knows where a fault begins, and that it goes on until it ends; a word does neither', () => {
    const { find } = houseAt(90_000);
    const fault = find('p1');
    expect(fault.startMs).toBeCloseTo(58_000, 6);
    expect([goesOn(fault), endMsOf(fault)]).toEqual([true, null]);
    const { id, source, label } = fault;
    const ended = {
      type: 'ended',
      trail: [],
      v: 1,
      id: 'pump/9',
      measured: null,
      source,
      label,
      detection: id,
    } as const;
    const over = withEvent(fault, id, {
      ...ended,
      sample: 800,
      atMs: 80_000,
      startSample: 580,
      endSample: 790,
    });
    expect([goesOn(over), endMsOf(over)]).toEqual([false, 79_000]);
    expect(goesOn(find('k3'))).toBe(false);
  });

  it('is called what heavy called it', () => {
    const { find } = houseAt(90_000);
    const { id, source } = find('p1');
    const base = {
      v: 1,
      id: 'pump/9',
      measured: null,
      source,
      sample: 10,
      atMs: 1000,
      detection: id,
      trail: [],
    } as const;
    const noticed = withEvent(undefined, id, { type: 'noticed', ...base, label: 'anomaly' });
    const verified = { type: 'verified', ...base, label: 'valve', degraded: false, startSample: 8 } as const;
    expect(withEvent(noticed, id, verified)).toMatchObject({ label: 'valve', startMs: 800 });
  });
});

describe('the funnel and the stages', () => {
  it('narrow from frames to what was sent', () => {
    const { bus, counters } = houseAt(90_000);
    const counted = funnel(counters, bus.counts()).map((step) => step.count);
    expect(counted).toEqual([89 * 60, Math.floor(89 * 50 * 0.16) + 890, 4, 3, 1]);
  });

  it('add up over sources to the totals', () => {
    const { counters } = houseAt(90_000);
    const rows = addStages(counters);
    expect(rows.map((row) => row.stage)).toEqual(['runtime', 'gate', 'tiny', 'heavy']);
    const calls = rows.reduce((sum, row) => sum + row.calls, 0);
    expect(calls).toBe(counters.reduce((sum, source) => sum + source.totals.calls, 0));
  });
});

describe('the window of a chart', () => {
  it('holds a minute, breaks the line where readings are missing, and starts anew when the clock goes back', () => {
    const window = createWindow();
    for (let counter = 0; counter < 700; counter++)
      addLevel(window, levelReading('mic', counter), 5000 + counter * 100);
    expect(wallMsAt(window, 65.04)).toBeCloseTo(5000 + 65_040);
    expect((window.timeS.at(-1) ?? 0) - (window.timeS[0] ?? 0)).toBeLessThanOrEqual(60);
    addLevel(window, levelReading('mic', 750), 0);
    expect(window.levelDb.at(-2)).toBeNull();
    addLevel(window, levelReading('mic', 10), 0);
    expect(window.timeS).toEqual([1]);
  });

  it('takes channels that come and go', () => {
    const window = createWindow();
    addLevel(window, { ...levelReading('pump', 1), values: [1, 2] }, 0);
    addLevel(window, { ...levelReading('pump', 2), values: [3] }, 0);
    addLevel(window, { ...levelReading('pump', 3), values: [4, 5, 6] }, 0);
    expect(window.channels).toEqual([
      [1, 3, 4],
      [2, null, 5],
      [null, null, 6],
    ]);
  });
});

describe('figures and words', () => {
  it('have units a person reads', () => {
    expect([0, 0.02, 1.4, 145, 2410, 185_000, 7_260_000].map(duration)).toEqual([
      '0 ms',
      '20 µs',
      '1.4 ms',
      '145 ms',
      '2.41 s',
      '3 min 5 s',
      '2 h 1 min',
    ]);
    expect([0.42, 18, 1200, 3.4e6].map(energy)).toEqual(['0.42 mJ', '18.0 mJ', '1.20 J', '3.40 kJ']);
    expect([0, 0.00001, 0.0031, 0.5].map(percent)).toEqual(['0 %', '<0.01 %', '0.31 %', '50.0 %']);
    expect([reading(null, 'bar'), reading(2.44, 'bar'), reading(0.0002, '')]).toEqual([
      '–',
      '2.44 bar',
      '2.0e-4',
    ]);
  });

  it('tell one from many', () => {
    expect([0, 1, 12_480].map((value) => counted(value, 'update'))).toEqual([
      '0 updates',
      '1 update',
      '12,480 updates',
    ]);
  });

  it('say what they do not know as it is', () => {
    expect(stateWording('pondering').text).toBe('Pondering');
    expect(reasonText('moon-phase')).toBe('moon phase');
    expect(reasonText('confident')).toBe('heavy is sure');
  });
});

describe('the faults of a sensor', () => {
  it('are asked for anew once one is confirmed or a name changes, and for nothing else', () => {
    const bus = createEventBus({ historyEvents: 500 });
    playHouse(bus, 90_000);
    const changes = (source: string) =>
      bus
        .history()
        .map((_, at, all) => faultsChange(all.slice(0, at + 1).reduce<Feed>(feedWith, []), source))
        .filter((change, at, all) => change !== all[at - 1]);
    expect(changes('pump')).toEqual(['', 'detection/run-1/p1']);
    const command = (id: string, command: string, source = 'pump'): CascadeEvent => ({
      v: 1,
      type: 'command',
      id,
      measured: null,
      command,
      source,
      by: 'anna',
      outcome: 'done',
      detail: '',
    });
    bus.publish(command('a/1', 'rename-fault'));
    bus.publish(command('a/2', 'mute'));
    bus.publish(command('a/3', 'forget-fault', 'motor'));
    expect(changes('pump')).toEqual(['', 'detection/run-1/p1', 'a/1']);
  });

  it('are told with how often they were seen', () => {
    const fault = { name: 'valve', looks: ['flow down (90%)'], seen: 0, last: null };
    expect(seenText(fault)).toBe('1 example · not seen lately');
    expect(seenText({ ...fault, seen: 1 })).toBe('1 example · seen 1 time lately');
    const last = { wallTime: '2020-03-04T10:00:00.000Z', detection: 'r/1' };
    expect(seenText({ ...fault, seen: 1200, last })).toMatch(/seen 1,200 times lately, last 4 Mar/);
    expect(seenText({ ...fault, name: null, last })).toMatch(/^confirmed 4 Mar/);
    expect(seenText({ ...fault, name: null })).toBe('confirmed lately');
  });
});
