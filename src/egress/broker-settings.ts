import type { SettingFault, Zod } from '../core/kind.js';
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
  keyFile: z.string().min(1).nullable().default(null).describe('PEM file of the key of that certificate.'),
});

interface BrokerLogin {
  readonly username: string | null;
  readonly password: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

/** A password is somebody's: without the user, whom the setting `at` names, it would not be sent. */
export function userFaults(
  { username, password }: Pick<BrokerLogin, 'username' | 'password'>,
  at: string,
): readonly SettingFault[] {
  if (password === null || username !== null) return [];
  return [{ path: [at], message: 'expected a username beside the password, found none' }];
}

/** A certificate without its key is none, nor is a password without its user. */
export function loginFaults(
  { username, password, certFile, keyFile }: BrokerLogin,
  context: z.RefinementCtx,
): void {
  for (const { path, message } of userFaults({ username, password }, 'username'))
    context.addIssue({ code: 'custom', path: [...path], message });
  if ((certFile === null) === (keyFile === null)) return;
  const path = [certFile === null ? 'certFile' : 'keyFile'];
  context.addIssue({ code: 'custom', path, message: 'expected both certFile and keyFile, found one' });
}
