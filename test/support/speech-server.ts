import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a server of speech to text was asked. */
interface Asked {
  readonly path: string;
  readonly form: FormData | null;
  readonly json: { messages?: { content: unknown }[] } | null;
}

type Answer = (asked: Asked) => { readonly status?: number; readonly body: unknown } | null;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A server on this machine that is asked as whisper.cpp's, llama.cpp's and others are; null: it never answers. */
export async function serving(answer: Answer): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (bytes) => {
      const type = request.headers['content-type'] ?? '';
      const isForm = type.startsWith('multipart/form-data');
      const form = isForm
        ? await new Response(bytes, { headers: { 'content-type': type } }).formData()
        : null;
      const json = isForm ? null : JSON.parse(bytes.toString('utf8'));
      const question = { path: request.url ?? '', form, json };
      asked.push(question);
      const said = answer(question);
      if (said === null) return;
      response.writeHead(said.status ?? 200, { 'content-type': 'application/json' });
      response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
