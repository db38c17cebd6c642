import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';

const priceSettings = (z: Zod) =>
  z
    .strictObject({
      perCall: z.number().nonnegative().default(0).describe('For each question asked.'),
      perMiB: z.number().nonnegative().default(0).describe('For each MiB sent or received.'),
      perMillionInputTokens: z.number().nonnegative().default(0).describe('For a million input tokens.'),
      perMillionAudioTokens: z
        .number()
        .nonnegative()
        .nullable()
        .default(null)
        .describe(
          'Input tokens that are audio, where they have a price of their own; null: they cost what other input tokens cost.',
        ),
      perMillionOutputTokens: z.number().nonnegative().default(0).describe('For a million output tokens.'),
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

const takesSettings = (z: Zod) =>
  z
    .strictObject({
      sources: z
        .array(z.string())
        .min(1)
        .default(['*'])
        .describe('Source ids; `*` is any run of characters.'),
      labels: z.array(z.string()).min(1).default(['*']).describe('Labels; `*` is any run of characters.'),
      said: z
        .array(z.string().min(1))
        .default([])
        .describe('Words, or several in a row, of which one was said; none: whatever was said.'),
    })
    .nullable()
    .default(null)
    .describe(
      'A specialist: what it takes, before all others; it is asked nothing else. null: it takes all.',
    );

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
    .describe(
      'Tokens that a second of audio is taken for, to set money and tokens aside before an answer says what it cost.',
    ),
  takes: takesSettings(z),
  prompts: z
    .strictObject({
      voice: z.string().optional().describe('Instructions for what was said.'),
      sensor: z.string().optional().describe('Instructions for what a sensor found.'),
    })
    .default({})
    .describe('A persona: what it is told to do instead of `uplink.prompts`.'),
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
