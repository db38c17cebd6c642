import type { Zod } from '../../../core/kind.js';
import type * as z from '../../../core/zod.js';
import { checkReachable } from '../../../egress/reachable.js';
import { secretReference } from '../../../files/secrets.js';
import type { ProviderKind } from '../provider-kind.js';
import { addressSettings, providerSettings } from '../settings.js';

const LIVE_URL =
  'wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';

const schema = (z: Zod) => {
  const settings = providerSettings(z);
  return z.strictObject({
    ...settings,
    name: settings.name.default('gemini'),
    kind: z.literal('gemini-live').describe("Gemini's Live API."),
    url: addressSettings(z).default(LIVE_URL),
    model: z.string().min(1).describe('Model that answers with text, e.g. models/gemini-2.0-flash-live-001.'),
    secret: secretReference(z)
      .prefault('${GEMINI_API_KEY}')
      .describe('API key, as ${NAME} or ${file:PATH}; read again at every connection.'),
  });
};

/** Gemini's Live API. */
export const geminiLive = {
  kind: 'gemini-live',
  schema,
  async create(
    { name, url, secret, model, maxOutputTokens },
    { dial, prompts, answerSchema, tools, folder },
  ) {
    const { createGeminiProvider } = await import('./gemini-live.js');
    const { createSecret } = await import('../secret.js');
    const session = { name, model, maxOutputTokens, prompts, answerSchema, tools };
    return createGeminiProvider({ ...session, url, secret: createSecret(secret, { folder }), dial });
  },
  check: ({ url }, _place, wayOut) => checkReachable(url, wayOut),
  async question(ask) {
    return {
      id: 'gemini',
      settings: { model: await ask('Model', 'models/gemini-2.0-flash-live-001') },
      notes: { model: 'the key is read from the environment: GEMINI_API_KEY' },
    };
  },
} as const satisfies ProviderKind<z.infer<ReturnType<typeof schema>>>;
