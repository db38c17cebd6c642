import type { Zod } from '../../../core/kind.js';
import type * as z from '../../../core/zod.js';
import { checkReachable } from '../../../egress/reachable.js';
import { secretReference } from '../../../files/secrets.js';
import { askAddress } from '../ask-address.js';
import type { ProviderKind } from '../provider-kind.js';
import { addressSettings, providerSettings } from '../settings.js';

const schema = (z: Zod) =>
  z.strictObject({
    ...providerSettings(z),
    kind: z.literal('plain').describe("Catnap's own JSON protocol (docs/UPLINK.md)."),
    url: addressSettings(z),
    secret: secretReference(z)
      .nullable()
      .default(null)
      .describe(
        'Bearer token sent with the upgrade, as ${NAME} or ${file:PATH}, read again at every connection; null for none.',
      ),
  });

/** A far end that speaks Catnap's own protocol. */
export const plain = {
  kind: 'plain',
  schema,
  async create({ name, url, secret }, { dial, prompts, answerSchema, folder }) {
    const { createPlainProvider } = await import('./plain.js');
    const { createSecret } = await import('../secret.js');
    return createPlainProvider({
      name,
      url,
      secret: createSecret(secret, { folder }),
      dial,
      prompts,
      answerSchema,
    });
  },
  check: ({ url }, _place, wayOut) => checkReachable(url, wayOut),
  async question(ask) {
    const text = 'WebSocket address (the default: `catnap cloud-emulator`)';
    const url = await askAddress(ask, text, 'ws://127.0.0.1:8421', ['ws://', 'wss://']);
    return {
      id: 'cloud',
      settings: { url },
      notes: { url: 'secret: ${NAME} or ${file:PATH} beside it is sent as a bearer token' },
    };
  },
} as const satisfies ProviderKind<z.infer<ReturnType<typeof schema>>>;
