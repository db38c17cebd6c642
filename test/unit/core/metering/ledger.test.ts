import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLedger, type Ledger, RUNTIME_STAGE } from '../../../../src/core/metering/ledger.js';
import { nullMeter, type PowerModel } from '../../../../src/core/metering/meter.js';
import { ThreadBooks } from '../../../../src/core/metering/thread-books.js';
import { createHistogram } from '../../../../src/meter/histogram.js';

const pi4: PowerModel = { idleWatts: 2.25, coreWatts: 1.13, basis: 'modelled' };

/** A ledger whose clock the test turns by hand. */
function open(power: PowerModel = pi4, threadCpuMs?: () => number | null) {
  const time = { nowMs: 0 };
  const ledger = createLedger({
    source: 'mic',
    clock: { monotonicMs: () => time.nowMs },
    power,
    createHistogram,
    ...(threadCpuMs === undefined ? {} : { thread: new ThreadBooks(threadCpuMs) }),
  });
  return { ledger, time };
}

const stageOf = (ledger: Ledger, name: string) => {
  const found = ledger.counters().stages.find((stage) => stage.stage === name);
  if (found === undefined) throw new Error(`no stage ${name}`);
  return found;
};

describe('the ledger of a source', () => {
  it('counts decisions by kind, and the samples that are missing', () => {
    const { ledger } = open();
    const tiny = ledger.stage('tiny');
    for (const kind of ['accept', 'reject', 'reject', 'uncertain', 'abstain'] as const) tiny.record(kind, 0);
    ledger.lost(7);
    expect(stageOf(ledger, 'tiny')).toMatchObject({
      calls: 5,
      accepts: 1,
      rejects: 2,
      uncertain: 1,
      abstains: 1,
    });
    expect(ledger.counters().lostSamples).toBe(7);
  });

  it('prices a synchronous call by the time it took, and other work by the CPU time measured there', () => {
    const { ledger, time } = open();
    const tiny = ledger.stage('tiny');
    const startMs = ledger.nowMs();
    time.nowMs = 2;
    tiny.record('accept', startMs);
    expect(tiny.lastCost()).toEqual({ latencyMs: 2, cpuMs: 2, energyMj: 2 * 1.13, basis: 'modelled' });
    const heavy = ledger.stage('heavy');
    heavy.recordWork('reject', 120, 80);
    expect(heavy.lastCost()).toEqual({ latencyMs: 120, cpuMs: 80, energyMj: 80 * 1.13, basis: 'modelled' });
  });

  it('adds what is no decision of its own to what a stage cost, and counts none', () => {
    const { ledger, time } = open();
    const heavy = ledger.stage('heavy');
    heavy.recordWork('accept', 120, 80);
    heavy.recordMore({ cpuMs: 6 });
    const startMs = ledger.nowMs();
    time.nowMs = 4;
    heavy.recordMore({ startMs });
    const { stages, totals } = ledger.counters();
    expect(stages.find(({ stage }) => stage === 'heavy')).toMatchObject({ calls: 1, cpuMs: 90 });
    expect(totals).toMatchObject({ calls: 1, cpuMs: 90 });
    expect(heavy.lastCost()?.cpuMs).toBe(80);
  });

  it('keeps what a stage holds elsewhere, once that is known', () => {
    const { ledger } = open();
    const heldBy = () => ledger.counters().stages.find(({ stage }) => stage === 'heavy')?.memoryMb;
    const heavy = ledger.stage('heavy');
    heavy.recordWork('abstain', 120, 80, null);
    expect(heldBy()).toBeNull();
    heavy.recordWork('reject', 120, 80, 66);
    heavy.recordWork('abstain', 120, 80, null);
    expect(heldBy()).toBe(66);
  });

  it('keeps idle energy apart from what the stages used, and duty cycle over the time listened', () => {
    const { ledger, time } = open();
    const tiny = ledger.stage('tiny');
    for (let hop = 0; hop < 100; hop++) {
      ledger.heard(20);
      const startMs = ledger.nowMs();
      time.nowMs += 0.5;
      tiny.record('reject', startMs);
    }
    const counters = ledger.counters();
    expect(counters.frames).toBe(100);
    expect(counters.listenedMs).toBe(2000);
    expect(counters.idleEnergyMj).toBeCloseTo(50 * 2.25, 6);
    expect(counters.totals.energyMj).toBeCloseTo(50 * 1.13, 6);
    expect(counters.stages[0]?.dutyCycle).toBeCloseTo(0.025, 9);
  });

  it('gives percentiles within 1% of the truth and the maximum exactly', () => {
    const { ledger } = open();
    const heavy = ledger.stage('heavy');
    for (let latencyMs = 1; latencyMs <= 1000; latencyMs++) heavy.recordWork('accept', latencyMs, 0);
    heavy.recordWork('accept', 20 * 60_000, 0);
    const { p50, p90, p99, max } = stageOf(ledger, 'heavy').latencyMs;
    expect(Math.abs(p50 - 501) / 501).toBeLessThan(0.01);
    expect(Math.abs(p90 - 901) / 901).toBeLessThan(0.01);
    expect(Math.abs(p99 - 991) / 991).toBeLessThan(0.01);
    expect(max).toBe(20 * 60_000);
  });

  it('calls a sum measured only when no more than a hundredth of it was modelled', () => {
    const { ledger, time } = open();
    const tiny = ledger.stage('tiny');
    const spend = (ms: number) => {
      time.nowMs += ms;
      tiny.recordWork('reject', ms, ms);
    };
    spend(10);
    ledger.setPower({ ...pi4, basis: 'measured' });
    spend(900);
    expect(stageOf(ledger, 'tiny').basis).toBe('modelled');
    expect(ledger.counters().basis).toBe('modelled');
    expect(tiny.lastCost()?.basis).toBe('measured');
    spend(200);
    expect(stageOf(ledger, 'tiny').basis).toBe('measured');
    expect(ledger.counters().basis).toBe('measured');
  });

  it('books what the thread used beyond its stages to the runtime', () => {
    let threadMs = 1000;
    const { ledger, time } = open(pi4, () => threadMs);
    const startMs = ledger.nowMs();
    time.nowMs += 4;
    ledger.stage('tiny').record('reject', startMs);
    ledger.stage('heavy').recordWork('reject', 100, 60);
    threadMs += 10;
    expect(stageOf(ledger, RUNTIME_STAGE)).toMatchObject({ calls: 0, cpuMs: 6 });
    threadMs += 5;
    expect(stageOf(ledger, RUNTIME_STAGE).cpuMs).toBe(11);
    expect(ledger.counters().totals.cpuMs).toBe(4 + 60 + 11);
  });

  it('cuts back what stages booked while their thread was made to wait', () => {
    let threadMs = 0;
    const { ledger, time } = open(pi4, () => threadMs);
    const book = (stage: string, elapsedMs: number) => {
      const startMs = ledger.nowMs();
      time.nowMs += elapsedMs;
      ledger.stage(stage).record('reject', startMs);
    };
    book('gate', 10);
    book('tiny', 30);
    ledger.stage('heavy').recordWork('reject', 100, 60);
    threadMs = 20;
    expect(stageOf(ledger, 'gate').cpuMs).toBeCloseTo(5, 9);
    expect(stageOf(ledger, 'tiny').cpuMs).toBeCloseTo(15, 9);
    expect(stageOf(ledger, 'heavy').cpuMs).toBe(60);
    expect(stageOf(ledger, RUNTIME_STAGE).cpuMs).toBe(0);
    expect(ledger.counters().totals.cpuMs).toBeCloseTo(80, 9);
  });

  it('shares what its thread used beyond all stages with the sources beside it, while they are there', () => {
    let threadMs = 0;
    const thread = new ThreadBooks(() => threadMs);
    const time = { nowMs: 0 };
    const sourceCalled = (source: string) =>
      createLedger({ source, clock: { monotonicMs: () => time.nowMs }, power: pi4, createHistogram, thread });
    const [kitchen, hall] = [sourceCalled('kitchen'), sourceCalled('hall')];
    const startMs = kitchen.nowMs();
    time.nowMs += 4;
    kitchen.stage('tiny').record('reject', startMs);
    threadMs += 10;
    const runtimes = () => [kitchen, hall].map((ledger) => stageOf(ledger, RUNTIME_STAGE).cpuMs);
    expect(runtimes()).toEqual([3, 3]);
    expect([kitchen, hall].map((ledger) => ledger.counters().totals.cpuMs)).toEqual([7, 3]);
    hall.close();
    threadMs += 5;
    expect(runtimes()).toEqual([8, 3]);
  });

  it('agrees with itself: the totals are the sum of the parts, whatever happened', () => {
    const step = fc.record({
      stage: fc.constantFrom('gate', 'tiny', 'heavy', 'recogniser'),
      kind: fc.constantFrom('accept', 'reject', 'uncertain', 'abstain'),
      elapsedMs: fc.double({ min: 0, max: 500, noNaN: true }),
      cpuMs: fc.double({ min: 0, max: 500, noNaN: true }),
      coreWatts: fc.double({ min: 0.1, max: 5, noNaN: true }),
      elsewhere: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let threadMs = 0;
        const { ledger, time } = open(pi4, () => threadMs);
        for (const { stage, kind, elapsedMs, cpuMs, coreWatts, elsewhere } of steps) {
          ledger.setPower({ ...pi4, coreWatts });
          const meter = ledger.stage(stage);
          const startMs = ledger.nowMs();
          time.nowMs += elapsedMs;
          threadMs += elapsedMs / 2 + cpuMs / 10;
          if (elsewhere) meter.recordWork(kind, elapsedMs, cpuMs);
          else meter.record(kind, startMs);
          if (cpuMs < 100) ledger.counters();
        }
        const { stages, totals } = ledger.counters();
        const sum = (pick: (stage: (typeof stages)[number]) => number) =>
          stages.reduce((total, stage) => total + pick(stage), 0);
        expect(totals.calls).toBe(steps.length);
        expect(sum((stage) => stage.calls)).toBe(totals.calls);
        expect(sum((stage) => stage.accepts + stage.rejects + stage.uncertain + stage.abstains)).toBe(
          totals.calls,
        );
        expect(sum((stage) => stage.cpuMs)).toBeCloseTo(totals.cpuMs, 6);
        expect(sum((stage) => stage.energyMj)).toBeCloseTo(totals.energyMj, 6);
      }),
    );
  });

  it('has a stand-in that measures nothing', () => {
    nullMeter.stage('tiny').record('accept', nullMeter.nowMs());
    expect(nullMeter.stage('tiny').lastCost()).toBeNull();
  });
});
