import type { ActionConfig } from '../../actions/config.js';
import type { ProviderConfig } from './config.js';
import type { DialOptions } from './connection.js';
import { createGeminiProvider } from './gemini.js';
import { createOpenAiProvider } from './openai.js';
import { createPlainProvider } from './plain.js';
import type { Tool } from './prompt.js';
import type { Provider } from './provider.js';
import { createSecret } from './secret.js';

/** What every provider is told: its instructions, how an answer looks, and what an answer may ask for. */
export interface ProviderInstructions {
  readonly prompts: Readonly<Record<'voice' | 'sensor', string>>;
  readonly answerSchema: Readonly<Record<string, unknown>>;
  readonly actions: Readonly<Record<string, ActionConfig>>;
}

/** Makes the provider of a configuration entry. Opens nothing. */
export function createProvider(
  provider: ProviderConfig,
  { prompts, answerSchema, actions }: ProviderInstructions,
  dial: DialOptions,
): Provider {
  const { name, url, maxOutputTokens } = provider;
  const secret = createSecret(provider.secret);
  const base = { name, url, secret, dial, prompts, answerSchema };
  switch (provider.kind) {
    case 'plain':
      return createPlainProvider(base);
    case 'openai-realtime':
      return createOpenAiProvider({
        ...base,
        model: provider.model,
        maxOutputTokens,
        tools: toolsOf(actions),
      });
    case 'gemini-live':
      return createGeminiProvider({
        ...base,
        model: provider.model,
        maxOutputTokens,
        tools: toolsOf(actions),
      });
  }
}

function toolsOf(actions: Readonly<Record<string, ActionConfig>>): Tool[] {
  return Object.entries(actions).map(([name, action]) => ({ name, parameters: slotsOf(action) }));
}

/** The slots an action's texts name are what the model has to give. */
function slotsOf(action: ActionConfig): string[] {
  const texts = Object.values(action)
    .flat()
    .filter((value) => typeof value === 'string');
  const slots = texts.flatMap((text) => [...text.matchAll(/\{([\w.-]+)\}/g)].map((match) => match[1] ?? ''));
  return [...new Set(slots)];
}
