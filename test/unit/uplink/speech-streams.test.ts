import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SpeechStart } from '../../../src/core/cascade/escalation.js';
import { Emulator, type EmulatorOptions } from '../../../src/emulator/emulator.js';
import { systemTimer } from '../../../src/runtime/process/system-clock.js';
import { type AuditRow, auditRows } from '../../../src/uplink/accounts/audit.js';
import { openStoreCopy } from '../../../src/uplink/queue/store-copy.js';
import { GeminiFarEnd } from '../../support/gemini-far-end.js';
import { OpenAiFarEnd } from '../../support/openai-far-end.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { escalation, Published, uplinkTo } from '../../support/uplink.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const GOOD = JSON.stringify({ label: 'weather', text: 'Mild.' });
const AUDIO = { rules: [{ name: 'audio', allow: ['label', 'audio'] }] };
const SECOND = 16_000;

/** Two seconds said in pieces of a tenth, and the escalation that comes of them. */
const pieces = Array.from({ length: 20 }, (_, piece) => new Int16Array(SECOND / 10).fill(piece + 1));
const pcm = Int16Array.from(pieces.flatMap((piece) => [...piece]));
const asked = () => escalation({ clip: { rateHz: SECOND, startSample: 0, pcm } });
const startOf = ({ key, detection, source, label }: ReturnType<typeof asked>): SpeechStart => ({
  key,
  detection,
  source,
  label,
  startSample: 0,
  rateHz: SECOND,
  maxMs: 8_000,
});

type Heard = Parameters<EmulatorOptions['onSpeech']>;

async function plain(config: object = {}, options: Partial<EmulatorOptions> = {}) {
  const heard: Heard[] = [];
  const events: number[] = [];
  const emulator = await Emulator.start(systemTimer, {
    thinkMs: 0,
    wordMs: 0,
    onSpeech: (...speech) => heard.push(speech),
    onEvent: ({ clip }) => events.push(Buffer.byteLength(clip?.data ?? '', 'base64') / 2),
    ...options,
  });
  closers.push(() => emulator.close());
  const stateDir = temporaryFolder();
  const published = new Published();
  const uplink = await uplinkTo(
    emulator.url,
    published,
    { duplex: true, egress: AUDIO, ...config },
    { stateDir },
  );
  const { speechStreams: speech } = uplink;
  if (speech === null) throw new Error('expected duplex');
  const audit = async (): Promise<AuditRow[]> => {
    await uplink.close(1_000);
    const store = await openStoreCopy(join(stateDir, 'uplink'));
    const rows: AuditRow[] = [];
    for await (const row of auditRows(store, null, null)) rows.push(row);
    await store.close();
    return rows;
  };
  closers.push(() => uplink.close(0));
  return { emulator, published, uplink, speech, heard, events, audit };
}

/** Says the pieces with time for the socket between them. */
async function say(speech: NonNullable<Awaited<ReturnType<typeof plain>>['speech']>, key: string) {
  for (const piece of pieces) {
    speech.samples(key, piece);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('speech that streams while it is said', () => {
  it('is not wanted unless it is configured', async () => {
    const emulator = await Emulator.start(systemTimer);
    closers.push(() => emulator.close());
    const uplink = await uplinkTo(emulator.url, new Published(), { egress: AUDIO });
    closers.push(() => uplink.close(0));
    expect(uplink.speechStreams).toBeNull();
  });

  it('is at the far end before the question, which then carries no audio, and is written down apart', async () => {
    const { published, uplink, speech, heard, events, audit } = await plain();
    const question = asked();
    speech.begin(startOf(question));
    await say(speech, question.key);
    await expect.poll(() => uplink.stats().bytesOut.audio).toBeGreaterThan(pcm.byteLength);
    const uploadedBefore = uplink.stats().bytesOut.upload;
    await uplink.offer(question);
    await published.until((all) => all.of('verdict').length === 1);
    expect(heard).toEqual([[question.key, pcm.length, 'asked']]);
    // The far end put the two together again.
    expect(events).toEqual([pcm.length]);
    expect(uplink.stats().bytesOut.upload - uploadedBefore).toBeLessThan(2_000);
    const rows = await audit();
    expect(rows.map(({ outcome, parts }) => [outcome, parts])).toEqual([
      ['streamed', 'audio'],
      ['answered', 'label audio'],
    ]);
    expect(rows[0]?.bytesUp).toBeGreaterThan(pcm.byteLength);
    expect(rows[1]?.bytesUp).toBeLessThan(2_000);
  });

  it('of which nothing comes is taken back, and what left is counted', async () => {
    const { emulator, speech, heard, audit } = await plain();
    const question = asked();
    speech.begin(startOf(question));
    await say(speech, question.key);
    await expect.poll(() => emulator.connections).toBe(1);
    speech.abandon(question.key);
    await expect.poll(() => heard).toEqual([[question.key, pcm.length, 'abandoned']]);
    expect(emulator.received).toBe(0);
    const [row] = await audit();
    expect(row).toMatchObject({ outcome: 'abandoned', provider: 'cloud', rule: 'audio', parts: 'audio' });
    expect(row?.bytesUp).toBeGreaterThan(pcm.byteLength);
    // Two seconds at 32 tokens a second: the provider has heard them.
    expect(row?.tokens).toBe(64);
  });

  it('does not leave where no rule lets audio out, nor over a budget, and both are written down', async () => {
    const words = { rules: [{ name: 'words', allow: ['label', 'transcript'] }] };
    const kept = await plain({ egress: words });
    const poor = await plain({ budget: [{ what: 'bytes', per: 'hour', limit: 50_000 }] });
    for (const { speech } of [kept, poor]) {
      const question = asked();
      speech.begin(startOf(question));
      await say(speech, question.key);
      speech.abandon(question.key);
    }
    expect([kept.emulator.connections, poor.emulator.connections]).toEqual([0, 0]);
    expect(await kept.audit()).toMatchObject([{ outcome: 'denied', rule: 'words', bytesUp: 0 }]);
    expect(await poor.audit()).toMatchObject([
      { outcome: 'over-budget', verdict: 'BUDGET_SPENT', bytesUp: 0 },
    ]);
  });

  it('gives back what was set aside for the longest it could have become', async () => {
    const limit = { what: 'bytes', per: 'hour', limit: 700_000 };
    const { published, uplink, speech, audit } = await plain({ budget: [limit] });
    // Eight seconds are set aside each time; two were said. Without giving back the second would be refused.
    for (let turn = 1; turn <= 2; turn++) {
      const question = asked();
      speech.begin(startOf(question));
      await say(speech, question.key);
      await uplink.offer(question);
      await published.until((all) => all.of('verdict').length === turn);
    }
    expect((await audit()).map(({ outcome }) => outcome)).toEqual([
      'streamed',
      'answered',
      'streamed',
      'answered',
    ]);
  });

  it('that breaks off is written down, and the event is asked with its clip all the same', async () => {
    const { emulator, published, uplink, speech, events, audit } = await plain();
    const question = asked();
    speech.begin(startOf(question));
    speech.samples(question.key, pieces[0] ?? new Int16Array(0));
    await expect.poll(() => uplink.stats().bytesOut.audio).toBeGreaterThan(0);
    emulator.disconnectAll();
    await expect
      .poll(async () => {
        speech.samples(question.key, pieces[1] ?? new Int16Array(0));
        return uplink.stats().upstreams.cloud?.opened;
      })
      .toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    speech.samples(question.key, pieces[2] ?? new Int16Array(0));
    await uplink.offer(question);
    await published.until((all) => all.of('verdict').length === 1);
    expect(events).toEqual([pcm.length]);
    expect((await audit()).map(({ outcome }) => outcome)).toEqual(['failed', 'answered']);
  });
});

describe('speech ahead of a question, by the protocol of', () => {
  async function to(kind: 'openai-realtime' | 'gemini-live', url: string) {
    process.env.CATNAP_TEST_SPEECH = kind === 'gemini-live' ? 'key' : 'sk-test';
    const secret = '${CATNAP_TEST_SPEECH}';
    const published = new Published();
    const providers = [{ kind, name: 'cloud', url, model: 'any', secret }];
    const uplink = await uplinkTo(url, published, { providers, duplex: true, egress: AUDIO });
    closers.push(() => uplink.close(0));
    const { speechStreams: speech } = uplink;
    if (speech === null) throw new Error('expected duplex');
    return { published, uplink, speech };
  }

  /** An utterance that OpenAI has begun to hear. */
  async function spokenToOpenAi() {
    const far = await OpenAiFarEnd.start((_response, end) => end.answer(GOOD));
    closers.push(() => far.close());
    const { published, uplink, speech } = await to('openai-realtime', far.url);
    const question = asked();
    speech.begin(startOf(question));
    await say(speech, question.key);
    await expect.poll(() => far.bufferedBytes).toBeGreaterThan(0);
    return { far, question, published, uplink, speech };
  }

  it('OpenAI: appended at 24 kHz, committed, asked about by reference and then deleted', async () => {
    const { far, question, published, uplink } = await spokenToOpenAi();
    await uplink.offer(question);
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    expect(far.bufferedBytes).toBe(2 * 2 * 24_000);
    expect(far.asked[0]?.input).toMatchObject([
      { type: 'item_reference', id: 'item_heard' },
      { type: 'message', content: [{ type: 'input_text' }] },
    ]);
    await expect
      .poll(() => far.buffering)
      .toEqual([
        'input_audio_buffer.append',
        'input_audio_buffer.commit',
        'response.create',
        'conversation.item.delete',
      ]);
  });

  it('OpenAI: cleared when nothing comes of it', async () => {
    const { far, question, published, uplink, speech } = await spokenToOpenAi();
    speech.abandon(question.key);
    await expect.poll(() => far.bufferedBytes).toBe(0);
    // What is asked next is not about it.
    await uplink.offer(asked());
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.asked[0]?.input).toMatchObject([{ type: 'message' }]);
    expect(far.violations).toEqual([]);
  });

  const inputsOf = (far: GeminiFarEnd) =>
    far.messages.flatMap((message) => ('realtimeInput' in message ? Object.keys(message.realtimeInput) : []));

  it('Gemini: activity is open while it is said, and ends with the question', async () => {
    const far = await GeminiFarEnd.start((message, end) => {
      if ('setup' in message) end.send({ setupComplete: {} });
      if ('realtimeInput' in message && 'activityEnd' in message.realtimeInput) end.answer(GOOD);
    });
    closers.push(() => far.close());
    const { published, uplink, speech } = await to('gemini-live', far.url);
    const question = asked();
    speech.begin(startOf(question));
    await say(speech, question.key);
    await expect.poll(() => inputsOf(far).filter((input) => input === 'audio').length).toBe(20);
    expect(inputsOf(far)).not.toContain('activityEnd');
    await uplink.offer(question);
    await published.until((all) => all.of('verdict').length === 1);
    expect(far.violations).toEqual([]);
    const inputs = inputsOf(far);
    expect([inputs[0], ...inputs.slice(-3)]).toEqual(['activityStart', 'audio', 'text', 'activityEnd']);
    expect(inputs).toHaveLength(23);
  });

  it('Gemini: the session is closed and not resumed when nothing comes of it', async () => {
    const far = await GeminiFarEnd.start((message, end) => {
      if (!('setup' in message)) return;
      end.send({ setupComplete: {} });
      end.send({ sessionResumptionUpdate: { newHandle: 'with-speech', resumable: true } });
    });
    closers.push(() => far.close());
    const { uplink, speech } = await to('gemini-live', far.url);
    const question = asked();
    speech.begin(startOf(question));
    await say(speech, question.key);
    await expect.poll(() => inputsOf(far).includes('audio')).toBe(true);
    speech.abandon(question.key);
    await uplink.offer(asked());
    const setups = () =>
      far.messages.flatMap((message) => ('setup' in message ? [message.setup.sessionResumption] : []));
    await expect.poll(setups).toEqual([{}, {}]);
    expect(inputsOf(far).filter((input) => input === 'activityEnd').length).toBeLessThanOrEqual(1);
  });
});
