import type { Zod } from '../../../core/kind.js';
import type * as z from '../../../core/zod.js';
import { checkReachable } from '../../../egress/reachable.js';
import { secretReference } from '../../../files/secrets.js';
import { askAddress } from '../ask-address.js';
import type { ProviderKind } from '../provider-kind.js';
import { providerSettings } from '../settings.js';

const schema = (z: Zod) =>
  z.strictObject({
    ...providerSettings(z),
    kind: z
      .literal('chat')
      .describe('A server of chat completions as OpenAI defines them: llama.cpp, Ollama, vLLM, a cloud.'),
    url: z
      .url({ protocol: /^https?$/ })
      .default('http://127.0.0.1:11434')
      .describe('Address before `/v1/`.'),
    model: z.string().min(1).default('default').describe('Name of the model there.'),
    secret: secretReference(z)
      .nullable()
      .default(null)
      .describe('Bearer token, as ${NAME} or ${file:PATH}, read again at every question; null for none.'),
    capacity: z.int().positive().default(1).describe('Questions that it may be asked at once.'),
  });

/** A server of chat completions, most often in the house. */
export const chat = {
  kind: 'chat',
  schema,
  async create(
    { name, url, model, secret, capacity, maxOutputTokens },
    { dial, prompts, answerSchema, tools, folder },
  ) {
    const { createChatProvider } = await import('./chat.js');
    const { createSecret } = await import('../secret.js');
    const session = { name, model, maxOutputTokens, prompts, answerSchema, tools };
    return createChatProvider({ ...session, url, capacity, secret: createSecret(secret, { folder }), dial });
  },
  check: ({ url }, _place, wayOut) => checkReachable(url, wayOut),
  async question(ask) {
    const text = 'Address of the server, before /v1/';
    const url = await askAddress(ask, text, 'http://127.0.0.1:11434', ['http://', 'https://']);
    return {
      id: 'local',
      settings: { url, model: await ask('Model there', 'default') },
      notes: { url: 'llama.cpp: http://127.0.0.1:8080, Ollama: http://127.0.0.1:11434' },
    };
  },
} as const satisfies ProviderKind<z.infer<ReturnType<typeof schema>>>;
