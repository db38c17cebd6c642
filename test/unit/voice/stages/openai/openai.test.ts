import { describe, expect, it } from 'vitest';
import type { Recogniser, Window } from '../../../../../src/core/cascade/stage.js';
import { faultsOf, looksOf, planChoice } from '../../../../../src/models/choose.js';
import { createRecogniser, VOICE_KINDS } from '../../../../../src/runtime/stages.js';
import { serving } from '../../../../support/speech-server.js';
import { voiceStage } from '../../../../support/stages.js';

const settingsOf = (url: string, others: object = {}) =>
  ({
    kind: 'openai',
    url,
    api: 'transcriptions',
    model: 'small',
    language: 'en',
    confidence: 0.7,
    ...others,
  }) as never;

async function recogniserAt(url: string, others?: object, budgetMs = 8000): Promise<Recogniser> {
  const request = { name: 'openai', budgetMs };
  const member = await planChoice(VOICE_KINDS.recognisers, settingsOf(url, others), request);
  return createRecogniser({ ...request, name: 'recogniser', members: [member] });
}

const heard: Window = {
  source: 'mic',
  startSample: 0,
  rateHz: 16_000,
  channels: 1,
  data: new Float32Array(1600).fill(0.25),
};
const never = new AbortController().signal;

describe('a server of speech to text', () => {
  it('is sent the utterance as a WAV file, and its segments say how sure it is', async () => {
    const segments = [{ avg_logprob: Math.log(0.9), no_speech_prob: 0 }];
    const { url, asked } = await serving(() => ({ body: { text: ' Turn on the light.', segments } }));
    const recognition = await (await recogniserAt(url)).recognise(heard, never);
    expect(recognition).toMatchObject({ kind: 'transcript', stage: 'openai', text: 'Turn on the light.' });
    expect(recognition).toMatchObject({ confidence: expect.closeTo(0.9, 6) });
    const [{ path, form } = { path: '', form: null }] = asked;
    expect(path).toBe('/v1/audio/transcriptions');
    expect(form?.get('model')).toBe('small');
    const file = form?.get('file') as File;
    const wav = new Uint8Array(await file.arrayBuffer());
    expect(wav.length).toBe(44 + 3200);
    expect(new DataView(wav.buffer).getInt16(44, true)).toBe(8192);
  });

  it("is whisper.cpp's, too, whose brackets tell of what nobody said", async () => {
    const { url, asked } = await serving(() => ({ body: { text: ' [BLANK_AUDIO]\n' } }));
    expect(await (await recogniserAt(url, { api: 'inference' })).recognise(heard, never)).toMatchObject({
      kind: 'empty',
    });
    expect(asked[0]?.path).toBe('/inference');
  });

  it('may be a chat model that hears', async () => {
    const content = [{ logprob: Math.log(0.5) }, { logprob: Math.log(0.5) }];
    const choice = { message: { content: 'Stop.' }, logprobs: { content } };
    const { url, asked } = await serving(() => ({ body: { choices: [choice] } }));
    const recognition = await (await recogniserAt(url, { api: 'chat' })).recognise(heard, never);
    expect(recognition).toMatchObject({
      kind: 'transcript',
      text: 'Stop.',
      confidence: expect.closeTo(0.5, 6),
    });
    expect(asked[0]?.path).toBe('/v1/chat/completions');
    expect(asked[0]?.json?.messages?.[1]?.content).toMatchObject([
      { type: 'input_audio', input_audio: { format: 'wav' } },
    ]);
  });

  it('has the wake word taken out of what was said in one breath with it', async () => {
    const { url } = await serving(() => ({ body: { text: 'Hey Jarvis, stop the music.' } }));
    const wakeWord = { label: 'hey_jarvis', data: new Float32Array(800) };
    const recognition = await (await recogniserAt(url)).recognise({ ...heard, wakeWord }, never);
    expect(recognition).toMatchObject({ kind: 'transcript', text: 'stop the music.', confidence: 0.7 });
  });

  it.each([
    ['refuses', { status: 500, body: { error: 'no model' } }, 'STAGE_UNAVAILABLE', 'HTTP 500 no model'],
    ['answers with something else', { body: { segments: [] } }, 'MODEL_OUTPUT', 'JSON without one'],
    ['is a web site', { body: '<html>\n<h1>Hi</h1>' }, 'MODEL_OUTPUT', 'no JSON: <html> <h1>Hi</h1>'],
    ['says nothing', { body: '' }, 'MODEL_OUTPUT', 'an empty answer'],
  ])('abstains where it %s, and says what it found', async (_, answer, code, found) => {
    const { url } = await serving(() => answer);
    expect(await (await recogniserAt(url)).recognise(heard, never)).toEqual({
      ...{ kind: 'abstain', stage: 'openai', code },
      detail: `${url}/v1/audio/transcriptions: expected a transcript, found ${found}`,
    });
  });

  it('gives up a server that hangs by itself, before its budget is over', async () => {
    const { url } = await serving(() => null);
    const late = (await recogniserAt(url, {}, 100)).recognise(heard, never);
    expect(await late).toMatchObject({
      ...{ kind: 'abstain', code: 'STAGE_TIMEOUT' },
      detail: expect.stringContaining('expected an answer within 90 ms, found none'),
    });
  });

  it('abstains where nobody is there, and where no answer comes in time', async () => {
    const nobody = await recogniserAt('http://127.0.0.1:9');
    expect(await nobody.recognise(heard, never)).toMatchObject({
      kind: 'abstain',
      code: 'STAGE_UNAVAILABLE',
    });
    const { url } = await serving(() => null);
    const late = (await recogniserAt(url)).recognise(heard, AbortSignal.timeout(50));
    expect(await late).toMatchObject({ kind: 'abstain', code: 'STAGE_TIMEOUT' });
  });

  it('stands on this machine, for what is said leaves it by no rule', () => {
    const table = VOICE_KINDS.recognisers;
    const faults = (url: string) => faultsOf('/', [{ path: ['models', 0], choice: settingsOf(url), table }]);
    expect(faults('http://localhost:8080')).toEqual([]);
    expect(faults('http://nas.local:8080')).toMatchObject([
      { path: ['models', 0, 'url'], message: expect.stringContaining('found nas.local:8080') },
    ]);
  });
});

describe('the same as a verifier', () => {
  it.each([
    ['Hey, Jarvis!', 'accept'],
    ['Pay service?', 'reject'],
    ['', 'reject'],
  ])('of "%s" says %s', async (text, kind) => {
    const { url } = await serving(() => ({ body: { text } }));
    const stage = await voiceStage(settingsOf(url, { confidence: 0.9 }), { words: ['hey_jarvis', 'alexa'] });
    const noticed = new Map([['hey_jarvis', 0.9]]);
    expect(await stage.decide({ ...heard, noticed }, never)).toMatchObject({ kind, label: 'hey_jarvis' });
  });

  it('is asked by the doctor, who says what a server that is gone or is none answers', async () => {
    const look = async (url: string) => {
      const choice = settingsOf(url);
      const [check] = looksOf([
        { path: ['recogniser', 'models', 0], choice, table: VOICE_KINDS.recognisers },
      ]);
      return { name: check?.name, ...(await check?.run()) };
    };
    const { url, asked } = await serving(() => ({ body: { text: '' } }));
    expect(await look(url)).toMatchObject({ name: 'recogniser.models.0', level: 'ok' });
    expect(asked).toHaveLength(1);
    const other = await serving(() => ({ status: 404, body: { error: 'not found' } }));
    expect(await look(other.url)).toMatchObject({
      level: 'warning',
      detail: expect.stringContaining('HTTP 404 not found'),
    });
    const gone = await look('http://127.0.0.1:9');
    expect(gone).toMatchObject({
      level: 'warning',
      detail: expect.stringContaining('expected a server, found'),
    });
  });
});
