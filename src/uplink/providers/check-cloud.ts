import type { Finding } from '../../core/finding.js';
import { checkReachable } from '../../egress/reachable.js';
import type { WayOut } from '../../egress/way-out.js';
import { createSecret } from './secret.js';
import type { SecretConfig } from './settings.js';

/** Whether a cloud's secret is there and something answers at its address; throws what is wrong with the secret. */
export async function checkCloud(
  { url, secret }: { readonly url: string; readonly secret: SecretConfig | null },
  wayOut: Pick<WayOut, 'leave'>,
): Promise<Finding> {
  await createSecret(secret).read();
  return checkReachable(url, wayOut);
}
