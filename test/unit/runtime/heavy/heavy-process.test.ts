import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Stage, Window } from '../../../../src/core/cascade/stage.js';
import type { Health } from '../../../../src/core/events/health.js';
import { HeavyLine } from '../../../../src/runtime/heavy/heavy-line.js';
import { HeavyProcess, type OpenLine } from '../../../../src/runtime/heavy/heavy-process.js';
import { systemTimer } from '../../../../src/runtime/process/system-clock.js';
import { isAlive } from '../../../support/shims.js';

const script = fileURLToPath(new URL('../../../support/scripted-heavy.mjs', import.meta.url));
const WELL = 0;
const CRASH = 1;
const HANG = 2;
const THROW = 3;
const SLOW = 4;
const never = new AbortController().signal;

const open: HeavyProcess[] = [];
afterEach(async () => {
  for (const heavy of open.splice(0)) await heavy.dispose();
});

function create({ warmMs = 60_000 } = {}, scripted = 'stage') {
  const time = { nowMs: 0 };
  const heavy = new HeavyProcess({
    wakeMs: 20_000,
    clock: { monotonicMs: () => time.nowMs },
    timer: systemTimer,
    script,
  });
  open.push(heavy);
  const connect = (source: string) => {
    const health: Health[] = [];
    let opened: OpenLine | null = null;
    const line = new HeavyLine({
      send: (request) => opened?.receive(request),
      wakeMs: 20_000,
      waitMs: 0,
      onHealth: (change) => health.push(change),
    });
    opened = heavy.open({ source, warmMs, tell: (reply) => line.receive(reply) });
    const hangUp = (): void => opened?.close();
    return { line, health, hangUp, stage: line.stage('verifier', 1000, scripted) };
  };
  return { heavy, time, connect, ...connect('mic') };
}

const window = (order: number): Window => ({
  source: 'mic',
  startSample: 0,
  rateHz: 16_000,
  channels: 1,
  data: new Float32Array(1600).fill(order),
});

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 15_000) expect.fail('waited in vain');
    await delay(10);
  }
}

describe('a heavy process', () => {
  it('does not exist until it is asked', async () => {
    const { heavy, stage } = create();
    expect(heavy.pid).toBeNull();
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept', confidence: 0.9 });
    expect(isAlive(heavy.pid ?? 0)).toBe(true);
    expect(stage.remoteCpuMs?.()).toBeGreaterThan(0);
    expect(stage.remoteMemoryMb?.()).toBeGreaterThanOrEqual(0);
  });

  it('wakes ahead of the question, after which only its budget holds', async () => {
    const { heavy, stage } = create();
    expect(stage.budgetMs).toBe(21_000);
    stage.prepare?.();
    await until(() => stage.budgetMs === 1000);
    const woken = heavy.pid;
    await stage.decide(window(WELL), never);
    expect(heavy.pid).toBe(woken);
  });

  it('recognises in the same process', async () => {
    const { heavy, line, stage } = create();
    const words = line.recogniser('words', 1000, 'recogniser');
    await stage.decide(window(WELL), never);
    const woken = heavy.pid;
    const heard = await words.recognise(window(WELL), never);
    expect(heard).toEqual({ kind: 'transcript', stage: 'words', text: '1600 samples', confidence: 1 });
    expect(heavy.pid).toBe(woken);
  });

  it('says where a word ended that it believed, as far as its stage can', async () => {
    const { line, stage } = create();
    expect(await stage.endOf?.(window(WELL), 'word', never)).toBe(1600);
    expect(stage.remoteCpuMs?.()).toBeGreaterThan(0);
    expect(await stage.endOf?.(window(WELL), 'other', never)).toBeNull();
    const unplacing = line.stage('verifier', 1000, 'unplacing', { mark: 'other', onHealth: () => {} });
    expect(await unplacing.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(await unplacing.endOf?.(window(WELL), 'word', never)).toBeNull();
    line.close();
    expect(await stage.endOf?.(window(WELL), 'word', never)).toBeNull();
  });

  it.each([
    ['throws', THROW, []],
    ['crashes', CRASH, ['degraded', 'ok']],
    ['hangs', HANG, ['degraded', 'ok']],
  ] as const)(
    'leaves the end of a word open where it %s over it, and is asked on',
    async (_how, order, states) => {
      const { stage, health } = create();
      await stage.decide(window(WELL), never);
      const signal = order === HANG ? AbortSignal.timeout(100) : never;
      expect(await stage.endOf?.(window(order), 'word', signal)).toBeNull();
      expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
      expect(health.map(({ state }) => state)).toEqual(states);
    },
  );

  it('forgets between questions what it is told to forget, and nothing else', async () => {
    const { stage } = create();
    const score = async () => {
      const decision = await stage.decide(window(WELL), never);
      return decision.kind === 'abstain' ? decision.code : decision.score;
    };
    expect([await score(), await score()]).toEqual([1, 2]);
    stage.reset();
    expect([await score(), await score()]).toEqual([1, 2]);
  });

  it('is left alone by a stream it does not answer in time, which abstains until the answer came', async () => {
    const { heavy, line, stage, health } = create();
    const stream = line.stream('endpointer', 100, 'stage');
    await stage.decide(window(WELL), never);
    const woken = heavy.pid;
    const late = stream.decide(window(SLOW), never);
    expect(stream.budgetMs).toBe(100);
    expect(await stream.decide(window(WELL), never)).toEqual({
      kind: 'abstain',
      stage: 'endpointer',
      code: 'STAGE_TIMEOUT',
    });
    await late;
    expect(await stream.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(heavy.pid).toBe(woken);
    expect(health).toEqual([]);
  });

  it('sleeps after a while without work, and wakes again', async () => {
    const { heavy, stage } = create({ warmMs: 50 });
    await stage.decide(window(WELL), never);
    const first = heavy.pid ?? 0;
    await until(() => !isAlive(first));
    expect(heavy.pid).toBeNull();
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
  });

  it('row 34: gives its memory back when it is told to, and wakes again', async () => {
    const { heavy, line, stage, health } = create();
    await stage.decide(window(WELL), never);
    const first = heavy.pid ?? 0;
    line.shed();
    await until(() => !isAlive(first));
    expect(heavy.pid).toBeNull();
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(health).toEqual([]);
  });

  it('is killed when it is asked for longer than its budget, and answers the next question', async () => {
    const { heavy, stage, health } = create();
    await stage.decide(window(WELL), never);
    const first = heavy.pid ?? 0;
    const hung = await stage.decide(window(HANG), AbortSignal.timeout(100));
    expect(hung).toEqual({ kind: 'abstain', stage: 'verifier', code: 'STAGE_TIMEOUT' });
    await until(() => !isAlive(first));
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(health.map(({ state, code }) => [state, code])).toEqual([
      ['degraded', 'STAGE_TIMEOUT'],
      ['ok', 'OK'],
    ]);
  });

  it('is killed also when it was stopped', async () => {
    const { heavy, stage } = create();
    await stage.decide(window(WELL), never);
    const first = heavy.pid ?? 0;
    process.kill(first, 'SIGSTOP');
    const hung = await stage.decide(window(WELL), AbortSignal.timeout(100));
    expect(hung).toMatchObject({ code: 'STAGE_TIMEOUT' });
    await until(() => !isAlive(first));
  });

  it('abstains when it crashes, and is awake again for the next question', async () => {
    const { heavy, stage } = create();
    const crashed = await stage.decide(window(CRASH), never);
    expect(crashed).toEqual({ kind: 'abstain', stage: 'verifier', code: 'STAGE_CRASHED' });
    expect(heavy.pid).not.toBeNull();
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
  });

  it('outlives a stage that throws', async () => {
    const { heavy, stage } = create();
    await stage.decide(window(WELL), never);
    const woken = heavy.pid;
    expect(await stage.decide(window(THROW), never)).toMatchObject({ code: 'STAGE_CRASHED' });
    expect(heavy.pid).toBe(woken);
  });

  it('is left alone after five crashes in a minute, and tried again later', async () => {
    const { heavy, stage, health, time } = create();
    for (let i = 0; i < 5; i += 1) await stage.decide(window(CRASH), never);
    expect(heavy.pid).toBeNull();
    expect(await stage.decide(window(WELL), never)).toMatchObject({ code: 'STAGE_UNAVAILABLE' });
    expect(health.map(({ state }) => state)).toEqual(['degraded', 'down']);
    time.nowMs += 30_000;
    expect(await stage.decide(window(CRASH), never)).toMatchObject({ code: 'STAGE_CRASHED' });
    expect(await stage.decide(window(WELL), never)).toMatchObject({ code: 'STAGE_UNAVAILABLE' });
    time.nowMs += 30_000;
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(health.map(({ state }) => state)).toEqual(['degraded', 'down', 'ok']);
  });

  it('is not left alone after five crashes in a long time', async () => {
    const { stage, time } = create();
    for (let i = 0; i < 6; i += 1) {
      await stage.decide(window(CRASH), never);
      time.nowMs += 16_000;
    }
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
  });

  it('says what cannot be loaded, and goes on with what can', async () => {
    const { line, stage, health } = create();
    const words = line.recogniser('words', 1000, 'corrupt');
    expect(await words.recognise(window(WELL), never)).toMatchObject({ code: 'MODEL_CORRUPT' });
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(health).toMatchObject([{ state: 'degraded', code: 'MODEL_CORRUPT' }]);
  });

  it('says what cannot be loaded to whoever asks for it, once, whatever else becomes of the process', async () => {
    const { line, stage, health } = create();
    const besides: Health[] = [];
    const candidate = line.stage('verifier', 1000, 'corrupt', {
      mark: '~shadow',
      onHealth: (change) => besides.push(change),
    });
    expect(await candidate.decide(window(WELL), never)).toMatchObject({ code: 'MODEL_CORRUPT' });
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(health).toEqual([]);
    await stage.decide(window(CRASH), never);
    expect(await candidate.decide(window(WELL), never)).toMatchObject({ code: 'MODEL_CORRUPT' });
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(health.map(({ state }) => state)).toEqual(['degraded', 'ok']);
    expect(besides).toEqual([{ state: 'degraded', code: 'MODEL_CORRUPT', detail: 'scripted' }]);
  });

  it('says what cannot be loaded to a source that asks for it later as well, once', async () => {
    const { line, connect } = create();
    await line.recogniser('words', 1000, 'corrupt').recognise(window(WELL), never);
    const other = connect('hall');
    const words = other.line.recogniser('words', 1000, 'corrupt');
    for (let i = 0; i < 2; i += 1)
      expect(await words.recognise(window(WELL), never)).toMatchObject({ code: 'MODEL_CORRUPT' });
    expect(other.health).toEqual([{ state: 'degraded', code: 'MODEL_CORRUPT', detail: 'scripted' }]);
  });

  it('has what cannot be loaded outlast a crash', async () => {
    const { line, stage, health } = create();
    const words = line.recogniser('words', 1000, 'corrupt');
    await words.recognise(window(WELL), never);
    await stage.decide(window(CRASH), never);
    await stage.decide(window(WELL), never);
    expect(health.map(({ code }) => code)).toEqual(['MODEL_CORRUPT', 'STAGE_CRASHED', 'MODEL_CORRUPT']);
  });

  it('gives up on one that cannot even start', async () => {
    const { heavy, stage, health } = create({}, 'crash-at-load');
    expect(await stage.decide(window(WELL), never)).toMatchObject({ code: 'STAGE_CRASHED' });
    for (let i = 0; i < 4; i += 1) await stage.decide(window(WELL), never);
    expect(await stage.decide(window(WELL), never)).toMatchObject({ code: 'STAGE_UNAVAILABLE' });
    expect(heavy.pid).toBeNull();
    expect(health.at(-1)).toMatchObject({ state: 'down' });
  });
});

describe('a heavy process that serves several sources', () => {
  it('holds once what they describe alike, and a stream for each', async () => {
    const { heavy, line, stage, connect } = create();
    const other = connect('hall');
    const score = async (asked: Stage) => {
      const decision = await asked.decide(window(WELL), never);
      return decision.kind === 'abstain' ? decision.code : decision.score;
    };
    const streams = [
      line.stream('endpointer', 1000, 'stage'),
      other.line.stream('endpointer', 1000, 'stage'),
    ];
    for (const each of [stage, other.stage, ...streams]) await score(each);
    expect(await Promise.all(streams.map(score))).toHaveLength(2);
    expect(await score(stage)).toBeGreaterThan(1);
    expect(heavy.pid).not.toBeNull();
    expect(heavy.hostedCount).toBe(3);
  });

  it('tells two of one name apart that a line describes otherwise, and holds each once', async () => {
    const { heavy, line, stage } = create();
    const onHealth = (): void => {};
    const candidate = line.stage('verifier', 1000, 'deaf', { mark: '~shadow', onHealth });
    const alike = line.stage('verifier', 1000, 'stage', { mark: '~alike', onHealth });
    const asked = [stage, candidate, stage, candidate, alike].map((its) => its.decide(window(WELL), never));
    const decided = await Promise.all(asked);
    expect(decided.map(({ kind }) => kind)).toEqual(['accept', 'reject', 'accept', 'reject', 'accept']);
    expect(decided.every(({ stage: name }) => name === 'verifier')).toBe(true);
    expect(heavy.hostedCount).toBe(2);
  });

  it('row 37: asks the next process what waited behind a question that hung, or brought it down', async () => {
    for (const [order, code] of [
      [HANG, 'STAGE_TIMEOUT'],
      [CRASH, 'STAGE_CRASHED'],
    ] as const) {
      const { heavy, stage, connect } = create();
      const other = connect('hall');
      await stage.decide(window(WELL), never);
      const first = heavy.pid;
      const answers = await Promise.all([
        stage.decide(window(order), never),
        other.stage.decide(window(WELL), never),
      ]);
      expect(answers).toMatchObject([{ kind: 'abstain', code }, { kind: 'accept' }]);
      expect(heavy.pid).not.toBe(first);
    }
  });

  it('goes on with the next short question while nobody hears its answer to the first', async () => {
    const { stage, connect } = create();
    const other = connect('hall');
    await stage.decide(window(WELL), never);
    const answered: string[] = [];
    const ask = async (name: string, asked: Stage) => {
      await asked.decide(window(SLOW), never);
      answered.push(name);
    };
    const first = ask('first', stage);
    void ask('second', other.stage);
    // Both are handed over; the child takes twice 0.7 s.
    await delay(50);
    const startedMs = performance.now();
    while (performance.now() - startedMs < 2500);
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toEqual(['first', 'second']);
  });

  it('answers nobody who has given up a question that lay with it, and asks it of no other process', async () => {
    const { heavy, stage, connect } = create();
    const other = connect('hall');
    await stage.decide(window(WELL), never);
    const hung = stage.decide(window(HANG), AbortSignal.timeout(600));
    const crash = other.stage.decide(window(CRASH), AbortSignal.timeout(100));
    expect(await crash).toMatchObject({ code: 'STAGE_TIMEOUT' });
    expect(await hung).toMatchObject({ code: 'STAGE_TIMEOUT' });
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    const woken = heavy.pid;
    expect(await other.stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(heavy.pid).toBe(woken);
    expect(other.health.map(({ code }) => code)).toEqual(['STAGE_TIMEOUT', 'OK']);
  });

  it('asks no other process what a source asked that is gone', async () => {
    const { heavy, stage, connect } = create();
    const other = connect('hall');
    await stage.decide(window(WELL), never);
    const hung = stage.decide(window(HANG), AbortSignal.timeout(200));
    void other.stage.decide(window(CRASH), never);
    await delay(50);
    other.hangUp();
    expect(await hung).toMatchObject({ code: 'STAGE_TIMEOUT' });
    expect(heavy.pid).toBeNull();
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
  });

  it('tells a source that came back nothing of what was asked before', async () => {
    const { stage, connect } = create();
    await stage.decide(window(WELL), never);
    void connect('hall').stage.decide(window(SLOW), never);
    const again = connect('hall');
    expect(await again.stage.endOf?.(window(WELL), 'word', never)).toBe(1600);
  });

  it('lets a question wait as long as it is waited for, and no other pay for that', async () => {
    const { heavy, stage, connect } = create();
    const other = connect('hall');
    await stage.decide(window(WELL), never);
    const first = heavy.pid;
    const slow = stage.decide(window(SLOW), never);
    const waiting = other.stage.decide(window(WELL), AbortSignal.timeout(100));
    expect(await waiting).toMatchObject({ kind: 'abstain', code: 'STAGE_TIMEOUT' });
    expect(await slow).toMatchObject({ kind: 'accept' });
    expect(heavy.pid).toBe(first);
  });

  it('goes on for the others when one is gone', async () => {
    const { heavy, stage, connect } = create();
    const other = connect('hall');
    await stage.decide(window(WELL), never);
    const first = heavy.pid;
    const dropped = other.stage.decide(window(WELL), never);
    other.hangUp();
    other.line.close();
    expect(await dropped).toMatchObject({ code: 'STAGE_UNAVAILABLE' });
    expect(await stage.decide(window(WELL), never)).toMatchObject({ kind: 'accept' });
    expect(heavy.pid).toBe(first);
  });
});
