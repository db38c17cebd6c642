import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../../src/runtime/process/system-clock.js';
import { OpenAiFarEnd, type ResponseCreate } from '../../../../support/openai-far-end.js';
import { escalation, Published, uplinkTo } from '../../../../support/uplink.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const GOOD = JSON.stringify({ label: 'weather', text: 'Mild, with "light" rain.' });

async function start(script: Parameters<typeof OpenAiFarEnd.start>[0], config: object = {}, key = 'sk-test') {
  const far = await OpenAiFarEnd.start(script);
  closers.push(() => far.close());
  process.env.CATNAP_TEST_KEY = key;
  const secret = '${CATNAP_TEST_KEY}';
  const providers = [{ kind: 'openai-realtime', url: far.url, model: 'gpt-realtime', secret }];
  const published = new Published();
  const uplink = await uplinkTo(far.url, published, { providers, ...config });
  closers.push(() => uplink.close(0));
  return { far, published, uplink };
}

const contentOf = (item: ResponseCreate['input'][number] | undefined) =>
  item !== undefined && 'content' in item ? item.content : [];
const textIn = (response: ResponseCreate | undefined) =>
  response?.input.flatMap((item) =>
    contentOf(item).map((part) => ('text' in part ? part.text : part.type)),
  ) ?? [];

describe('OpenAI Realtime', () => {
  it('asks and answers in events of the published schema', async () => {
    const { far, published, uplink } = await start((_response, end) => end.answer(GOOD));
    await uplink.offer(escalation({ transcript: 'will it rain' }));
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(far.urls).toEqual(['/v1/realtime?model=gpt-realtime']);
    expect(far.updates).toMatchObject([{ output_modalities: ['text'], tool_choice: 'none' }]);
    expect(JSON.parse(textIn(far.asked[0])[0] ?? '')).toMatchObject({
      kind: 'voice',
      transcript: 'will it rain',
    });
    expect(published.of('verdict')).toMatchObject([
      { provider: 'openai', label: 'weather', text: 'Mild, with "light" rain.', cost: { tokens: 366 } },
    ]);
    expect(
      published
        .of('answer-part')
        .map((part) => part.text)
        .join(''),
    ).toBe('Mild, with "light" rain.');
  });

  it('sends audio at 24 kHz where a rule lets audio out', async () => {
    const rules = [{ name: 'audio', allow: ['audio'] }];
    const { far, published, uplink } = await start((_response, end) => end.answer(GOOD), {
      egress: { rules },
    });
    const pcm = Int16Array.from(
      { length: 16_000 },
      (_, n) => 8_000 * Math.sin((2 * Math.PI * 440 * n) / 16_000),
    );
    await uplink.offer(escalation({ clip: { rateHz: 16_000, startSample: 0, pcm } }));
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    const audio = contentOf(far.asked[0]?.input[0]).find((part) => part.type === 'input_audio');
    const bytes = Buffer.from(audio?.type === 'input_audio' ? audio.audio : '', 'base64');
    expect(bytes.length).toBe(24_000 * 2);
    const sent = new Int16Array(bytes.buffer, bytes.byteOffset, 24_000);
    let worst = 0;
    for (let n = 1_000; n < 23_000; n++) {
      worst = Math.max(worst, Math.abs((sent[n] ?? 0) - 8_000 * Math.sin((2 * Math.PI * 440 * n) / 24_000)));
    }
    expect(worst).toBeLessThan(10);
    expect(textIn(far.asked[0])[0]).not.toContain('weather');
  });

  it('takes a tool call for an action, and no other tool than the allowed', async () => {
    const actions = { lamp: { kind: 'serial', source: 'board', command: 'LED {state}' } };
    const call = { type: 'function_call', name: 'lamp', arguments: '{"state":"on"}', call_id: 'c' };
    const { far, published, uplink } = await start(
      (_response, end) => end.done({ status: 'completed', output: [call] }),
      {
        actions,
      },
    );
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(far.updates[0]?.tools).toMatchObject([{ name: 'lamp', parameters: { required: ['state'] } }]);
    expect(published.of('verdict')).toMatchObject([{ label: 'lamp' }]);
  });

  it('asks for a repair with the answer and what was wrong with it', async () => {
    const { far, published, uplink } = await start((_response, end, attempt) =>
      end.answer(attempt === 1 ? 'It will rain.' : GOOD),
    );
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(textIn(far.asked[1]).slice(1)).toEqual([
      'It will rain.',
      expect.stringContaining('expected JSON'),
    ]);
  });

  it.each([
    [
      'a rate limit',
      { type: 'failed', error: { type: 'rate_limit_exceeded', code: 'rate_limit_exceeded' } },
      'UPLINK_THROTTLED',
    ],
    ['a failure of the server', { type: 'failed', error: { type: 'server_error' } }, 'UPLINK_UNAVAILABLE'],
    ['an answer cut short', { type: 'incomplete', reason: 'max_output_tokens' }, 'UPLINK_REPLY'],
  ])('tries again after %s', async (_what, status_details, code) => {
    const { published, uplink } = await start((_response, end, attempt) =>
      attempt === 1 ? end.done({ status: status_details.type, status_details }) : end.answer(GOOD),
    );
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(published.of('health').map((event) => event.code)).toEqual([code, 'OK']);
  });

  it('is down with a spent quota, which says nothing against the question', async () => {
    const status_details = {
      type: 'failed',
      error: { type: 'insufficient_quota', code: 'insufficient_quota' },
    };
    const { far, published, uplink } = await start((_response, end) =>
      end.done({ status: 'failed', status_details }),
    );
    await uplink.offer(escalation());
    await published.until((all) => all.of('health').length === 1);
    expect(published.of('health')).toMatchObject([{ state: 'down', code: 'UPLINK_QUOTA' }]);
    expect(far.asked).toHaveLength(1);
    expect(published.of('undelivered')).toEqual([]);
  });

  it('buries what the API will not have, and opens a new session when the old has expired', async () => {
    const fault = (code: string) => ({ type: 'invalid_request_error', code, message: '' });
    const codes = ['invalid_value', 'session_expired'];
    const { far, published, uplink } = await start((_response, end) => {
      const code = codes.shift();
      if (code === undefined) end.answer(GOOD);
      else end.event({ type: 'error', event_id: 'e', error: fault(code) });
    });
    await uplink.offer(escalation());
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    expect(published.of('undelivered')).toMatchObject([{ outcome: 'dead-letter', code: 'UPLINK_REJECTED' }]);
    expect(far.urls).toHaveLength(2);
  });

  it('opens a new session before the API ends the old one', async () => {
    const far = await OpenAiFarEnd.start((_response, end) => end.answer(GOOD));
    closers.push(() => far.close());
    process.env.CATNAP_TEST_KEY = 'sk-test';
    const secret = '${CATNAP_TEST_KEY}';
    const providers = [{ kind: 'openai-realtime', url: far.url, secret }];
    let passedMs = 0;
    const clock = { ...systemClock, monotonicMs: () => performance.now() + passedMs };
    const published = new Published();
    const uplink = await uplinkTo(far.url, published, { providers }, { clock });
    closers.push(() => uplink.close(0));
    for (const [turn, minutes] of [
      [1, 54],
      [2, 2],
      [3, 0],
    ] as const) {
      await uplink.offer(escalation());
      await published.until((all) => all.of('verdict').length === turn);
      passedMs += minutes * 60_000;
    }
    expect(far.urls).toHaveLength(2);
    expect(published.of('health')).toEqual([]);
  });

  it('waits as long as the exhausted rate limit takes to be whole again', async () => {
    const askedAtMs: number[] = [];
    const limit = { name: 'requests', limit: 100, remaining: 0, reset_seconds: 0.4 } as const;
    const error = { type: 'rate_limit_exceeded', code: 'rate_limit_exceeded' };
    const { published, uplink } = await start((_response, end, attempt) => {
      askedAtMs.push(performance.now());
      if (attempt > 1) return end.answer(GOOD);
      end.event({ type: 'rate_limits.updated', event_id: 'r', rate_limits: [limit] });
      end.done({ status: 'failed', status_details: { type: 'failed', error } });
    });
    await uplink.offer(escalation());
    await published.until((all) => all.of('verdict').length === 1);
    const [first = 0, second = 0] = askedAtMs;
    expect(second - first).toBeGreaterThanOrEqual(390);
  });

  it('pauses when the key is refused', async () => {
    const { published, uplink } = await start((_response, end) => end.answer(GOOD), {}, 'sk-wrong');
    await uplink.offer(escalation());
    await published.until((all) => all.of('health').length === 1);
    expect(published.of('health')).toMatchObject([{ state: 'down', code: 'UPLINK_UNAUTHORISED' }]);
    expect(JSON.stringify(published.events)).not.toContain('sk-wrong');
  });
});
