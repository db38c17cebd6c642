import { CatnapError } from '../core/errors.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { checkReachable } from '../egress/reachable.js';
import type { ActionKind } from './action-kind.js';
import { audited } from './audited.js';
import { asUrlPart, fill } from './template.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('webhook'),
      url: z
        .url({ protocol: /^https?$/ })
        .describe('Address that is sent a JSON body with intent and slots.'),
    })
    .describe('Posts JSON.');

/** Posts intent and slots as JSON. */
export const webhook = {
  kind: 'webhook',
  schema,
  plan(request, _place, edges) {
    const { action, name, slots, detection } = request;
    const url = new URL(fill(action.url, slots, asUrlPart));
    const body = JSON.stringify({ intent: name, slots, detection });
    const passage = { what: 'webhook', to: url.host, bytes: Buffer.byteLength(body) } as const;
    const send = (signal: AbortSignal) =>
      edges.gate.leave(passage, () =>
        fetch(url, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
          signal,
          redirect: 'error',
        }),
      );
    return {
      what: `POST ${url.host}${url.pathname}`,
      act: (signal) => audited(request, passage, edges, async () => statusOf(url, await send(signal))),
    };
  },
  async check({ url }, _place, gate) {
    return checkReachable(url, gate);
  },
} as const satisfies ActionKind<z.infer<ReturnType<typeof schema>>>;

async function statusOf({ host }: URL, response: Response): Promise<string> {
  await response.body?.cancel();
  if (!response.ok) {
    throw new CatnapError('UPLINK_REJECTED', `${host}: answered with status ${response.status}`);
  }
  return `status ${response.status}`;
}
