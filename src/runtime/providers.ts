import { tableOf } from '../core/kind.js';
import { chat } from '../uplink/providers/chat/kind.js';
import { geminiLive } from '../uplink/providers/gemini-live/kind.js';
import { module } from '../uplink/providers/module.js';
import { openaiRealtime } from '../uplink/providers/openai-realtime/kind.js';
import { plain } from '../uplink/providers/plain/kind.js';
import type { Provider } from '../uplink/providers/provider.js';
import type { ProviderEdges, ProviderKind, ProviderPlace } from '../uplink/providers/provider-kind.js';
import type { ProviderConfig } from '../uplink/providers/settings.js';

/** Every kind of provider: configuration, `doctor`, `init` and the uplink are made from it. */
export const PROVIDERS = tableOf({
  plain,
  chat,
  'openai-realtime': openaiRealtime,
  'gemini-live': geminiLive,
  module,
});

type Kind = ProviderKind<ProviderConfig>;

/** The kinds that `catnap init` offers, in the order of the table. */
export function askableProviders(): readonly (Kind & Required<Pick<Kind, 'question'>>)[] {
  const kinds = Object.values(PROVIDERS) as unknown as readonly Kind[];
  return kinds.filter((kind): kind is Kind & Required<Pick<Kind, 'question'>> => kind.question !== undefined);
}

/** The kind of a provider that the configuration has checked. */
export function providerKindOf({ kind }: ProviderConfig): Kind {
  return PROVIDERS[kind as keyof typeof PROVIDERS] as unknown as Kind;
}

/** Makes the provider of a configuration entry; only its own kind's code is loaded. Opens no connection. */
export function createProvider(
  config: ProviderConfig,
  edges: ProviderEdges & ProviderPlace,
): Promise<Provider> {
  return providerKindOf(config).create(config, edges);
}
