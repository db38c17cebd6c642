import { thresholdsSchema } from '../../core/thresholds-schema.js';
import * as z from '../../core/zod.js';
import type { LogMelModel } from '../../models/front-end.js';

const budgetMs = z.int().positive().describe('Wall time after which a decision is abandoned.');

/** openWakeWord's chain and heads, from an npm package; a comparator (its heads are CC BY-NC-SA 4.0). */
const owwSpecSchema = z.strictObject({
  kind: z.literal('oww'),
  name: z.string().default('oww').describe('Name in trails.'),
  keywords: z.array(z.enum(['alexa', 'hey_jarvis', 'hey_mycroft'])).min(1),
  thresholds: thresholdsSchema.default({ accept: 0.5, reject: 0.5 }),
  budgetMs: budgetMs.default(1000),
});

export type OwwSpec = z.infer<typeof owwSpecSchema>;

const manifest = z.string().min(1).describe('Path of the manifest.');
const words = z.array(z.string()).min(1).nullable().default(null).describe('Labels to report; null: all.');
const ownThresholds = thresholdsSchema.nullable().default(null).describe("Null: the manifest's.");

/** A streaming keyword model with its log-mel features. */
const wakeTinySpecSchema = z.strictObject({
  kind: z.literal('wake-tiny'),
  name: z.string().default('wake-tiny').describe('Name in trails.'),
  manifest,
  known: z
    .custom<LogMelModel>()
    .nullable()
    .default(null)
    .describe(
      'What the manifest was found to say, for a thread that is to do without the means to check it.',
    ),
  words,
  thresholds: ownThresholds,
  engine: z
    .enum(['auto', 'onnx', 'tflite'])
    .default('auto')
    .describe('What runs it; `auto`: TensorFlow Lite where there is one, it needs less memory.'),
  budgetMs: budgetMs.default(1000),
});

export type WakeTinySpec = z.infer<typeof wakeTinySpecSchema>;

/** A model that judges a window of audio at once. */
const wakeHeavySpecSchema = z.strictObject({
  kind: z.literal('wake-heavy'),
  name: z.string().default('wake-heavy').describe('Name in trails.'),
  manifest,
  words,
  thresholds: ownThresholds,
  budgetMs: budgetMs.default(1500),
});

export type WakeHeavySpec = z.infer<typeof wakeHeavySpecSchema>;

/** Moonshine tiny, speech to English text, from its npm package (MIT). */
const moonshineSpecSchema = z.strictObject({
  kind: z.literal('moonshine'),
  name: z.string().default('moonshine').describe('Name in trails.'),
  budgetMs: budgetMs.default(8000),
});

export type MoonshineSpec = z.infer<typeof moonshineSpecSchema>;

/** Silero VAD, from an npm package (MIT): whether somebody speaks. */
const sileroVadSpecSchema = z.strictObject({
  kind: z.literal('silero-vad'),
  name: z.string().default('silero-vad').describe('Name in trails.'),
  thresholds: thresholdsSchema.default({ accept: 0.5, reject: 0.5 }),
  // Little, for a live source waits for it hop by hop; meanwhile the recogniser may be loading in the same process.
  budgetMs: budgetMs.default(120),
});

export type SileroVadSpec = z.infer<typeof sileroVadSpecSchema>;

/** A model of single words. */
const commandsSpecSchema = z.strictObject({
  kind: z.literal('commands'),
  name: z.string().default('commands').describe('Name in trails.'),
  manifest,
  budgetMs: budgetMs.default(1500),
});

export type CommandsSpec = z.infer<typeof commandsSpecSchema>;

/** Several recognisers, asked in order until one understands. */
export const firstOfSpecSchema = z.strictObject({
  kind: z.literal('first-of'),
  name: z.string().default('recogniser').describe('Name in trails.'),
  budgetMs: budgetMs.default(8000),
  members: z.array(z.discriminatedUnion('kind', [commandsSpecSchema, moonshineSpecSchema])).min(1),
});

export type FirstOfSpec = z.infer<typeof firstOfSpecSchema>;

/** Every kind of voice stage there is, as serialisable data. */
export const voiceStageSpecSchema = z.discriminatedUnion('kind', [
  owwSpecSchema,
  wakeTinySpecSchema,
  wakeHeavySpecSchema,
  sileroVadSpecSchema,
]);
export type VoiceStageSpec = z.infer<typeof voiceStageSpecSchema>;

/** Every kind of recogniser there is. */
export const recogniserSpecSchema = z.discriminatedUnion('kind', [
  moonshineSpecSchema,
  commandsSpecSchema,
  firstOfSpecSchema,
]);
export type RecogniserSpec = z.infer<typeof recogniserSpecSchema>;
