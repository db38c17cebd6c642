import * as z from '../../core/zod.js';

/** Where a secret is read from: never the configuration itself, so that it is not logged with it. */
const secretSchema = z
  .union([
    z.strictObject({ env: z.string().min(1).describe('Name of the environment variable.') }),
    z.strictObject({
      file: z.string().min(1).describe('Path of a file; surrounding white space is ignored.'),
    }),
  ])
  .describe('Read at every connection, and again after a 401 or 403.');

const priceSchema = z
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

const energySchema = z
  .strictObject({
    joulesPerCall: z.number().nonnegative().default(0).describe('Radio and processor for one question.'),
    joulesPerMiB: z.number().nonnegative().default(0).describe('Radio for each MiB sent or received.'),
  })
  .prefault({})
  .describe('Modelled energy of an exchange.');

const providerBase = {
  price: priceSchema,
  energy: energySchema,
  quality: z.number().min(0).max(1).default(0.5).describe('How good its answers are held to be.'),
  inputTokensPerAudioSecond: z
    .number()
    .nonnegative()
    .default(32)
    .describe('To set money and tokens aside before an answer says what it cost.'),
  maxOutputTokens: z.int().positive().default(512).describe('Most tokens an answer may have.'),
};

const GEMINI_URL =
  'wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';

const plainProviderSchema = z.strictObject({
  ...providerBase,
  kind: z.literal('plain').describe("Catnap's own JSON protocol (docs/UPLINK.md)."),
  name: z.string().min(1).describe('Name in events, audit rows and health.'),
  url: z.url({ protocol: /^wss?$/ }).describe('WebSocket address.'),
  secret: secretSchema
    .nullable()
    .default(null)
    .describe('Bearer token sent with the upgrade; null for none.'),
});

const openAiProviderSchema = z.strictObject({
  ...providerBase,
  kind: z.literal('openai-realtime').describe("OpenAI's Realtime API."),
  name: z.string().min(1).default('openai').describe('Name in events, audit rows and health.'),
  url: z
    .url({ protocol: /^wss?$/ })
    .default('wss://api.openai.com/v1/realtime')
    .describe('WebSocket address.'),
  model: z.string().min(1).default('gpt-realtime').describe('Model that answers.'),
  secret: secretSchema.prefault({ env: 'OPENAI_API_KEY' }).describe('API key.'),
});

const geminiProviderSchema = z.strictObject({
  ...providerBase,
  kind: z.literal('gemini-live').describe("Gemini's Live API."),
  name: z.string().min(1).default('gemini').describe('Name in events, audit rows and health.'),
  url: z
    .url({ protocol: /^wss?$/ })
    .default(GEMINI_URL)
    .describe('WebSocket address.'),
  model: z.string().min(1).describe('Model that answers with text, e.g. models/gemini-2.0-flash-live-001.'),
  secret: secretSchema.prefault({ env: 'GEMINI_API_KEY' }).describe('API key.'),
});

/** One cloud. */
export const providerSchema = z.discriminatedUnion('kind', [
  plainProviderSchema,
  openAiProviderSchema,
  geminiProviderSchema,
]);

export type SecretConfig = z.infer<typeof secretSchema>;
export type ProviderConfig = z.infer<typeof providerSchema>;
