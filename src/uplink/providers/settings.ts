import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';

/** Schema of where a secret is read from: never the configuration itself, so that it is not logged with it. */
export const secretSettings = (z: Zod) =>
  z
    .union(
      [
        z.strictObject({
          env: z
            .string()
            .regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable')
            .describe('Name of the environment variable.'),
        }),
        z.strictObject({
          file: z.string().min(1).describe('Path of a file; surrounding white space is ignored.'),
        }),
      ],
      'expected where the secret stands: { env: NAME } or { file: PATH }',
    )
    .describe('Read at every connection, and again after a 401 or 403.');

export type SecretConfig = z.infer<ReturnType<typeof secretSettings>>;

const priceSettings = (z: Zod) =>
  z
    .strictObject({
      perCall: z.number().nonnegative().default(0).describe('For each question asked.'),
      perMiB: z.number().nonnegative().default(0).describe('For each MiB sent or received.'),
      perMillionInputTokens: z.number().nonnegative().default(0).describe('As the price list says.'),
      perMillionAudioTokens: z
        .number()
        .nonnegative()
        .nullable()
        .default(null)
        .describe('Input tokens that are audio, where they have a price of their own; null: as any input.'),
      perMillionOutputTokens: z.number().nonnegative().default(0).describe('As the price list says.'),
    })
    .prefault({})
    .describe('Price table, in whatever currency the budget is in.');

const energySettings = (z: Zod) =>
  z
    .strictObject({
      joulesPerCall: z.number().nonnegative().default(0).describe('Radio and processor for one question.'),
      joulesPerMiB: z.number().nonnegative().default(0).describe('Radio for each MiB sent or received.'),
    })
    .prefault({})
    .describe('Modelled energy of an exchange.');

/** What every provider has beside its kind: a name, and what asking it costs. */
export const providerSettings = (z: Zod) => ({
  name: z.string().min(1).describe('Name in events, audit rows and health.'),
  price: priceSettings(z),
  energy: energySettings(z),
  quality: z.number().min(0).max(1).default(0.5).describe('How good its answers are held to be.'),
  inputTokensPerAudioSecond: z
    .number()
    .nonnegative()
    .default(32)
    .describe('To set money and tokens aside before an answer says what it cost.'),
  maxOutputTokens: z.int().positive().default(512).describe('Most tokens an answer may have.'),
});

/** Schema of the WebSocket address of a provider. */
export const addressSettings = (z: Zod) => z.url({ protocol: /^wss?$/ }).describe('WebSocket address.');

type Settings = { readonly [Name in keyof Parts]: z.infer<Parts[Name]> };
type Parts = ReturnType<typeof providerSettings>;

/** A provider as the uplink knows it; the rest of its settings is its kind's own. */
export interface ProviderConfig extends Settings {
  readonly kind: string;
}
