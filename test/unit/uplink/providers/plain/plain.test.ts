import { afterEach, describe, expect, it } from 'vitest';
import type { Uplink } from '../../../../../src/core/cascade/escalation.js';
import { cascadeEventSchema } from '../../../../../src/core/events/event-schema.js';
import type { ScriptedAnswer } from '../../../../../src/emulator/answers.js';
import { Emulator, type EmulatorOptions } from '../../../../../src/emulator/emulator.js';
import { systemTimer } from '../../../../../src/runtime/process/system-clock.js';
import type { PlainEvent } from '../../../../../src/uplink/providers/plain/protocol.js';
import { escalation, Published, uplinkTo } from '../../../../support/uplink.js';

let emulator: Emulator | null = null;
let uplink: Uplink | null = null;

async function start(options: Partial<EmulatorOptions> = {}, config: object = {}) {
  const started = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0, ...options });
  emulator = started;
  const published = new Published();
  const made = await uplinkTo(started.url, published, config);
  uplink = made;
  return { emulator: started, uplink: made, published };
}

afterEach(async () => {
  await uplink?.close(0);
  await emulator?.close();
  uplink = null;
  emulator = null;
});

describe('uplink to a far end of the plain protocol', () => {
  it('brings the answer back in parts and then as a verdict', async () => {
    const { uplink, published } = await start({ thinkMs: 1, wordMs: 1 });
    const asked = escalation();
    await uplink.offer(asked);
    await published.until((seen) => seen.of('verdict').length === 1);
    const [verdict] = published.of('verdict');
    expect(verdict).toMatchObject({ detection: asked.detection, provider: 'cloud', label: 'weather' });
    const parts = published.of('answer-part').map((part) => part.text);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.join('')).toBe(verdict?.text);
    for (const event of published.events) cascadeEventSchema.parse(event);
  });

  it('tells an answer to what an earlier run asked from one to its namesake of this run', async () => {
    const { uplink, published } = await start();
    const asked = escalation();
    await uplink.offer({ ...asked, key: `yesterday/${asked.detection}` });
    await uplink.offer(asked);
    await published.until((seen) => seen.of('verdict').length === 2);
    expect(published.of('verdict').map(({ detection }) => detection)).toEqual([
      `yesterday/${asked.detection}`,
      asked.detection,
    ]);
    expect(new Set(published.of('answer-part').map(({ detection }) => detection)).size).toBe(2);
  });

  it('keeps the order of a source', async () => {
    const { emulator, uplink } = await start();
    const asked = Array.from({ length: 40 }, () => escalation());
    for (const one of asked) await uplink.offer(one);
    await uplink.close(10_000);
    expect(emulator.committed).toEqual(asked.map((one) => one.key));
  });

  it('sends an event whose acknowledgement was lost again, and the far end does it once', async () => {
    const { emulator, uplink, published } = await start({
      behave: (_event, attempt) => ({ kind: attempt === 1 ? 'lost-ack' : 'answer' }),
    });
    const asked = escalation();
    await uplink.offer(asked);
    await published.until((seen) => seen.of('verdict').length === 1);
    expect(emulator.received).toBe(2);
    expect(emulator.committed).toEqual([asked.key]);
    expect(published.of('health').map((event) => event.state)).toEqual(['degraded', 'ok']);
  });

  it('is told the configured prompt and schema, and an answer of another shape than that is refused', async () => {
    const answerSchema = {
      type: 'object',
      required: ['label', 'text', 'urgency'],
      properties: {
        label: { type: 'string' },
        text: { type: 'string' },
        urgency: { type: 'integer', maximum: 3 },
      },
    };
    const prompts = { voice: 'Answer like a lighthouse keeper.' };
    const answer = (event: PlainEvent) =>
      ({
        label: 'sea',
        text: 'Calm.',
        action: null,
        urgency: event.label === 'loud' ? 9 : 1,
      }) as ScriptedAnswer;
    const { emulator, uplink, published } = await start({ answer }, { answerSchema, prompts });
    await uplink.offer(escalation());
    await uplink.offer(escalation({ label: 'loud' }));
    await published.until((seen) => seen.of('undelivered').length === 1);
    expect(emulator.greetings[0]).toMatchObject({ answerSchema, prompts });
    expect(published.of('verdict')).toMatchObject([{ label: 'sea' }]);
    expect(published.of('undelivered')).toMatchObject([
      { outcome: 'dead-letter', code: 'UPLINK_REPLY', detail: expect.stringContaining('urgency') },
    ]);
  });

  it('is asked about a sensor with its summary, and with what explains it', async () => {
    const { uplink, published } = await start();
    const trail = [
      {
        kind: 'accept' as const,
        stage: 'anomaly-tiny',
        label: 'anomaly',
        score: 9,
        confidence: 0.99,
        contributions: [{ channel: 'flow', share: 0.8 }],
        sample: 10,
        measured: null,
      },
    ];
    await uplink.offer(
      escalation({
        source: 'pump',
        transcript: null,
        summary: { flow: { mean: 3 } },
        reasons: ['unknown-fault'],
        trail,
      }),
    );
    await published.until((seen) => seen.of('verdict').length === 1);
    expect(published.of('verdict')).toMatchObject([{ label: 'blocked-flow' }]);
  });

  it('says which escalations made room for others while it was away', async () => {
    const { emulator, uplink, published } = await start(
      { refuse: () => ({ status: 503, retryAfterSeconds: 60 }) },
      { outbox: { maxCount: 2 } },
    );
    const [low, old, young, last] = [0, 5, 5, 5].map((priority) => escalation({ priority }));
    if (low === undefined || old === undefined || young === undefined || last === undefined)
      throw new Error('four');
    for (const one of [low, old, young, last]) {
      await uplink.offer(one);
      await published.until((seen) => seen.of('health').length === 1);
    }
    expect(published.of('undelivered')).toMatchObject([
      { detection: low.detection, outcome: 'evicted', code: 'STORE_FULL' },
      { detection: old.detection, outcome: 'evicted', code: 'STORE_FULL' },
    ]);
    expect(emulator.received).toBe(0);
  });

  it('gives up on an event that the far end refuses, and goes on with the next', async () => {
    const { uplink, published } = await start({
      behave: (event) =>
        event.label === 'poison' ? { kind: 'reject', status: 400, retryAfterMs: null } : { kind: 'answer' },
    });
    const poison = escalation({ label: 'poison' });
    const healthy = escalation();
    await uplink.offer(poison);
    await uplink.offer(healthy);
    await published.until((seen) => seen.of('verdict').length === 1);
    expect(published.of('undelivered')).toMatchObject([
      { detection: poison.detection, outcome: 'dead-letter', code: 'UPLINK_REJECTED' },
    ]);
    expect(published.of('verdict')).toMatchObject([{ detection: healthy.detection }]);
  });

  it('asks once more for an answer that broke its schema', async () => {
    const { uplink, published } = await start({ behave: () => ({ kind: 'bad-answer', repairable: true }) });
    await uplink.offer(escalation());
    await published.until((seen) => seen.of('verdict').length === 1);
    expect(published.of('verdict')[0]?.label).toBe('weather');
    expect(published.of('sent')).toMatchObject([{ bytesUp: published.of('verdict')[0]?.cost.bytesUp }]);
  });

  it('records a failure when the repaired answer is no better', async () => {
    const { uplink, published } = await start({ behave: () => ({ kind: 'bad-answer', repairable: false }) });
    await uplink.offer(escalation());
    await published.until((seen) => seen.of('undelivered').length === 1);
    expect(published.of('undelivered')).toMatchObject([{ outcome: 'dead-letter', code: 'UPLINK_REPLY' }]);
    expect(published.of('verdict')).toEqual([]);
  });

  it('says that nobody can be asked when it is offline, and sends nothing', async () => {
    const { emulator, uplink, published } = await start({}, { offline: true });
    await uplink.offer(escalation());
    expect(published.of('undelivered')).toMatchObject([{ outcome: 'unanswered', code: 'UPLINK_NONE' }]);
    expect(published.of('sent')).toEqual([]);
    expect(emulator.connections).toBe(0);
  });
});
