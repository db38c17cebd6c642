import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import { createWayOut } from '../egress/way-out.js';

const ANSWER_MS = 2000;
/** Addresses that are listened on and cannot be called. */
const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** What `GET /healthz` of a Catnap answers. */
const answerSchema = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
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
    // This machine itself: looked at also where nothing may leave it.
    const wayOut = createWayOut(false);
    const options = { signal: AbortSignal.timeout(ANSWER_MS) };
    const passage = { what: 'connect', to: name, bytes: 0 } as const;
    const response = await wayOut.leave(passage, () => fetch(`${url}/healthz`, options));
    const answer = answerSchema.safeParse(parseJson(await response.text()));
    return answer.success ? { url, status: answer.data.status } : null;
  } catch {
    return null;
  }
}
