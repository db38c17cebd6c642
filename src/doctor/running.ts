import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import { createWayOut } from '../egress/way-out.js';

const ANSWER_MS = 2000;
/** Health is short; what is longer is something else's. */
const MOST_CHARACTERS = 65_536;
/** Addresses that are listened on and cannot be called. */
const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** What `GET /healthz` of a Catnap answers. */
const answerSchema = z.object({
  status: z.enum(['starting', 'ok', 'degraded', 'down']),
  components: z.record(z.string(), z.string()),
});

/** A Catnap that runs on this machine already. */
export interface RunningCatnap {
  readonly url: string;
  readonly status: string;
}

/** The Catnap whose dashboard listens at an address of this machine; null: nothing does, or something else. */
export async function runningCatnap(host: string, port: number): Promise<RunningCatnap | null> {
  const name = ANY[host] ?? host;
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
  try {
    const answer = answerSchema.safeParse(parseJson(await textOf(`${url}/healthz`, name)));
    return answer.success ? { url, status: answer.data.status } : null;
  } catch {
    return null;
  }
}

/** Not by `fetch`: hung up on before it has asked, it holds nothing open, and the process ends without a word. */
async function textOf(address: string, name: string): Promise<string> {
  // This machine itself: looked at also where nothing may leave it.
  const passage = { what: 'connect', to: name, bytes: 0 } as const;
  const { get } = await import('node:http');
  const request = createWayOut(false).leave(passage, () =>
    get(address, { agent: false, timeout: ANSWER_MS }),
  );
  request.once('timeout', () => request.destroy());
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > MOST_CHARACTERS) break;
    }
    return text;
  } finally {
    request.destroy();
  }
}
