import type {
  ConversationItem,
  RealtimeClientEvent,
  RealtimeError,
  RealtimeResponse,
  RealtimeServerEvent,
} from 'openai/resources/realtime/realtime';
import type { Clip, SpeechStart } from '../../../core/cascade/escalation.js';
import { parseJson } from '../../../core/json.js';
import { fromInt16, toInt16 } from '../../../core/signal/pcm.js';
import { Resampler } from '../../../dsp/resample.js';
import type { Upload } from '../../queue/upload.js';
import { type Connection, connect, type DialOptions } from '../connection.js';
import { firstMessage, OneAtATime } from '../one-at-a-time.js';
import {
  base64Of,
  instructionsFor,
  parametersOf,
  repairText,
  type SessionOptions,
  textOf,
  withToolCall,
} from '../prompt.js';
import { type Provider, type Question, type SpeechStream, UplinkError } from '../provider.js';
import type { Secret } from '../secret.js';

/** PCM of the Realtime API has this rate and no other. */
const RATE_HZ = 24_000;
/** Sessions end after 60 minutes; no question is begun in the last five. */
const MAX_SESSION_MS = 55 * 60_000;

export interface OpenAiOptions extends SessionOptions {
  /** `wss://api.openai.com/v1/realtime`, or another far end that speaks it. */
  readonly url: string;
  readonly secret: Secret;
  readonly dial: DialOptions;
}

/**
 * OpenAI's Realtime API as generally available: events by their GA names, text and audio in, text out, tool calls.
 * Each question is a response outside the conversation, so that one event never colours the next and nothing piles up.
 * The event types are those of the `openai` package; its socket client is not used because it cannot be pinged, capped
 * or sent through the way out.
 */
export function createOpenAiProvider(options: OpenAiOptions): Provider {
  const { name, secret, dial, url, model } = options;
  return {
    name,
    secret,
    async open(signal) {
      const token = secret.read();
      const address = new URL(url);
      address.searchParams.set('model', model);
      const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      const connection = await connect({ ...dial, url: address.href, headers, subprotocols: [] }, signal);
      const greetingBytes = await firstMessage(connection, name, dial, (message) => {
        const event = message as unknown as RealtimeServerEvent;
        if (event.type === 'error') throw errorOf(name, event.error);
        if (event.type !== 'session.created') return null;
        return connection.send(JSON.stringify(sessionUpdate(options)));
      });
      return new OpenAiSession(options, connection, greetingBytes);
    },
  };
}

function sessionUpdate(options: OpenAiOptions): RealtimeClientEvent {
  return {
    type: 'session.update',
    session: {
      type: 'realtime',
      output_modalities: ['text'],
      // The end of speech was found on the device.
      audio: { input: { format: { type: 'audio/pcm', rate: RATE_HZ }, turn_detection: null } },
      max_output_tokens: options.maxOutputTokens,
      tools: options.tools.map((tool) => ({
        type: 'function',
        name: tool.name,
        parameters: parametersOf(tool),
      })),
      tool_choice: options.tools.length === 0 ? 'none' : 'auto',
    },
  };
}

class OpenAiSession extends OneAtATime {
  readonly #openedMs: number;
  /** Seconds until the exhausted rate limit is whole again, as the server said last. */
  #resetSeconds: number | null = null;
  #responseId: string | null = null;
  /** What was heard ahead, once it is an item of the conversation: asked about by reference, then deleted. */
  #heardItem: string | null = null;
  #askAboutHeard: ((item: string) => void) | null = null;
  /** Sends what the resampler still holds of the speech. */
  #flushHeard: () => void = () => {};

  constructor(
    private readonly options: OpenAiOptions,
    connection: Connection,
    greetingBytes: number,
  ) {
    super(options.name, connection, greetingBytes);
    this.#openedMs = options.dial.clock.monotonicMs();
  }

  override get ending(): boolean {
    return super.ending || this.options.dial.clock.monotonicMs() - this.#openedMs > MAX_SESSION_MS;
  }

  protected begin(question: Question, wasHeard: boolean): void {
    this.#responseId = null;
    if (!wasHeard) {
      this.#create(question, itemsOf(question));
      return;
    }
    this.#flushHeard();
    this.#askAboutHeard = (item) => {
      this.#heardItem = item;
      // The API takes references among the items of a response; the package's types do not know them.
      const reference = { type: 'item_reference', id: item } as unknown as ConversationItem;
      this.#create(question, [reference, askedOf({ ...question.upload, clip: null })]);
    };
    this.send({ type: 'input_audio_buffer.commit' } satisfies RealtimeClientEvent);
  }

  protected beginSpeech({ rateHz }: SpeechStart, send: (message: object) => void): SpeechStream {
    const resampler = rateHz === RATE_HZ ? null : new Resampler(rateHz, RATE_HZ);
    const append = (pcm: Int16Array) => {
      if (pcm.length > 0) send({ type: 'input_audio_buffer.append', audio: base64Of(pcm) });
    };
    this.#flushHeard = () => append(resampler === null ? new Int16Array(0) : pcmOf([resampler.flush()]));
    return {
      push: (pcm) => append(resampler === null ? pcm : pcmOf([resampler.push(floatsOf(pcm))])),
      cancel: () => send({ type: 'input_audio_buffer.clear' }),
    };
  }

  #create(question: Question, input: ConversationItem[]): void {
    const event: RealtimeClientEvent = {
      type: 'response.create',
      response: {
        conversation: 'none',
        output_modalities: ['text'],
        instructions: instructionsFor(question.upload.kind, this.options),
        input,
        // The key travels with the response, for whoever reads the provider's log.
        metadata: { key: question.upload.key.slice(0, 512) },
      },
    };
    this.send(event);
  }

  protected take(message: Record<string, unknown>): void {
    const event = message as unknown as RealtimeServerEvent;
    switch (event.type) {
      case 'input_audio_buffer.committed':
        this.#askAboutHeard?.(event.item_id);
        this.#askAboutHeard = null;
        return;
      case 'response.created':
        this.#responseId = event.response.id ?? null;
        return;
      case 'response.output_text.delta':
        if (event.response_id === this.#responseId) this.part(event.delta);
        return;
      case 'response.done':
        this.#done(event.response);
        return;
      case 'rate_limits.updated': {
        const spent = event.rate_limits.filter((limit) => limit.remaining === 0);
        const resets = spent.map((limit) => limit.reset_seconds ?? 0);
        this.#resetSeconds = resets.length === 0 ? null : Math.max(...resets);
        return;
      }
      case 'error':
        if (event.error.code === 'session_expired') this.endSoon();
        this.fail(errorOf(this.name, event.error, this.#waitMs()));
        return;
      default:
        // The API says much that is of no use here, and will say more.
        return;
    }
  }

  #done(response: RealtimeResponse): void {
    if (response.id !== this.#responseId && this.#responseId !== null) return;
    const { usage, status } = response;
    this.#forgetHeard();
    if (status === 'completed') {
      const call = (response.output ?? []).find((item) => item.type === 'function_call');
      const text = this.text;
      const answer =
        call === undefined
          ? text
          : withToolCall(text, call.name, parseJson(call.arguments) ?? call.arguments);
      this.finish(answer, {
        inputTokens: usage?.input_tokens ?? 0,
        audioTokens: usage?.input_token_details?.audio_tokens ?? 0,
        outputTokens: usage?.output_tokens ?? 0,
      });
      return;
    }
    const { error, reason } = response.status_details ?? {};
    if (error !== undefined) {
      const failure = { type: error.type ?? '', code: error.code ?? null, message: '' };
      this.fail(errorOf(this.name, failure, this.#waitMs()));
      return;
    }
    this.fail(
      new UplinkError(
        'UPLINK_REPLY',
        `${this.name}: response ${status ?? 'without status'}, ${reason ?? 'no reason'}`,
      ),
    );
  }

  /** The next question is about something else. */
  #forgetHeard(): void {
    if (this.#heardItem === null) return;
    this.send({ type: 'conversation.item.delete', item_id: this.#heardItem } satisfies RealtimeClientEvent);
    this.#heardItem = null;
  }

  #waitMs(): number | null {
    return this.#resetSeconds === null ? null : this.#resetSeconds * 1000;
  }
}

function askedOf(upload: Upload): ConversationItem {
  const audio: { type: 'input_audio'; audio: string }[] =
    upload.clip === null ? [] : [{ type: 'input_audio', audio: audioOf(upload.clip) }];
  return {
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text: textOf(upload) }, ...audio],
  };
}

function itemsOf(question: Question): ConversationItem[] {
  const asked = askedOf(question.upload);
  if (question.kind === 'ask') return [asked];
  const content = repairText(question.problem);
  return [
    asked,
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: question.answer }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: content }] },
  ];
}

function audioOf(clip: Clip): string {
  if (clip.rateHz === RATE_HZ) return base64Of(clip.pcm);
  const resampler = new Resampler(clip.rateHz, RATE_HZ);
  return base64Of(pcmOf([resampler.push(floatsOf(clip.pcm)).slice(), resampler.flush().slice()]));
}

function floatsOf(pcm: Int16Array): Float32Array {
  return Float32Array.from(pcm, fromInt16);
}

function pcmOf(blocks: readonly Float32Array[]): Int16Array {
  const pcm = new Int16Array(blocks.reduce((length, block) => length + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    for (const sample of block) pcm[at++] = toInt16(sample);
  }
  return pcm;
}

/** The code for an error of the API. Its message may quote what was said, so it goes no further. */
function errorOf(
  name: string,
  error: Pick<RealtimeError, 'type' | 'code'>,
  waitMs: number | null = null,
): UplinkError {
  const what = `${name}: ${error.type}${error.code ? ` (${error.code})` : ''}`;
  const code = error.code ?? '';
  if (/invalid_api_key|authentication|permission|insufficient_permissions/.test(`${error.type} ${code}`)) {
    return new UplinkError('UPLINK_UNAUTHORISED', what);
  }
  if (/insufficient_quota|billing/.test(`${error.type} ${code}`))
    return new UplinkError('UPLINK_QUOTA', what);
  if (/rate_limit/.test(`${error.type} ${code}`)) {
    return new UplinkError('UPLINK_THROTTLED', what, waitMs);
  }
  const isOurs = error.type === 'invalid_request_error' && code !== 'session_expired';
  return new UplinkError(isOurs ? 'UPLINK_REJECTED' : 'UPLINK_UNAVAILABLE', what);
}
