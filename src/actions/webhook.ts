import { CatnapError, whyUnfetched } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { audited } from '../egress/audited.js';
import { checkReachable } from '../egress/reachable.js';
import { type ActionKind, auditOf, messageOf, valuesOf } from './action-kind.js';
import { asUrlPart, fill, fillMessage } from './placeholders.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('webhook'),
      url: z.url({ protocol: /^https?$/ }).describe('Address that is posted to; {placeholders} are encoded.'),
      headers: z
        .record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'a name of an HTTP header'), z.string())
        .default({})
        .describe('Further headers, as `authorization`; secrets in them as ${NAME}.'),
      body: z
        .string()
        .nullable()
        .default(null)
        .describe('What is posted, with {placeholders}; null: all that is known, as JSON.'),
    })
    .describe('Posts a message, JSON as a rule.');

/** Posts what is known of what happened, or a message of one's own. */
export const webhook = {
  kind: 'webhook',
  schema,
  plan(request, _place, edges) {
    const { action } = request;
    const values = valuesOf(request);
    const url = new URL(fill(action.url, values, asUrlPart));
    const body = action.body === null ? messageOf(request) : fillMessage(action.body, values);
    const passage = { what: 'webhook', to: url.host, bytes: Buffer.byteLength(body) } as const;
    const headers = headersOf(action.headers, body);
    // What is posted goes where the configuration says, and its token with it: nowhere else.
    const init = { method: 'POST', body, headers, redirect: 'error' } as const;
    const send = (signal: AbortSignal) => edges.wayOut.leave(passage, () => fetch(url, { ...init, signal }));
    return {
      what: `POST ${url.host}${url.pathname}`,
      act: async (signal) => {
        const answer = async () => statusOf(url, await answered(url, send(signal)));
        await audited(auditOf(request, passage), edges, answer);
      },
    };
  },
  async check({ url }, _place, wayOut) {
    return checkReachable(url, wayOut);
  },
} as const satisfies ActionKind<z.infer<ReturnType<typeof schema>>>;

async function answered(url: URL, asked: Promise<Response>): Promise<Response> {
  try {
    return await asked;
  } catch (error) {
    const why = `expected an answer, found ${whyUnfetched(error)}`;
    throw new CatnapError('UPLINK_UNAVAILABLE', `${url.host}: ${why}`, { cause: error });
  }
}

function headersOf(given: Readonly<Record<string, string>>, body: string): Headers {
  const headers = new Headers(given);
  const type = parseJson(body) === undefined ? 'text/plain; charset=utf-8' : 'application/json';
  if (!headers.has('content-type')) headers.set('content-type', type);
  return headers;
}

async function statusOf({ host }: URL, response: Response): Promise<string> {
  await response.body?.cancel();
  if (!response.ok) {
    throw new CatnapError('UPLINK_REJECTED', `${host}: answered with status ${response.status}`);
  }
  return `status ${response.status}`;
}
