import { afterEach, describe, expect, it } from 'vitest';
import { ChatFarEnd, says } from '../../../../support/chat-far-end.js';
import { escalation, Published, uplinkTo } from '../../../../support/uplink.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(script: Parameters<typeof ChatFarEnd.start>[0], config: object = {}, its: object = {}) {
  const far = await ChatFarEnd.start(script);
  closers.push(() => far.close());
  const providers = [{ kind: 'chat', name: 'house', url: far.url, model: 'small', ...its }];
  const published = new Published();
  const uplink = await uplinkTo(far.url, published, { providers, ...config });
  closers.push(() => uplink.close(0));
  return { far, published, uplink };
}

describe('a server of chat completions', () => {
  it('is asked in requests of the published reference, for an answer of the schema', async () => {
    const { far, published, uplink } = await start(() => says('Mild.'));
    await uplink.offer(escalation({ transcript: 'will it rain' }));
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(far.paths).toEqual(['/v1/chat/completions']);
    const [request] = far.requests;
    expect(request).toMatchObject({
      model: 'small',
      max_tokens: 512,
      response_format: { type: 'json_schema' },
    });
    expect(request?.messages[0]).toMatchObject({ role: 'system', content: expect.stringContaining('JSON') });
    expect(String(request?.messages[1]?.content)).toContain('will it rain');
    expect(published.of('verdict')).toMatchObject([
      { provider: 'house', text: 'Mild.', cost: { tokens: 220 } },
    ]);
    expect(published.of('verdict')[0]).not.toHaveProperty('steps');
    const bytesUp = published.of('sent')[0]?.bytesUp;
    expect(bytesUp).toBe(Number(far.headers[0]?.['content-length']));
  });

  it('gets audio as a WAV file where a rule lets audio out, and a secret as a bearer token', async () => {
    process.env.CATNAP_TEST_KEY = 'sk-house';
    const rules = [{ name: 'audio', allow: ['audio'] }];
    const { far, published, uplink } = await start(
      () => says('Mild.'),
      { egress: { rules } },
      { secret: '${CATNAP_TEST_KEY}' },
    );
    const pcm = Int16Array.from({ length: 1_600 }, (_, n) => n);
    await uplink.offer(escalation({ clip: { rateHz: 16_000, startSample: 0, pcm } }));
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(far.headers[0]?.authorization).toBe('Bearer sk-house');
    const content = far.requests[0]?.messages[1]?.content;
    const audio = Array.isArray(content) ? content.find((part) => part.type === 'input_audio') : undefined;
    const wav = Buffer.from(audio?.type === 'input_audio' ? audio.input_audio.data : '', 'base64');
    expect([wav.toString('latin1', 0, 4), wav.length, wav.readInt16LE(44 + 2 * 1_599)]).toEqual([
      'RIFF',
      3_244,
      1_599,
    ]);
  });

  it('may call an allowed action as a tool', async () => {
    const actions = { lamp: { kind: 'serial', source: 'board', command: 'LED {state}' } };
    const done: object[] = [];
    const far = await ChatFarEnd.start(() => ({ call: { name: 'lamp', arguments: '{"state":"on"}' } }));
    closers.push(() => far.close());
    const published = new Published();
    const uplink = await uplinkTo(
      far.url,
      published,
      { providers: [{ kind: 'chat', name: 'house', url: far.url }], actions },
      {
        actions: {
          async run({ name, detection, slots }) {
            done.push({ name, slots });
            return { detection, action: name, outcome: 'done', detail: '' };
          },
        },
      },
    );
    closers.push(() => uplink.close(0));
    await uplink.offer(escalation());
    await published.until((all) => all.of('action').length === 1);
    expect(far.violations).toEqual([]);
    expect(far.requests[0]?.tools).toMatchObject([{ function: { name: 'lamp' } }]);
    expect(done).toEqual([{ name: 'lamp', slots: { state: 'on' } }]);
  });

  it('is asked again, once, with what was wrong', async () => {
    const answers = [{ content: 'Mild.' }, says('Mild.')];
    const { far, published, uplink } = await start(() => answers.shift() ?? null);
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(far.requests[1]?.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ]);
    expect(String(far.requests[1]?.messages[3]?.content)).toContain('expected JSON');
  });

  it.each([
    [{ status: 404 }, 'down UPLINK_FOREIGN'],
    [{ status: 302 }, 'down UPLINK_FOREIGN'],
    [{ status: 503, headers: { 'retry-after': '0' } }, 'degraded UPLINK_THROTTLED'],
    [{ status: 500 }, 'degraded UPLINK_UNAVAILABLE'],
    [{ raw: '<html>' }, 'degraded UPLINK_REPLY'],
  ] as const)('that says %j does not lose the question', async (first, told) => {
    const answers = [first, says('Mild.')];
    const { published, uplink } = await start(() => answers.shift() ?? null);
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    const health = published.of('health').map(({ state, code }) => `${state} ${code}`);
    expect(health).toEqual([told, 'ok OK']);
  });

  it('that nobody answers at costs nothing, and is asked once it is there', async () => {
    const { far, published, uplink } = await start(() => says('Mild.'));
    await far.close();
    await uplink.offer(escalation());
    await published.until((all) => all.of('health').length === 1);
    expect(published.of('sent')).toEqual([]);
    const again = await ChatFarEnd.start(() => says('Mild.'), Number(new URL(far.url).port));
    closers.push(() => again.close());
    await published.until((all) => all.of('verdict').length === 1);
    expect(published.of('sent')).toHaveLength(1);
  });
});
