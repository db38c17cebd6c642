import type { SpeechStart } from '../../../core/cascade/escalation.js';
import * as z from '../../../core/zod.js';
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

export interface GeminiOptions extends SessionOptions {
  /** Address of `...v1beta.GenerativeService.BidiGenerateContent`, or of another far end that speaks it. */
  readonly url: string;
  readonly secret: Secret;
  readonly dial: DialOptions;
}

/** What the server says (ai.google.dev/api/live, "BidiGenerateContentServerMessage"); the rest is passed over. */
const serverMessageSchema = z.object({
  setupComplete: z.object({}).optional(),
  serverContent: z
    .object({
      modelTurn: z
        .object({ parts: z.array(z.object({ text: z.string().optional() })).default([]) })
        .optional(),
      turnComplete: z.boolean().optional(),
      interrupted: z.boolean().optional(),
    })
    .optional(),
  toolCall: z
    .object({
      functionCalls: z.array(
        z.object({
          id: z.string().optional(),
          name: z.string(),
          args: z.record(z.string(), z.unknown()).default({}),
        }),
      ),
    })
    .optional(),
  goAway: z.object({ timeLeft: z.string().optional() }).optional(),
  sessionResumptionUpdate: z
    .object({ newHandle: z.string().optional(), resumable: z.boolean().optional() })
    .optional(),
  usageMetadata: z
    .object({
      promptTokenCount: z.int().optional(),
      promptTokensDetails: z.array(z.object({ modality: z.string(), tokenCount: z.int() })).optional(),
      responseTokenCount: z.int().optional(),
    })
    .optional(),
});

/** Samples of one `realtimeInput` message: a tenth of a second at 16 kHz. */
const CHUNK_SAMPLES = 1_600;

/**
 * Gemini's Live API. The server may end a connection with notice (`goAway`) or without; the next one then resumes the
 * session by the newest handle, after the old socket is closed. A handle that the server no longer knows is forgotten.
 */
export function createGeminiProvider(options: GeminiOptions): Provider {
  const { name, secret, dial, url } = options;
  const resumption: Resumption = { handle: null };
  return {
    name,
    secret,
    async open(signal) {
      const token = secret.read();
      const headers: Record<string, string> = token === null ? {} : { 'x-goog-api-key': token };
      const connection = await connect(
        { ...dial, url, headers, subprotocols: [], allowsBinary: true },
        signal,
      );
      const { handle } = resumption;
      // Set anew by the session: what fails with this handle is tried without it next time.
      resumption.handle = null;
      const greetingBytes = connection.send(JSON.stringify({ setup: setupOf(options, handle) }));
      await firstMessage(connection, name, dial, (message) => {
        return serverMessageSchema.safeParse(message).data?.setupComplete === undefined ? null : true;
      });
      return new GeminiSession(options, connection, greetingBytes, resumption);
    },
  };
}

interface Resumption {
  handle: string | null;
}

function setupOf(options: GeminiOptions, handle: string | null) {
  const text = (['voice', 'sensor'] as const)
    .map((kind) => `When "kind" is "${kind}": ${instructionsFor(kind, options)}`)
    .join('\n\n');
  const functionDeclarations = options.tools.map((tool) => ({
    name: tool.name,
    parameters: parametersOf(tool),
  }));
  return {
    model: options.model.startsWith('models/') ? options.model : `models/${options.model}`,
    generationConfig: { responseModalities: ['TEXT'], maxOutputTokens: options.maxOutputTokens },
    systemInstruction: { parts: [{ text }] },
    ...(functionDeclarations.length === 0 ? {} : { tools: [{ functionDeclarations }] }),
    // The end of speech was found on the device.
    realtimeInputConfig: { automaticActivityDetection: { disabled: true } },
    sessionResumption: handle === null ? {} : { handle },
    contextWindowCompression: { slidingWindow: {} },
  };
}

const NO_TOKENS = { inputTokens: 0, audioTokens: 0, outputTokens: 0 };

class GeminiSession extends OneAtATime {
  #tokens = NO_TOKENS;
  #call: { readonly name: string; readonly parameters: unknown } | null = null;

  constructor(
    options: GeminiOptions,
    connection: Connection,
    greetingBytes: number,
    private readonly resumption: Resumption,
  ) {
    super(options.name, connection, greetingBytes);
  }

  protected begin(question: Question, wasHeard: boolean): void {
    this.#tokens = NO_TOKENS;
    this.#call = null;
    const { upload } = question;
    if (wasHeard) {
      this.send({ realtimeInput: { text: textOf(upload) } });
      this.send({ realtimeInput: { activityEnd: {} } });
      return;
    }
    if (question.kind === 'ask' && upload.clip !== null) {
      this.#speak(upload, upload.clip);
      return;
    }
    const asked = { role: 'user', parts: [{ text: textOf(upload) }] };
    const turns =
      question.kind === 'ask'
        ? [asked]
        : [
            asked,
            { role: 'model', parts: [{ text: question.answer }] },
            { role: 'user', parts: [{ text: repairText(question.problem) }] },
          ];
    this.send({ clientContent: { turns, turnComplete: true } });
  }

  protected beginSpeech({ rateHz }: SpeechStart, send: (message: object) => void): SpeechStream {
    send({ realtimeInput: { activityStart: {} } });
    return {
      push: (pcm) => {
        for (const message of audioMessages(pcm, rateHz)) send(message);
      },
      // Nothing takes speech back: the end of the activity would be answered. The session ends, and is not resumed.
      cancel: () => {
        this.resumption.handle = null;
        this.close();
      },
    };
  }

  protected take(raw: Record<string, unknown>): void {
    const parsed = serverMessageSchema.safeParse(raw);
    if (!parsed.success) {
      this.fail(new UplinkError('UPLINK_REPLY', `${this.name}: sent a message that is not of the protocol`));
      return;
    }
    const { serverContent, toolCall, goAway, sessionResumptionUpdate, usageMetadata } = parsed.data;
    if (sessionResumptionUpdate?.resumable === true && sessionResumptionUpdate.newHandle) {
      this.resumption.handle = sessionResumptionUpdate.newHandle;
    }
    if (goAway !== undefined) this.endSoon();
    if (usageMetadata !== undefined) {
      const details = usageMetadata.promptTokensDetails ?? [];
      const audio = details.find(({ modality }) => modality === 'AUDIO');
      this.#tokens = {
        inputTokens: usageMetadata.promptTokenCount ?? this.#tokens.inputTokens,
        audioTokens: audio?.tokenCount ?? this.#tokens.audioTokens,
        outputTokens: usageMetadata.responseTokenCount ?? this.#tokens.outputTokens,
      };
    }
    for (const part of serverContent?.modelTurn?.parts ?? [])
      if (part.text !== undefined) this.part(part.text);
    if (toolCall !== undefined) this.#onToolCall(toolCall.functionCalls);
    if (serverContent?.turnComplete === true) {
      const { text } = this;
      const answer = this.#call === null ? text : withToolCall(text, this.#call.name, this.#call.parameters);
      this.finish(answer, this.#tokens);
    }
  }

  /** Audio as the API wants speech: activity marked by us, 16-bit samples in small pieces at their own rate. */
  #speak(upload: Upload, clip: NonNullable<Upload['clip']>): void {
    this.send({ realtimeInput: { activityStart: {} } });
    this.send({ realtimeInput: { text: textOf(upload) } });
    for (const message of audioMessages(clip.pcm, clip.rateHz)) this.send(message);
    this.send({ realtimeInput: { activityEnd: {} } });
  }

  /**
   * The model waits for a result before it ends its turn. What it asked for is done only once its answer is
   * checked.
   */
  #onToolCall(
    calls: readonly { readonly id?: string | undefined; readonly name: string; readonly args: unknown }[],
  ): void {
    const [first] = calls;
    if (first !== undefined) this.#call ??= { name: first.name, parameters: first.args };
    const functionResponses = calls.map(({ id, name }) => ({
      ...(id === undefined ? {} : { id }),
      name,
      response: { result: 'accepted for checking' },
    }));
    this.send({ toolResponse: { functionResponses } });
  }
}

function audioMessages(pcm: Int16Array, rateHz: number): object[] {
  const mimeType = `audio/pcm;rate=${rateHz}`;
  return Array.from({ length: Math.ceil(pcm.length / CHUNK_SAMPLES) }, (_, index) => {
    const data = base64Of(pcm.subarray(index * CHUNK_SAMPLES, (index + 1) * CHUNK_SAMPLES));
    return { realtimeInput: { audio: { data, mimeType } } };
  });
}
