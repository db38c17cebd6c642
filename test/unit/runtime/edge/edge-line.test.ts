import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RemoteTerms } from '../../../../src/core/cascade/assembly.js';
import type { Decision, Window } from '../../../../src/core/cascade/stage.js';
import { EdgeAsker } from '../../../../src/edge/asker.js';
import { decodeQuestion, type Question } from '../../../../src/edge/question.js';
import { encodeReply } from '../../../../src/edge/reply.js';
import { edgeTopics } from '../../../../src/edge/topics.js';
import type { Broker, LastingLine, MessageProperties } from '../../../../src/egress/broker.js';
import type { Passed } from '../../../../src/egress/way-out.js';
import { EdgeLine } from '../../../../src/runtime/edge/edge-line.js';
import type { HeavyClient } from '../../../../src/runtime/heavy/heavy-process.js';
import type { LineReply, LineRequest } from '../../../../src/runtime/heavy/heavy-protocol.js';
import type { EdgePassage } from '../../../../src/uplink/egress.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const topics = edgeTopics('catnap');
const VERSION = '1.2.3';
const KINDS = ['toy', 'silero', 'module'];
const TERMS: RemoteTerms = { waitMs: 500, local: true, signal: 'voice' };
const MAY: EdgePassage = { rule: 'house', mayPass: true };
const MAY_NOT: EdgePassage = { rule: 'none', mayPass: false };

const decided = (stage: string): Decision => ({
  kind: 'accept',
  stage,
  label: 'alexa',
  score: 0.9,
  confidence: 0.9,
  contributions: [],
});

const windowOf = (detection: string | null): Window => ({
  source: 'mic',
  startSample: 0,
  rateHz: 16_000,
  channels: 1,
  data: new Float32Array(8),
  ...(detection === null ? {} : { about: { detection, label: 'alexa' } }),
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/**
 * A source's line, the heavy process of its device, and the broker of the house, where `workers` are there and each
 * says what `answer` makes of a question; null: nothing.
 */
async function house({
  workers = ['shed'],
  passage = () => MAY,
  answer = (worker) => decided(worker),
}: {
  workers?: readonly string[];
  passage?: (label: string) => EdgePassage;
  answer?: (worker: string, question: Question) => Decision | null;
} = {}) {
  const alarms = new Set<() => void>();
  const timer = (_delayMs: number, wake: () => void) => {
    alarms.add(wake);
    return () => void alarms.delete(wake);
  };
  const clock = { monotonicMs: () => 1000, wallMs: () => 5000 };
  const questions: { topic: string; question: Question }[] = [];
  const prepared: unknown[] = [];
  let kept: LastingLine | null = null;
  const told = (topic: string, payload: string | Buffer, properties: MessageProperties = {}): void =>
    void kept?.onMessage({ topic, payload: Buffer.from(payload), retained: false, properties });
  const broker: Broker = {
    host: 'hub:1883',
    keep: (line) => {
      kept = line;
    },
    close: async () => {},
    publish: async (topic, payload, _retain, _signal, properties = {}) => {
      if (topic === topics.prepare(VERSION)) prepared.push(JSON.parse(String(payload)));
      const question = topic === topics.prepare(VERSION) ? null : decodeQuestion(Buffer.from(payload));
      if (question === null) return true;
      questions.push({ topic, question });
      const worker = topic.startsWith(topics.worker('')) ? (topic.split('/')[2] ?? '') : (workers[0] ?? '');
      const said = answer(worker, question);
      const { correlationData = Buffer.alloc(0) } = properties;
      if (said !== null)
        told(properties.responseTopic ?? '', encodeReply({ answer: said, cpuMs: 1 }), {
          correlationData,
          userProperties: { worker },
        });
      return true;
    },
  };
  const wayOut = { leave: <T>(_passage: unknown, go: () => T): T => go() };
  const asker = new EdgeAsker({
    broker,
    wayOut,
    topics,
    device: 'kitchen',
    version: VERSION,
    onHealth: () => {},
    clock,
    timer,
  });
  asker.open();
  (kept as LastingLine | null)?.onUp();
  for (const worker of workers)
    told(topics.worker(worker), JSON.stringify({ version: VERSION, kinds: KINDS }));

  const local: LineRequest[] = [];
  const replies: LineReply[] = [];
  const passed: Passed[] = [];
  let heavyTells: HeavyClient['tell'] = () => {};
  const heavy = {
    open: ({ tell }: HeavyClient) => {
      heavyTells = tell;
      return { receive: (request: LineRequest) => void local.push(request), close: () => {} };
    },
  };
  const line = new EdgeLine({ source: 'mic', warmMs: 0, tell: (reply) => replies.push(reply) }, heavy, {
    asker,
    clearance: { edgeOf: (_kind, _source, label) => passage(label) },
    clock,
    onPassed: (each) => passed.push(each),
  });
  let ids = 0;
  return {
    ...{ line, local, replies, passed, questions, prepared },
    load: (name: string, spec: unknown, role: 'stage' | 'stream' | 'recogniser' = 'stage') =>
      line.receive({ kind: 'load', name, as: name, role, description: { spec } }),
    ask: async (name: string, detection: string | null = 'mic/d1', fresh = false): Promise<number> => {
      ids += 1;
      line.receive({
        kind: 'ask',
        id: ids,
        name,
        as: name,
        fresh,
        budgetMs: 100,
        window: windowOf(detection),
      });
      await settled();
      return ids;
    },
    askEnd: (name: string): number => {
      ids += 1;
      const window = windowOf('mic/d1');
      line.receive({ kind: 'ask-end', id: ids, name, as: name, budgetMs: 100, window, label: 'alexa' });
      return ids;
    },
    heavySays: (reply: LineReply) => heavyTells(reply),
    late: async () => {
      for (const wake of alarms) wake();
      await settled();
    },
  };
}

describe("a source's line to what verifies", () => {
  it('leaves to this device what is not to be asked elsewhere', async () => {
    const { load, ask, line, local, questions, prepared } = await house();
    load('heavy', { kind: 'toy', name: 'toy' });
    const id = await ask('heavy');
    line.receive({ kind: 'abandon', id });
    line.receive({ kind: 'shed' });
    expect(local.map(({ kind }) => kind)).toEqual(['load', 'ask', 'abandon', 'shed']);
    expect([questions.length, prepared.length]).toEqual([0, 0]);
  });

  it('asks a worker, tells of it in the audit, and loads nothing here', async () => {
    const { load, ask, local, replies, passed, questions, prepared } = await house();
    const path = join(temporaryFolder(), 'toy.mjs');
    writeFileSync(path, 'export {};');
    load('heavy', { kind: 'module', name: 'toy', path, remote: TERMS });
    const id = await ask('heavy');
    expect(prepared).toMatchObject([
      { role: 'stage', name: 'heavy', description: { spec: { path: 'toy.mjs' } } },
    ]);
    expect(questions).toMatchObject([
      { topic: topics.ask(VERSION, 'module'), question: { name: 'heavy', fresh: true } },
    ]);
    expect(replies).toMatchObject([
      { kind: 'loaded', as: 'heavy' },
      { kind: 'answer', id, answer: { kind: 'accept', stage: 'shed' } },
    ]);
    expect(replies[1]).not.toMatchObject({ answer: { degraded: true } });
    expect(local).toEqual([]);
    expect(passed).toMatchObject([
      {
        ...{ detection: 'mic/d1', rule: 'house', outcome: 'sent', verdict: 'shed' },
        passage: { what: 'edge', to: 'hub:1883', bytes: 32 },
      },
    ]);
  });

  it.each([
    ['nobody answers in time', null],
    ['the worker abstains', { kind: 'abstain', stage: 'toy', code: 'STAGE_UNAVAILABLE' }],
  ] as const)('goes on alone where %s, and says that the answer is a lesser one', async (_when, said) => {
    const { load, ask, late, heavySays, local, replies } = await house({ answer: () => said });
    load('heavy', { kind: 'toy', name: 'toy', remote: TERMS });
    const id = await ask('heavy');
    if (said === null) await late();
    expect(local.map(({ kind }) => kind)).toEqual(['load', 'ask']);
    heavySays({ kind: 'answer', id, answer: decided('here'), cpuMs: 7, memoryMb: 3 });
    expect(replies.at(-1)).toMatchObject({ id, cpuMs: 7, answer: { stage: 'here', degraded: true } });
    heavySays({ kind: 'answer', id: 99, answer: decided('here'), cpuMs: 7, memoryMb: 3 });
    expect(replies.at(-1)).not.toMatchObject({ answer: { degraded: true } });
  });

  it('asks for the end of a word the one who believed it, and no worker again', async () => {
    const answers: (Decision | null)[] = [decided('shed'), null];
    const { load, ask, askEnd, late, local, replies, questions, heavySays } = await house({
      answer: () => answers.shift() ?? null,
    });
    load('heavy', { kind: 'toy', name: 'toy', remote: TERMS });
    await ask('heavy');
    const ofWorker = askEnd('heavy');
    expect(replies.at(-1)).toMatchObject({ kind: 'word-end', id: ofWorker, endSample: null });
    expect(local).toEqual([]);
    await ask('heavy');
    await late();
    const ofThisDevice = askEnd('heavy');
    expect(local.map(({ kind }) => kind)).toEqual(['load', 'ask', 'ask-end']);
    heavySays({ kind: 'word-end', id: ofThisDevice, endSample: 7, cpuMs: 1, memoryMb: null });
    expect(replies.at(-1)).toMatchObject({ kind: 'word-end', id: ofThisDevice, endSample: 7 });
    expect(questions).toHaveLength(2);
  });

  it('abstains where this device is not to stand in', async () => {
    const { load, ask, late, local, replies } = await house({ answer: () => null });
    load('heavy', { kind: 'toy', name: 'toy', remote: { ...TERMS, local: false } });
    const id = await ask('heavy');
    await late();
    expect(replies.at(-1)).toMatchObject({ id, answer: { kind: 'abstain', code: 'EDGE_AWAY' } });
    expect(local).toEqual([]);
  });

  it('keeps to the device what one of its labels is not let out for, and does not call that a lesser answer', async () => {
    const { load, ask, heavySays, questions, passed, replies, local } = await house({
      passage: () => MAY_NOT,
    });
    load('heavy', { kind: 'toy', name: 'toy', remote: TERMS });
    const id = await ask('heavy');
    expect(questions).toEqual([]);
    expect(passed).toMatchObject([{ outcome: 'denied', verdict: 'EGRESS_DENIED', passage: { bytes: 0 } }]);
    expect(local.map(({ kind }) => kind)).toEqual(['load', 'ask']);
    heavySays({ kind: 'answer', id, answer: decided('here'), cpuMs: 7, memoryMb: 3 });
    expect(replies.at(-1)).not.toMatchObject({ answer: { degraded: true } });
  });

  it('asks of a stream the one that has heard it so far, and any where it begins anew', async () => {
    const { load, ask, questions } = await house({ workers: ['shed', 'attic'] });
    load('end', { kind: 'silero', name: 'vad', remote: TERMS }, 'stream');
    await ask('end');
    await ask('end', null);
    const asked = () => questions.map(({ topic, question: { fresh } }) => [topic, fresh]);
    expect(asked()).toEqual([
      [topics.ask(VERSION, 'silero'), true],
      ['catnap/worker/shed/ask', false],
    ]);
    await ask('end', 'mic/d2', true);
    expect(asked().at(-1)).toEqual([topics.ask(VERSION, 'silero'), true]);
  });

  it('tells of all hops of an utterance once, when another begins or the source is gone', async () => {
    const { load, ask, line, passed } = await house();
    load('end', { kind: 'silero', name: 'vad', remote: TERMS }, 'stream');
    for (let hop = 0; hop < 3; hop++) await ask('end', hop === 0 ? 'mic/d1' : null);
    expect(passed).toEqual([]);
    await ask('end', 'mic/d2');
    expect(passed).toMatchObject([{ detection: 'mic/d1', outcome: 'sent', passage: { bytes: 96 } }]);
    line.close();
    expect(passed.at(-1)).toMatchObject({ detection: 'mic/d2', passage: { bytes: 32 } });
  });

  it('tells once an utterance, too, that its hops were kept to the device, or that nobody heard them', async () => {
    const kept = await house({ passage: () => MAY_NOT });
    const lonely = await house({ answer: () => null });
    for (const { load, ask, late, line } of [kept, lonely]) {
      load('end', { kind: 'silero', name: 'vad', remote: TERMS }, 'stream');
      for (let hop = 0; hop < 2; hop++) {
        await ask('end', hop === 0 ? 'mic/d1' : null);
        await late();
      }
      line.close();
    }
    expect(kept.passed).toMatchObject([
      { detection: 'mic/d1', outcome: 'denied', verdict: 'EGRESS_DENIED', passage: { bytes: 0 } },
    ]);
    expect(kept.local.map(({ kind }) => kind)).toEqual(['load', 'ask', 'load', 'ask']);
    expect(lonely.passed).toMatchObject([
      { detection: 'mic/d1', outcome: 'failed', verdict: 'EDGE_AWAY', passage: { bytes: 64 } },
    ]);
  });

  it('waits no more for what is given up', async () => {
    const { load, ask, line, replies, local } = await house({ answer: () => null });
    load('heavy', { kind: 'toy', name: 'toy', remote: { ...TERMS, local: false } });
    const id = await ask('heavy');
    line.receive({ kind: 'abandon', id });
    await settled();
    expect(replies.at(-1)).toMatchObject({ id, answer: { kind: 'abstain', code: 'EDGE_AWAY' } });
    expect(local).toEqual([{ kind: 'abandon', id }]);
  });
});
