import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wholeDetectionOf } from '../../../../src/core/events/events.js';
import { createPublisher } from '../../../../src/core/events/stamp.js';
import { createEventBus } from '../../../../src/events/bus.js';
import { OwnWords } from '../../../../src/runtime/own-words.js';
import { Mutes } from '../../../../src/runtime/page/mutes.js';
import { OfflineSwitch, wasOffline } from '../../../../src/runtime/page/offline-switch.js';
import { createRunCommand } from '../../../../src/runtime/page/page-commands.js';
import { PastThresholds } from '../../../../src/runtime/past-thresholds.js';
import { AnomalyTiny } from '../../../../src/sensor/anomaly-tiny/anomaly-tiny.js';
import { NamedFaults } from '../../../../src/sensor/named-faults.js';
import { FileAnomalyStore, FileFaultStore, faultsPathOf } from '../../../../src/sensor/normal/state-file.js';
import { anomalyStatePath } from '../../../../src/sensor/normal/state-path.js';
import { VirtualTime } from '../../../../src/simulator/virtual-time.js';
import { asked, said, wake } from '../../../support/past.js';
import { playHouse } from '../../../support/scripted-house.js';
import { pumpChannels, pumpRows, windowOf } from '../../../support/sensor-rows.js';
import { anomalyTinySpec } from '../../../support/stages.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

/** What decides on the word now. */
const makers = { alexa: { tiny: 'wake-tiny', heavy: 'wake-heavy', judge: 'confidence', apart: [] } };

function houseOf(...sources: string[]) {
  const time = new VirtualTime();
  const stateDir = temporaryFolder();
  const path = join(stateDir, 'muted.json');
  const mutes = new Mutes({ clock: time.clock, timer: time.timer, path, onMute: () => {} });
  const offline = new OfflineSwitch({ stateDir, onChange: () => {} });
  const bus = createEventBus({ historyEvents: 100 });
  const publish = createPublisher('catnap', {
    ...time,
    publish: (event) => bus.publish(event),
    run: 'run-1',
  });
  const points: { source: string; label: string; accept: number }[] = [];
  const run = createRunCommand({
    sources,
    sensors: [],
    thresholds: {
      of: () => ({ tiny: { accept: 0.9, reject: 0.1 }, heavy: { accept: 0.5, reject: 0.2 } }),
      set: async () => ({ before: 0.5, isSet: true }),
      undo: async (source) => ({ name: { source, stage: 'heavy', bound: 'accept' }, value: 0.5 }),
    },
    past: new PastThresholds(stateDir, { wallMs: () => Date.parse('2026-02-01T00:00:00Z') }, () => makers),
    mutes,
    offline,
    words: {
      of: (_, label) => (label === 'alexa' ? 0.5 : null),
      set: (source, label, accept) => void points.push({ source, label, accept }),
    },
    ownWords: new OwnWords({
      file: null,
      stateDir,
      threads: { ask: () => Promise.reject(new Error('nobody asks')) },
    }),
    stateDir,
    history: () => bus.history(),
    publish,
  });
  return { mutes, offline, run, bus, stateDir, points };
}

describe('a command of the page', () => {
  it('mutes one source or all, and says for how long', async () => {
    const { mutes, run } = houseOf('hall', 'pump');
    expect(await run({ kind: 'mute', source: 'hall', forMs: 300_000 }, 'anna')).toEqual({
      detail: 'for 5 min',
    });
    expect(mutes.list().map(({ source }) => source)).toEqual(['hall']);
    await run({ kind: 'mute', source: null, forMs: null }, 'anna');
    expect(mutes.list()).toHaveLength(2);
    await run({ kind: 'unmute', source: null }, 'anna');
    expect(mutes.list()).toEqual([]);
  });

  it('keeps the cloud from being asked, also after the next start, and says when it could not be read', async () => {
    const { run, offline, stateDir } = houseOf('hall');
    expect(await run({ kind: 'offline', isOn: true }, 'anna')).toEqual({ detail: 'no cloud is asked' });
    expect([offline.isOn, wasOffline(stateDir)]).toEqual([true, true]);
    const told: string[] = [];
    const next = new OfflineSwitch({ stateDir, onChange: (_, { detail }) => told.push(detail) });
    next.restore();
    expect(told).toEqual(['offline until somebody says otherwise, by anna']);
    await run({ kind: 'offline', isOn: false }, 'anna');
    expect(wasOffline(stateDir)).toBe(false);
    writeFileSync(join(stateDir, 'offline.json'), '{');
    expect(wasOffline(stateDir)).toBe(true);
    expect(() => next.restore()).toThrow('expected whether the cloud may be asked');
  });

  it('is refused for a source there is none of, with those there are', async () => {
    const { run } = houseOf('hall', 'pump');
    await expect(run({ kind: 'mute', source: 'attic', forMs: null }, 'anna')).rejects.toThrow(
      'expected a source of hall, pump, found "attic"',
    );
  });

  it('sets a threshold, tells what it was, and takes it back', async () => {
    const { run } = houseOf('hall');
    const set = { kind: 'threshold', source: 'hall', stage: 'heavy', bound: 'accept', value: 0.9 } as const;
    expect((await run(set, 'anna')).detail).toBe('heavy accept is 0.9 now, it was 0.5');
    const undo = await run({ kind: 'undo-threshold', source: 'hall' }, 'anna');
    expect(undo.detail).toBe('heavy accept is 0.5 again');
  });

  it('says what other thresholds would have made of the last days, as `catnap what-if` does', async () => {
    const { run, stateDir } = houseOf('kitchen');
    mkdirSync(join(stateDir, 'journal'));
    const events = [wake(1, 0.9, 0.95, true), wake(2, 0.9, 0.6, true), ...asked(2, 0.8), said(2, 'wrong', 3)];
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    writeFileSync(join(stateDir, 'journal', '000000000000.jsonl'), lines);
    const changes = { 'heavy.accept': 0.8 };
    expect(await run({ kind: 'what-if', source: 'kitchen', days: 7, changes }, 'anna')).toEqual({
      detail: 'of 2 wakes: 1 fewer, 0 of them real; 100% fewer cloud calls; $0.80 less',
      isQuestion: true,
    });
  });

  it('leaves out of what-if and front, and tells, what another model made in the last days', async () => {
    const { run, stateDir } = houseOf('kitchen');
    mkdirSync(join(stateDir, 'journal'));
    const [now, before] = [wake(1, 0.9, 0.95, true), wake(2, 0.9, 0.6, true)];
    const trail = before.trail.map((entry) => ({ ...entry, stage: `old-${entry.stage}` }));
    const events = [now, { ...before, trail }, said(1, 'right', 3), said(2, 'wrong', 4)];
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    writeFileSync(join(stateDir, 'journal', '000000000000.jsonl'), lines);
    const about = { source: 'kitchen', days: 7 } as const;
    const leftOut = '; left out: 1 of old-wake-tiny and old-wake-heavy';
    const asked = await run({ kind: 'what-if', ...about, changes: { 'heavy.accept': 0.8 } }, 'anna');
    expect(asked.detail).toBe(`of 1 wake: 0 fewer${leftOut}`);
    const drawn = await run({ kind: 'front', ...about }, 'anna');
    expect(drawn.detail).toBe(`from 1 detections, of 1 of which is known what they were${leftOut}`);
  });

  it('draws the front of the last days, each point with the threshold that it stands for', async () => {
    const { run, stateDir } = houseOf('kitchen');
    const command = { kind: 'front', source: 'kitchen', days: 7 } as const;
    mkdirSync(join(stateDir, 'journal'));
    const path = join(stateDir, 'journal', '000000000000.jsonl');
    const events = [wake(1, 0.9, 0.95, true), said(1, 'right', 3), wake(2, 0.9, 0.6, true)];
    writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const drawn = await run(command, 'anna');
    expect(drawn).toMatchObject({
      detail: 'from 2 detections, of 1 of which is known what they were',
      isQuestion: true,
    });
    expect(drawn.svg).toMatch(
      /data-accept="[\d.]+"><title>believed from [\d.]+: 0 of 1 missed, 0 false a day/,
    );
  });

  it('says whether each stage was as often right as it was sure, of what is labelled', async () => {
    const { run, stateDir } = houseOf('kitchen');
    const command = { kind: 'reliability', source: 'kitchen', days: 7 } as const;
    mkdirSync(join(stateDir, 'journal'));
    const path = join(stateDir, 'journal', '000000000000.jsonl');
    const numbers = Array.from({ length: 24 }, (_, n) => n + 1);
    const events = numbers.flatMap((n) => [
      wake(n, 0.5, 0.95, true),
      said(n, n % 2 === 0 ? 'right' : 'wrong', n),
    ]);
    writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const { detail } = await run(command, 'anna');
    expect(detail.split('\n')).toEqual([
      'wake-tiny was 50% sure and 50% right, of 24 labelled',
      expect.stringMatching(
        /^wake-heavy was 95% sure and 50% right, of 24 labelled: overconfident .*catnap tune/,
      ),
    ]);
  });

  it('labels a detection that is remembered, with what it was taken for, when, and who says so', async () => {
    const { run, bus } = houseOf('kitchen', 'pump');
    playHouse(bus, 90_000);
    const command = { kind: 'label', detection: 'run-1/k1', verdict: 'wrong', was: 'television' } as const;
    await run(command, 'anna');
    expect(bus.history().at(-1)).toMatchObject({
      type: 'label',
      detection: 'run-1/k1',
      source: 'kitchen',
      label: 'computer',
      at: '2026-11-22T09:00:12.700Z',
      verdict: 'wrong',
      was: 'television',
      by: 'anna',
    });
    // By its short name, and what it was taken for is right.
    await run({ ...command, detection: 'k1', was: 'computer' }, 'MQTT');
    const last = bus.history().at(-1);
    expect(last).toMatchObject({ detection: 'run-1/k1', verdict: 'right', was: null, by: 'MQTT' });
    await expect(run({ ...command, detection: 'run-9/k1' }, 'anna')).rejects.toThrow('still remembered');
  });

  it('asks more of a word of the owner that was heard for nothing, as `catnap words listen` does', async () => {
    const { run, bus, points } = houseOf('kitchen');
    const events = [wake(1, 0.9, 0.95, true), wake(2, 0.9, 0.6, true)];
    for (const event of events) bus.publish(event);
    const [, second] = events.map((event) => wholeDetectionOf(event) ?? '');
    const wrong = { kind: 'label', detection: second ?? '', verdict: 'wrong', was: null } as const;
    expect((await run(wrong, 'anna')).detail).toMatch(
      /^wrong; alexa is believed from 0\.\d+ \(before: 0\.5\)$/,
    );
    expect(points).toEqual([{ source: 'kitchen', label: 'alexa', accept: 0.72 }]);
  });

  it('names the fault of a detection, calls it otherwise and forgets it, as the command line does', async () => {
    const { run, bus, stateDir } = houseOf('kitchen', 'pump');
    playHouse(bus, 90_000);
    const name = { kind: 'name-fault', detection: 'run-1/p1', name: 'valve' } as const;
    await expect(run(name, 'anna')).rejects.toThrow('expected a confirmed fault, found none yet');
    const look = { shifts: [1], spreads: [1] };
    const recent = [100, 580, 900].map((startSample) => ({ ...look, shifts: [startSample], startSample }));
    const store = new FileFaultStore(faultsPathOf(anomalyStatePath(stateDir, 'pump')));
    store.save({ version: 2, features: ['Flow'], known: [], recent });
    const names = () =>
      new NamedFaults(stateDir, 'pump').memory.known.map(({ name, shifts }) => [name, ...shifts]);
    await run(name, 'anna');
    expect(names()).toEqual([['valve', 580]]);
    await run({ kind: 'rename-fault', source: 'pump', from: 'valve', to: 'closed valve' }, 'anna');
    expect(names()).toEqual([['closed valve', 580]]);
    const forget = { kind: 'forget-fault', source: 'pump', name: 'valve' } as const;
    await expect(run(forget, 'anna')).rejects.toThrow('known: closed valve');
    await run({ ...forget, name: 'closed valve' }, 'anna');
    expect(names()).toEqual([]);
    const refused = { ...name, detection: 'run-1/k1' };
    await expect(run(refused, 'anna')).rejects.toThrow('expected a fault that was confirmed');
  });

  it('says what each name of a fault stands for, how often it was seen and when last', async () => {
    const { run, bus, stateDir } = houseOf('kitchen', 'pump');
    playHouse(bus, 90_000);
    const ask = async () => (await run({ kind: 'known-faults', source: 'pump' }, 'anna')).faults;
    expect(await ask()).toEqual([]);
    const normal = new FileAnomalyStore(anomalyStatePath(stateDir, 'pump'));
    const tiny = new AnomalyTiny({ ...anomalyTinySpec, learnSeconds: 400 }, normal);
    tiny.describe({ rateHz: 1, channels: pumpChannels });
    for (const [at, row] of pumpRows(400, 1).entries()) tiny.decide(windowOf([row], at));
    await tiny.dispose();
    const spreads = [1, 1, 1];
    const [down, up] = [
      [-9, 0, 0],
      [0, 9, 0],
    ] as const;
    const features = pumpChannels.map(({ name }) => name);
    new FileFaultStore(faultsPathOf(anomalyStatePath(stateDir, 'pump'))).save({
      version: 2,
      features,
      known: [
        { name: 'valve', shifts: down, spreads },
        { name: 'valve', shifts: down, spreads },
      ],
      recent: [
        { shifts: down, spreads, startSample: 100 },
        { shifts: up, spreads, startSample: 300 },
        { shifts: down, spreads, startSample: 570 },
      ],
    });
    const last = { wallTime: '2026-11-22T09:01:01.100Z', detection: 'run-1/p1' };
    expect(await ask()).toEqual([
      { name: 'valve', looks: Array(2).fill(expect.stringMatching(/^flow down \(100%\)/)), seen: 2, last },
      { name: null, looks: [expect.stringMatching(/^pressure up \(100%\)/)], seen: 1, last: null },
    ]);
  });
});
