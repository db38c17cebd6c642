import type { Zod } from '../../../core/kind.js';
import type * as z from '../../../core/zod.js';
import { checkReachable } from '../../../egress/reachable.js';
import { secretReference } from '../../../files/secrets.js';
import type { ProviderKind } from '../provider-kind.js';
import { addressSettings, providerSettings } from '../settings.js';

const schema = (z: Zod) => {
  const settings = providerSettings(z);
  return z.strictObject({
    ...settings,
    name: settings.name.default('openai'),
    kind: z.literal('openai-realtime').describe("OpenAI's Realtime API."),
    url: addressSettings(z).default('wss://api.openai.com/v1/realtime'),
    model: z.string().min(1).default('gpt-realtime').describe('Model that answers.'),
    secret: secretReference(z)
      .prefault('${OPENAI_API_KEY}')
      .describe('API key, as ${NAME} or ${file:PATH}; read again at every connection.'),
  });
};

/** OpenAI's Realtime API. */
export const openaiRealtime = {
  kind: 'openai-realtime',
  schema,
  async create(
    { name, url, secret, model, maxOutputTokens },
    { dial, prompts, answerSchema, tools, folder },
  ) {
    const { createOpenAiProvider } = await import('./openai-realtime.js');
    const { createSecret } = await import('../secret.js');
    const session = { name, model, maxOutputTokens, prompts, answerSchema, tools };
    return createOpenAiProvider({ ...session, url, secret: createSecret(secret, { folder }), dial });
  },
  check: ({ url }, _place, wayOut) => checkReachable(url, wayOut),
  async question(ask) {
    return {
      id: 'openai',
      settings: { model: await ask('Model', 'gpt-realtime') },
      notes: { model: 'the key is read from the environment: OPENAI_API_KEY' },
    };
  },
} as const satisfies ProviderKind<z.infer<ReturnType<typeof schema>>>;
