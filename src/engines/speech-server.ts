import { boundedText } from '../core/bounded-text.js';
import { CatnapError, whyUnfetched } from '../core/errors.js';
import { parseJson, valueAt } from '../core/json.js';
import { mean } from '../core/moments.js';

/** How a server of speech to text is asked. */
export interface SpeechServer {
  /** On this machine. */
  readonly url: string;
  /**
   * `transcriptions`: `/v1/audio/transcriptions`, as OpenAI's; `inference`: whisper.cpp's server; `chat`: a model that
   * hears, by `/v1/chat/completions` (llama.cpp, Ollama).
   */
  readonly api: 'transcriptions' | 'inference' | 'chat';
  readonly model: string;
  readonly language: string;
  /** Of a transcript from a server that does not say how sure it is. */
  readonly confidence: number;
}

/** What a server heard, and how probable it holds that, 0 to 1; empty text: nothing was said. */
export interface Heard {
  readonly text: string;
  readonly confidence: number;
}

const PATHS = {
  transcriptions: 'v1/audio/transcriptions',
  inference: 'inference',
  chat: 'v1/chat/completions',
} as const;
const PROMPT =
  'Write down what is said in this recording, word by word, and nothing else. Write nothing where nobody speaks.';
/** An order is a few dozen of them. */
const MOST_TOKENS = 200;
const MOST_BYTES = 1 << 20;
/** So much of an answer that is no transcript is shown. */
const SHOWN_LETTERS = 60;

/**
 * Has a server write down a recording.
 * @param wav mono, 16 bits.
 * @throws CatnapError `STAGE_UNAVAILABLE` where nobody answers or the server refuses, `MODEL_OUTPUT` for an answer that
 * holds no text; what `signal` aborts with.
 */
export async function transcribed(
  server: SpeechServer,
  wav: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Heard> {
  const { url, api } = server;
  const address = new URL(PATHS[api], url.endsWith('/') ? url : `${url}/`);
  const request = api === 'chat' ? chatOf(server, wav) : formOf(server, wav);
  const { response, written } = await answered(address, { ...request, signal });
  if (written === null)
    throw new CatnapError(
      'MODEL_OUTPUT',
      `${address.host}: expected at most ${MOST_BYTES} bytes, found more`,
    );
  const reply = parseJson(written);
  if (!response.ok) {
    const said = valueAt(reply, ['error', 'message']) ?? valueAt(reply, ['error']) ?? '';
    throw new CatnapError(
      'STAGE_UNAVAILABLE',
      `${address.href}: expected a transcript, found HTTP ${response.status} ${String(said).slice(0, 200)}`,
    );
  }
  const heard = api === 'chat' ? saidBy(reply, server) : writtenBy(reply, server);
  if (heard !== null) return heard;
  throw new CatnapError('MODEL_OUTPUT', `${address.href}: expected a transcript, found ${whatIs(written)}`);
}

function whatIs(written: string): string {
  if (written.trim() === '') return 'an empty answer';
  return parseJson(written) === undefined ? `no JSON: ${oneLine(written)}` : 'JSON without one';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim().slice(0, SHOWN_LETTERS);
}

/** What a server answers, as far as it may be read: null where that is too long. */
async function answered(
  address: URL,
  init: RequestInit,
): Promise<{ readonly response: Response; readonly written: string | null }> {
  try {
    const response = await fetch(address, { method: 'POST', redirect: 'error', ...init });
    return { response, written: await boundedText(response.body ?? [], MOST_BYTES) };
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    const found = `expected a server, found ${whyUnfetched(cause)}`;
    throw new CatnapError('STAGE_UNAVAILABLE', `${address.href}: ${found}`, { cause });
  }
}

function formOf({ api, model, language }: SpeechServer, wav: Uint8Array<ArrayBuffer>): RequestInit {
  const body = new FormData();
  body.set('file', new Blob([wav], { type: 'audio/wav' }), 'utterance.wav');
  if (api === 'transcriptions') body.set('model', model);
  body.set('language', language);
  body.set('temperature', '0');
  body.set('response_format', 'verbose_json');
  return { body };
}

function chatOf({ model }: SpeechServer, wav: Uint8Array): RequestInit {
  const data = Buffer.from(wav).toString('base64');
  const body = JSON.stringify({
    model,
    temperature: 0,
    max_tokens: MOST_TOKENS,
    logprobs: true,
    messages: [
      { role: 'system', content: PROMPT },
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data, format: 'wav' } }] },
    ],
  });
  return { headers: { 'content-type': 'application/json' }, body };
}

/** An answer of `transcriptions` or `inference`: `verbose_json`, or plain JSON from servers that know no other. */
function writtenBy(reply: unknown, { confidence }: SpeechServer): Heard | null {
  const text = valueAt(reply, ['text']);
  if (typeof text !== 'string') return null;
  const segments = valueAt(reply, ['segments']);
  const sure = Array.isArray(segments) ? segments.flatMap(sureness) : [];
  return { text: spoken(text), confidence: sure.length === 0 ? confidence : mean(sure) };
}

/** How sure Whisper is of a segment: the geometric mean of its tokens, if anything was said. */
function sureness(segment: unknown): readonly number[] {
  const logProbability = valueAt(segment, ['avg_logprob']);
  const silence = valueAt(segment, ['no_speech_prob']);
  if (typeof logProbability !== 'number' || !Number.isFinite(logProbability)) return [];
  return [Math.min(1, Math.exp(logProbability)) * (typeof silence === 'number' ? 1 - silence : 1)];
}

function saidBy(reply: unknown, { confidence }: SpeechServer): Heard | null {
  const choice = valueAt(reply, ['choices', '0']);
  const text = valueAt(choice, ['message', 'content']);
  if (typeof text !== 'string') return null;
  const tokens = valueAt(choice, ['logprobs', 'content']);
  const logs = Array.isArray(tokens)
    ? tokens.map((token) => valueAt(token, ['logprob'])).filter((log) => typeof log === 'number')
    : [];
  const likely = logs.length === 0 ? null : mean(logs);
  return { text: spoken(text), confidence: likely === null ? confidence : Math.min(1, Math.exp(likely)) };
}

/** Without what is put in brackets: Whisper writes `[BLANK_AUDIO]` and `(door closes)` of what nobody said. */
function spoken(text: string): string {
  const said = text
    .replaceAll(/\[[^\]]*\]|\([^)]*\)/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  return /[\p{L}\p{N}]/u.test(said) ? said : '';
}

/** Whether an address is this machine's own, which what is said there does not leave. */
export function isThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/u.test(hostname);
}
