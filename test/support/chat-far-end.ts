import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

/** A request as the published reference of chat completions has it (platform.openai.com/docs/api-reference/chat). */
const requestSchema = z.strictObject({
  model: z.string().min(1),
  messages: z
    .array(
      z.discriminatedUnion('role', [
        z.strictObject({ role: z.literal('system'), content: z.string() }),
        z.strictObject({
          role: z.literal('user'),
          content: z.union([
            z.string(),
            z.array(
              z.discriminatedUnion('type', [
                z.strictObject({ type: z.literal('text'), text: z.string() }),
                z.strictObject({
                  type: z.literal('input_audio'),
                  input_audio: z.strictObject({ data: z.base64(), format: z.enum(['wav', 'mp3']) }),
                }),
              ]),
            ),
          ]),
        }),
        z.strictObject({ role: z.literal('assistant'), content: z.string() }),
      ]),
    )
    .min(1),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().positive().optional(),
  response_format: z
    .strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: z.string().regex(/^[\w-]{1,64}$/),
        schema: z.record(z.string(), z.unknown()),
      }),
    })
    .optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name: z.string().regex(/^[\w-]{1,64}$/),
          parameters: z.record(z.string(), z.unknown()),
        }),
      }),
    )
    .optional(),
});

export type ChatRequest = z.infer<typeof requestSchema>;

/** What such a server says to a request: an answer, a tool call, an HTTP status, or nothing at all (null). */
export type ChatReply =
  | { readonly content: string }
  | { readonly call: { readonly name: string; readonly arguments: string } }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly raw: string }
  | null;

/** A server of chat completions as llama.cpp and Ollama are, that checks every request against the reference. */
export class ChatFarEnd {
  readonly requests: ChatRequest[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  readonly paths: string[] = [];
  readonly violations: string[] = [];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  /** @param script says what is answered; what it awaits is how long that takes. */
  static async start(
    script: (request: ChatRequest) => ChatReply | Promise<ChatReply>,
    port = 0,
  ): Promise<ChatFarEnd> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const far = new ChatFarEnd(url, server);
    server.on('request', async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      far.paths.push(request.url ?? '');
      far.headers.push(request.headers);
      const parsed = requestSchema.safeParse(JSON.parse(body));
      if (!parsed.success) {
        far.violations.push(z.prettifyError(parsed.error));
        return response.writeHead(400).end();
      }
      far.requests.push(parsed.data);
      const reply = await script(parsed.data);
      if (reply === null) return;
      if ('status' in reply) return response.writeHead(reply.status, reply.headers ?? {}).end();
      response.writeHead(200, { 'content-type': 'application/json' });
      if ('raw' in reply) return response.end(reply.raw);
      const message =
        'content' in reply
          ? { role: 'assistant', content: reply.content }
          : {
              role: 'assistant',
              content: null,
              tool_calls: [{ id: 'c1', type: 'function', function: reply.call }],
            };
      const usage = { prompt_tokens: 200, completion_tokens: 20, total_tokens: 220 };
      return response.end(
        JSON.stringify({
          id: 'x',
          object: 'chat.completion',
          choices: [{ index: 0, message, finish_reason: 'stop' }],
          usage,
        }),
      );
    });
    return far;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** An answer of the default schema. */
export function says(text: string, label = 'weather'): ChatReply {
  return { content: JSON.stringify({ label, text }) };
}
