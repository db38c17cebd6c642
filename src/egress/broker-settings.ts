import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { secretText } from '../files/secrets.js';

/** What a configuration says of a broker: where it is, and who asks. */
export const brokerFields = (z: Zod) => ({
  url: z
    .url({ protocol: /^(mqtts?|wss?)$/ })
    .describe('Broker of the house, as mqtt://host:1883 or mqtts://host:8883.'),
  username: z.string().nullable().default(null).describe('User at the broker.'),
  password: secretText(z)
    .nullable()
    .default(null)
    .describe('Password there, as ${NAME} or ${file:PATH}; read again at every connection.'),
  caFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('PEM file of the authority that the broker is trusted by, relative to this file.'),
  certFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('PEM file of the certificate that the broker wants to see; with `keyFile`.'),
  keyFile: z.string().min(1).nullable().default(null).describe('PEM file of its key.'),
});

/** A certificate without its key is none. */
export function certificateFaults(
  { certFile, keyFile }: { readonly certFile: string | null; readonly keyFile: string | null },
  context: z.RefinementCtx,
): void {
  if ((certFile === null) === (keyFile === null)) return;
  const path = [certFile === null ? 'certFile' : 'keyFile'];
  context.addIssue({ code: 'custom', path, message: 'expected both certFile and keyFile, found one' });
}
