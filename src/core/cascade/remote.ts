import type { RemoteTerms } from './assembly.js';
import type { RemoteConfig } from './remote-schema.js';

/** The same spec, to be asked of workers of the house first where the configuration says so. */
export function withRemote<Spec extends { readonly remote?: RemoteTerms }>(
  spec: Spec,
  remote: RemoteConfig,
  signal: RemoteTerms['signal'],
): Spec {
  return remote === null ? spec : { ...spec, remote: { ...remote, signal } };
}
