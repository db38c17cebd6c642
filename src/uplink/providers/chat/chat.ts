import {
  Agent as HttpAgent,
  type IncomingMessage,
  request as overHttp,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as overHttps } from 'node:https';
import { boundedText } from '../../../core/bounded-text.js';
import { parseJson } from '../../../core/json.js';
import * as z from '../../../core/zod.js';
import { wavOf } from '../../../files/wav-header.js';
import { type DialOptions, MAX_REPLY_BYTES } from '../connection.js';
import {
  instructionsFor,
  parametersOf,
  repairText,
  type SessionOptions,
  type Tool,
  textOf,
  withToolCall,
} from '../prompt.js';
import {
  codeOfStatus,
  type Observer,
  type Provider,
  type Question,
  type Reply,
  retryAfterMs,
  type Session,
  UplinkError,
} from '../provider.js';
import type { Secret } from '../secret.js';

export interface ChatOptions extends SessionOptions {
  readonly url: string;
  /** Questions at once. */
  readonly capacity: number;
  readonly secret: Secret;
  readonly dial: DialOptions;
}

const CHAT = 'v1/chat/completions';

const replySchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          tool_calls: z
            .array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) }))
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage: z
    .object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() })
    .nullish(),
});

/**
 * Asks a server of chat completions (https://platform.openai.com/docs/api-reference/chat), as llama.cpp, Ollama and
 * vLLM serve them too. Each question is a request of its own: a session holds nothing but connections.
 */
export function createChatProvider(options: ChatOptions): Provider {
  return {
    name: options.name,
    secret: options.secret,
    async open() {
      return openSession(options);
    },
  };
}

function openSession(options: ChatOptions): Session {
  const { url, secret, capacity, name } = options;
  const isSecure = new URL(url).protocol === 'https:';
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  let end: (reason: UplinkError) => void = () => {};
  const ended = new Promise<UplinkError>((resolve) => {
    end = resolve;
  });
  let isClosed = false;
  return {
    greetingBytes: 0,
    capacity,
    ended,
    get ending() {
      return isClosed;
    },
    async ask(question, observer, signal) {
      const body = JSON.stringify(bodyOf(question, options));
      const token = secret.read();
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      };
      const request = { method: 'POST', headers, agent, signal };
      const answer = await post(request, body, options, observer);
      return replyOf(answer, Buffer.byteLength(body), options);
    },
    close() {
      isClosed = true;
      agent.destroy();
      end(new UplinkError('UPLINK_UNAVAILABLE', `${name}: closed by us`));
    },
  };
}

/** The messages of a question; tools are named only where an answer may ask for something. */
function bodyOf(question: Question, options: ChatOptions) {
  const { model, maxOutputTokens, answerSchema, tools } = options;
  const { upload } = question;
  const text = { type: 'text', text: textOf(upload) };
  const messages: object[] = [
    { role: 'system', content: instructionsFor(upload.kind, options) },
    { role: 'user', content: upload.clip === null ? text.text : [text, audioOf(upload.clip)] },
  ];
  if (question.kind === 'repair') {
    messages.push({ role: 'assistant', content: question.answer });
    messages.push({ role: 'user', content: repairText(question.problem) });
  }
  return {
    model,
    messages,
    temperature: 0,
    max_tokens: maxOutputTokens,
    // Servers hold a model either to a schema or to tools: with both at once some refuse the request.
    ...(tools.length === 0
      ? {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', schema: answerSchema },
          },
        }
      : { tools: tools.map(asTool) }),
  };
}

function asTool(tool: Tool) {
  return { type: 'function', function: { name: tool.name, parameters: parametersOf(tool) } };
}

/** Audio as such servers take it: a whole WAV file. */
function audioOf({ rateHz, pcm }: { readonly rateHz: number; readonly pcm: Int16Array }) {
  return { type: 'input_audio', input_audio: { data: wavOf(rateHz, pcm).toString('base64'), format: 'wav' } };
}

/** Sends a request and reads the whole answer. What was not connected has sent nothing, and says so. */
function post(
  request: RequestOptions,
  body: string,
  { url: base, dial }: ChatOptions,
  observer: Observer,
): Promise<string> {
  const url = new URL(CHAT, base.endsWith('/') ? base : `${base}/`);
  const send = url.protocol === 'https:' ? overHttps : overHttp;
  const bytes = Buffer.byteLength(body);
  const lookup = dial.lookup === undefined ? {} : { lookup: dial.lookup };
  return new Promise((resolve, reject) => {
    const sending = dial.wayOut.leave({ what: 'upload', to: url.host, bytes }, () =>
      send(url, { ...request, ...lookup }),
    );
    const late = `${url.host}: not open after ${dial.connectTimeoutMs} ms`;
    const cancelDeadline = dial.timer(dial.connectTimeoutMs, () =>
      sending.destroy(new UplinkError('UPLINK_TIMEOUT', late)),
    );
    sending.once('socket', (socket) => {
      const connected = (): void => {
        cancelDeadline();
        observer.onSent(bytes);
      };
      if (!socket.connecting) connected();
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    });
    sending.once('error', (error) => {
      cancelDeadline();
      reject(error);
    });
    sending.once('response', (response) => {
      readWhole(response, url.host, dial).then(resolve, reject);
    });
    sending.end(body);
  });
}

async function readWhole(response: IncomingMessage, host: string, dial: DialOptions): Promise<string> {
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.resume();
    // A login page, a redirect, a model or path that is not there: they say nothing of the question.
    const code = status < 400 || status === 404 ? 'UPLINK_FOREIGN' : codeOfStatus(status);
    const waitMs = retryAfterMs(response.headers['retry-after'], dial.clock.wallMs());
    throw new UplinkError(code, `${host}: expected an answer, found HTTP ${status}`, waitMs);
  }
  const text = await boundedText(response as AsyncIterable<Buffer>, MAX_REPLY_BYTES);
  if (text !== null) return text;
  throw new UplinkError('UPLINK_REPLY', `${host}: expected at most ${MAX_REPLY_BYTES} bytes, found more`);
}

function replyOf(body: string, bytesUp: number, { url, name }: ChatOptions): Reply {
  const parsed = replySchema.safeParse(parseJson(body));
  if (!parsed.success) {
    const { host } = new URL(url);
    throw new UplinkError('UPLINK_REPLY', `${name}: expected a chat completion of ${host}, found another`);
  }
  const { message } = parsed.data.choices[0] as (typeof parsed.data.choices)[number];
  const call = message.tool_calls?.[0]?.function;
  const text = message.content ?? '';
  const { usage } = parsed.data;
  return {
    text: call === undefined ? text : withToolCall(text, call.name, parseJson(call.arguments)),
    usage: {
      bytesUp,
      bytesDown: Buffer.byteLength(body),
      inputTokens: usage?.prompt_tokens ?? 0,
      audioTokens: 0,
      outputTokens: usage?.completion_tokens ?? 0,
    },
  };
}
