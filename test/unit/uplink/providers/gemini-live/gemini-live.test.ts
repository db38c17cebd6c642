import { afterEach, describe, expect, it } from 'vitest';
import { Emulator } from '../../../../../src/emulator/emulator.js';
import { systemTimer } from '../../../../../src/runtime/process/system-clock.js';
import { GeminiFarEnd } from '../../../../support/gemini-far-end.js';
import { escalation, Published, uplinkTo } from '../../../../support/uplink.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const GOOD = JSON.stringify({ label: 'weather', text: 'Mild.' });

async function start(script: Parameters<typeof GeminiFarEnd.start>[0], config: object = {}) {
  const far = await GeminiFarEnd.start(script);
  closers.push(() => far.close());
  process.env.CATNAP_TEST_GEMINI = 'key';
  const secret = '${CATNAP_TEST_GEMINI}';
  const providers = [{ kind: 'gemini-live', url: far.url, model: 'gemini-live', secret }];
  const published = new Published();
  const uplink = await uplinkTo(far.url, published, { providers, ...config });
  closers.push(() => uplink.close(0));
  return { far, published, uplink };
}

describe('Gemini Live', () => {
  it('asks and answers in messages of the published schema', async () => {
    const { far, published, uplink } = await start((message, end) => {
      if ('setup' in message) end.send({ setupComplete: {} });
      if ('clientContent' in message) end.answer(GOOD);
    });
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(published.of('verdict')).toMatchObject([
      { provider: 'gemini', text: 'Mild.', cost: { tokens: 120 } },
    ]);
    const parts = published.of('answer-part').map((part) => part.text);
    expect(parts.join('')).toBe('Mild.');
  });

  it('streams audio between marks of activity where a rule lets audio out', async () => {
    const rules = [{ name: 'audio', allow: ['audio'] }];
    const { far, published, uplink } = await start(
      (message, end) => {
        if ('setup' in message) end.send({ setupComplete: {} });
        if ('realtimeInput' in message && 'activityEnd' in message.realtimeInput) end.answer(GOOD);
      },
      { egress: { rules } },
    );
    await uplink.offer(escalation({ clip: { rateHz: 16_000, startSample: 0, pcm: new Int16Array(4_000) } }));
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    const inputs = far.messages.flatMap((message) =>
      'realtimeInput' in message ? Object.keys(message.realtimeInput) : [],
    );
    expect(inputs).toEqual(['activityStart', 'text', 'audio', 'audio', 'audio', 'activityEnd']);
  });

  it('resumes by the newest handle after a notice to go away, the old socket closed', async () => {
    const { far, published, uplink } = await start((message, end) => {
      if ('setup' in message) end.send({ setupComplete: {} });
      if (!('clientContent' in message)) return;
      end.send({ sessionResumptionUpdate: { newHandle: `handle-${end.connection}`, resumable: true } });
      if (end.connection === 1) end.send({ goAway: { timeLeft: '10s' } });
      end.answer(GOOD);
    });
    await uplink.offer(escalation());
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 2);
    expect(far.violations).toEqual([]);
    const setups = far.messages.flatMap((message) =>
      'setup' in message ? [message.setup.sessionResumption] : [],
    );
    expect(setups).toEqual([{}, { handle: 'handle-1' }]);
    expect(published.of('health')).toEqual([]);
    expect(far.mostOpen).toBe(1);
  });

  it('asks again on a resumed session when the connection breaks, and forgets a handle that is refused', async () => {
    const { far, published, uplink } = await start((message, end) => {
      if ('setup' in message && message.setup.sessionResumption.handle !== undefined)
        return end.socket.close(1008);
      if ('setup' in message) return end.send({ setupComplete: {} });
      if (!('clientContent' in message)) return;
      end.send({ sessionResumptionUpdate: { newHandle: 'stale', resumable: true } });
      if (end.connection === 1) end.socket.terminate();
      else end.answer(GOOD);
    });
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    const handles = far.messages.flatMap((message) =>
      'setup' in message ? [message.setup.sessionResumption.handle ?? null] : [],
    );
    expect(handles[0]).toBeNull();
    expect(handles.at(-1)).toBeNull();
  });

  it('takes a tool call for an action and tells the model that it was taken', async () => {
    const actions = { lamp: { kind: 'serial', source: 'board', command: 'LED {state}' } };
    const { far, published, uplink } = await start(
      (message, end) => {
        if ('setup' in message) end.send({ setupComplete: {} });
        if ('clientContent' in message) {
          end.send({ toolCall: { functionCalls: [{ id: '1', name: 'lamp', args: { state: 'on' } }] } });
        }
        if ('toolResponse' in message) end.answer('Done.');
      },
      { actions },
    );
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(published.of('verdict')).toMatchObject([{ label: 'lamp', text: 'Done.' }]);
  });
});

describe('two providers', () => {
  it('are asked in order: the second answers while the first cannot', async () => {
    const { far } = await start((message, end) => {
      if ('setup' in message) end.send({ setupComplete: {} });
      if ('clientContent' in message) end.answer(GOOD);
    });
    const published = new Published();
    const secret = '${CATNAP_TEST_GEMINI}';
    const providers = [
      { kind: 'plain', name: 'first', url: 'ws://127.0.0.1:9' },
      { kind: 'gemini-live', name: 'second', url: far.url, model: 'gemini-live', secret },
    ];
    const retry = { initialDelayMs: 60_000, maxDelayMs: 60_000 };
    const uplink = await uplinkTo(far.url, published, { providers, retry });
    closers.push(() => uplink.close(0));
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(published.of('verdict')).toMatchObject([{ provider: 'second' }]);
    expect(published.of('health')).toMatchObject([{ component: 'uplink/first', state: 'degraded' }]);
  });

  it.each([
    ['cost', { cost: 1 }, 'cheap'],
    ['quality', { quality: 1 }, 'good'],
    ['nothing but the order', {}, 'good'],
  ])('are weighed by %s', async (_by, weights, chosen) => {
    const clouds = await Promise.all(
      [0, 1].map(() => Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 })),
    );
    for (const cloud of clouds) closers.push(() => cloud.close());
    const [good, cheap] = clouds;
    const providers = [
      { kind: 'plain', name: 'good', url: good?.url, quality: 0.9, price: { perCall: 0.1 } },
      { kind: 'plain', name: 'cheap', url: cheap?.url, quality: 0.3, price: { perCall: 0.01 } },
    ];
    const published = new Published();
    const uplink = await uplinkTo('', published, { providers, weights });
    closers.push(() => uplink.close(0));
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(published.of('verdict')).toMatchObject([{ provider: chosen }]);
  });
});
