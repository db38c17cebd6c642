import type { AddressInfo } from 'node:net';
import type {
  ConversationItem,
  RealtimeClientEvent,
  RealtimeServerEvent,
} from 'openai/resources/realtime/realtime';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

const functionTool = z.strictObject({
  type: z.literal('function'),
  name: z.string().max(64),
  parameters: z.looseObject({ type: z.literal('object') }),
});

const userItem = z.strictObject({
  type: z.literal('message'),
  role: z.literal('user'),
  content: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('input_text'), text: z.string() }),
      z.strictObject({ type: z.literal('input_audio'), audio: z.base64() }),
    ]),
  ),
});

const assistantItem = z.strictObject({
  type: z.literal('message'),
  role: z.literal('assistant'),
  content: z.array(z.strictObject({ type: z.literal('output_text'), text: z.string() })),
});

/** Among the items of a response out of band, as the API's guide has it; the package's types lack it. */
const itemReference = z.strictObject({ type: z.literal('item_reference'), id: z.string() });

/** The client events of the GA Realtime API that Catnap may send, as the `openai` package publishes them. */
export const openAiClientEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('session.update'),
    session: z.strictObject({
      type: z.literal('realtime'),
      output_modalities: z.array(z.enum(['text', 'audio'])).max(1),
      audio: z.strictObject({
        input: z.strictObject({
          format: z.strictObject({ type: z.literal('audio/pcm'), rate: z.literal(24_000) }),
          turn_detection: z.null(),
        }),
      }),
      max_output_tokens: z.int().min(1).max(4096),
      tools: z.array(functionTool),
      tool_choice: z.enum(['auto', 'none', 'required']),
    }),
  }),
  z.strictObject({
    type: z.literal('response.create'),
    response: z.strictObject({
      conversation: z.enum(['auto', 'none']),
      output_modalities: z.array(z.enum(['text', 'audio'])).max(1),
      instructions: z.string(),
      input: z.array(z.union([userItem, assistantItem, itemReference])).min(1),
      metadata: z.record(z.string().max(64), z.string().max(512)),
    }),
  }),
  z.strictObject({ type: z.literal('input_audio_buffer.append'), audio: z.base64().min(1) }),
  z.strictObject({ type: z.literal('input_audio_buffer.commit') }),
  z.strictObject({ type: z.literal('input_audio_buffer.clear') }),
  z.strictObject({ type: z.literal('conversation.item.delete'), item_id: z.string() }),
]);

/** The API commits no less than 100 ms: at 24 kHz, 16 bit. */
const MIN_COMMIT_BYTES = 4_800;

type Checked = z.infer<typeof openAiClientEventSchema>;
/** Does not compile where the schema above lets through what the package's types do not know. */
export const asPublished = (event: Exclude<Checked, { type: 'response.create' }>): RealtimeClientEvent =>
  event;
export const asPublishedItem = (
  item: z.infer<typeof userItem> | z.infer<typeof assistantItem>,
): ConversationItem => item;

export type ResponseCreate = Extract<Checked, { type: 'response.create' }>['response'];

/** A scripted OpenAI Realtime server that checks everything it is sent. */
export class OpenAiFarEnd {
  readonly violations: string[] = [];
  readonly asked: ResponseCreate[] = [];
  readonly updates: Extract<Checked, { type: 'session.update' }>['session'][] = [];
  readonly urls: string[] = [];
  /** Bytes of audio in the input buffer, and the types of what came about it, in order. */
  bufferedBytes = 0;
  readonly buffering: string[] = [];
  #count = 0;

  private constructor(
    private readonly server: WebSocketServer,
    private readonly script: (response: ResponseCreate, far: Far, attempt: number) => void,
  ) {
    server.on('connection', (socket, request) => {
      this.urls.push(request.url ?? '');
      if (request.headers.authorization !== 'Bearer sk-test') {
        const error = {
          type: 'invalid_request_error',
          code: 'invalid_api_key',
          message: 'Incorrect API key',
        };
        send(socket, { type: 'error', event_id: 'e', error });
        socket.close(3000);
        return;
      }
      const session = { type: 'realtime' as const, model: 'gpt-realtime' };
      send(socket, { type: 'session.created', event_id: 'e0', session });
      socket.on('message', (data) => this.#take(socket, String(data)));
    });
  }

  static async start(
    script: (response: ResponseCreate, far: Far, attempt: number) => void,
  ): Promise<OpenAiFarEnd> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 16 * 1024 * 1024 });
    await new Promise((resolve) => server.once('listening', resolve));
    return new OpenAiFarEnd(server, script);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/realtime`;
  }

  async close(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #buffer(
    socket: WebSocket,
    event: Exclude<Checked, { type: 'response.create' } | { type: 'session.update' }>,
  ): void {
    if (this.buffering.at(-1) !== event.type) this.buffering.push(event.type);
    switch (event.type) {
      case 'input_audio_buffer.append':
        this.bufferedBytes += Buffer.byteLength(event.audio, 'base64');
        return;
      case 'input_audio_buffer.clear':
        this.bufferedBytes = 0;
        return;
      case 'input_audio_buffer.commit':
        if (this.bufferedBytes < MIN_COMMIT_BYTES) this.violations.push('commit of less than 100 ms');
        send(socket, {
          type: 'input_audio_buffer.committed',
          event_id: 'b',
          item_id: 'item_heard',
          previous_item_id: null,
        });
        return;
      case 'conversation.item.delete':
        return;
    }
  }

  #take(socket: WebSocket, text: string): void {
    const parsed = openAiClientEventSchema.safeParse(JSON.parse(text));
    if (!parsed.success) {
      this.violations.push(z.prettifyError(parsed.error));
      return;
    }
    const event = parsed.data;
    if (event.type === 'session.update') {
      this.updates.push(event.session);
      send(socket, { type: 'session.updated', event_id: 'e1', session: event.session });
      return;
    }
    if (event.type !== 'response.create') {
      this.#buffer(socket, event);
      return;
    }
    this.buffering.push(event.type);
    this.asked.push(event.response);
    this.script(event.response, new Far(socket, `resp_${this.#count++}`), this.asked.length);
  }
}

/** The server's side of one response. */
export class Far {
  constructor(
    readonly socket: WebSocket,
    private readonly response: string,
  ) {}

  event(event: RealtimeServerEvent): void {
    send(this.socket, event);
  }

  /** Streams a text answer as the API does. */
  answer(text: string): void {
    const { response } = this;
    const at = { response_id: response, item_id: 'item', output_index: 0, content_index: 0 };
    this.event({
      type: 'response.created',
      event_id: 'a',
      response: { id: response, status: 'in_progress' },
    });
    for (const delta of text.match(/.{1,7}/gs) ?? []) {
      this.event({ type: 'response.output_text.delta', event_id: 'b', delta, ...at });
    }
    this.event({ type: 'response.output_text.done', event_id: 'c', text, ...at });
    this.done({ status: 'completed' });
  }

  done(rest: object): void {
    const usage = { input_tokens: 321, output_tokens: 45, total_tokens: 366 };
    this.event({ type: 'response.done', event_id: 'd', response: { id: this.response, usage, ...rest } });
  }
}

function send(socket: WebSocket, event: RealtimeServerEvent): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event));
}
