import * as z from '../core/zod.js';
import { userFaults } from '../egress/broker-settings.js';
import { secretText } from '../files/secrets.js';

const fields = z.strictObject({
  dryRun: z
    .boolean()
    .default(true)
    .describe('Only record what would be done. Nothing acts until this is set to false.'),
  mqttUrl: z
    .url({ protocol: /^(mqtts?|wss?)$/ })
    .nullable()
    .default(null)
    .describe(
      'Broker that `mqtt` actions publish to, as mqtt://host:1883 or mqtts://host:8883; without it that of `home.mqtt`.',
    ),
  mqttUsername: z.string().nullable().default(null).describe('User at the broker.'),
  mqttPassword: secretText(z)
    .nullable()
    .default(null)
    .describe(
      'Password there, in any characters, as ${NAME} or ${file:PATH}; read again at every connection.',
    ),
  mqttCaFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('PEM file of the authority that the broker is trusted by, relative to this file.'),
  timeoutMs: z.number().positive().default(10_000).describe('After this an action has failed.'),
  maxRunning: z.int().positive().default(4).describe('Actions under way at once; more are refused.'),
});

/** The `actions` section: how actions are run, whoever asks for them. */
export const actionsSchema = fields.superRefine(({ mqttUsername, mqttPassword }, context) => {
  const login = { username: mqttUsername, password: mqttPassword };
  for (const { path, message } of userFaults(login, 'mqttUsername'))
    context.addIssue({ code: 'custom', path: [...path], message });
});

export type ActionsConfig = z.infer<typeof actionsSchema>;
