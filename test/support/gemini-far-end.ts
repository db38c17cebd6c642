import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

const content = z.strictObject({
  role: z.enum(['user', 'model']),
  parts: z.array(z.strictObject({ text: z.string() })).min(1),
});

/**
 * The client messages of the Live API that Catnap may send, from its reference (ai.google.dev/api/live,
 * "BidiGenerateContentClientMessage"): exactly one of these fields.
 */
export const geminiClientMessageSchema = z.union([
  z.strictObject({
    setup: z.strictObject({
      model: z.string().regex(/^models\//),
      generationConfig: z.strictObject({
        responseModalities: z.array(z.enum(['TEXT', 'AUDIO'])).length(1),
        maxOutputTokens: z.int().positive(),
      }),
      systemInstruction: z.strictObject({ parts: z.array(z.strictObject({ text: z.string() })) }),
      tools: z
        .array(
          z.strictObject({
            functionDeclarations: z.array(
              z.strictObject({ name: z.string(), parameters: z.looseObject({ type: z.literal('object') }) }),
            ),
          }),
        )
        .optional(),
      realtimeInputConfig: z.strictObject({
        automaticActivityDetection: z.strictObject({ disabled: z.boolean() }),
      }),
      sessionResumption: z.strictObject({ handle: z.string().optional() }),
      contextWindowCompression: z.strictObject({ slidingWindow: z.strictObject({}) }),
    }),
  }),
  z.strictObject({
    clientContent: z.strictObject({ turns: z.array(content).min(1), turnComplete: z.boolean() }),
  }),
  z.strictObject({
    realtimeInput: z.union([
      z.strictObject({ activityStart: z.strictObject({}) }),
      z.strictObject({ activityEnd: z.strictObject({}) }),
      z.strictObject({ text: z.string() }),
      z.strictObject({
        audio: z.strictObject({ data: z.base64(), mimeType: z.string().regex(/^audio\/pcm;rate=\d+$/) }),
      }),
    ]),
  }),
  z.strictObject({
    toolResponse: z.strictObject({
      functionResponses: z.array(
        z.strictObject({
          id: z.string().optional(),
          name: z.string(),
          response: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  }),
]);

export type GeminiClientMessage = z.infer<typeof geminiClientMessageSchema>;

/** The server's side of one connection. */
export interface GeminiFar {
  readonly socket: WebSocket;
  /** Which connection this is, from 1. */
  readonly connection: number;
  /** Sends a message as the API does: JSON in a binary frame. */
  send(message: object): void;
  /** Streams a text answer and ends the turn. */
  answer(text: string): void;
}

/** A scripted Live API server that checks everything it is sent. */
export class GeminiFarEnd {
  readonly violations: string[] = [];
  readonly messages: GeminiClientMessage[] = [];
  /** Connections open at the same time, at most. */
  mostOpen = 0;
  #connections = 0;

  private constructor(
    private readonly server: WebSocketServer,
    private readonly script: (message: GeminiClientMessage, far: GeminiFar) => void,
  ) {
    server.on('connection', (socket, request) => {
      this.mostOpen = Math.max(this.mostOpen, server.clients.size);
      if (request.headers['x-goog-api-key'] !== 'key') this.violations.push('x-goog-api-key: missing');
      const far = farOf(socket, ++this.#connections);
      socket.on('message', (data) => this.#take(String(data), far));
    });
  }

  static async start(script: (message: GeminiClientMessage, far: GeminiFar) => void): Promise<GeminiFarEnd> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    return new GeminiFarEnd(server, script);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #take(text: string, far: GeminiFar): void {
    const parsed = geminiClientMessageSchema.safeParse(JSON.parse(text));
    if (!parsed.success) {
      this.violations.push(z.prettifyError(parsed.error));
      return;
    }
    this.messages.push(parsed.data);
    this.script(parsed.data, far);
  }
}

function farOf(socket: WebSocket, connection: number): GeminiFar {
  const send = (message: object) => socket.send(Buffer.from(JSON.stringify(message)));
  return {
    socket,
    connection,
    send,
    answer(text) {
      for (const piece of text.match(/.{1,9}/gs) ?? []) {
        send({ serverContent: { modelTurn: { role: 'model', parts: [{ text: piece }] } } });
      }
      send({ serverContent: { generationComplete: true } });
      const usageMetadata = { promptTokenCount: 100, responseTokenCount: 20, totalTokenCount: 120 };
      send({ serverContent: { turnComplete: true }, usageMetadata });
    },
  };
}
