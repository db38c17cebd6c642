import { CatnapError } from '../core/errors.js';
import * as z from '../core/zod.js';
import type { Model } from './manifest.js';
import { filesSchema, tensorSchema } from './manifest.js';

const samples = z.int().positive();

/** Levels a model was trained at: {@link LevelRange}. */
const levelSchema = z
  .object({ leastDb: z.number(), mostDb: z.number(), mostGainDb: z.number().min(0) })
  .nullable();

const logMelSchema = z.looseObject({
  kind: z.literal('log-mel'),
  rateHz: z.int().positive(),
  windowSamples: samples,
  stepSamples: samples,
  fftSize: samples,
  bands: z.int().positive(),
  lowHz: z.number().min(0),
  highHz: z.number().positive(),
  logOffset: z.number().positive(),
  /** Frames from one run of the model to the next, and frames it is shown. */
  framesPerCall: z.int().positive(),
  windowFrames: z.int().positive(),
  level: levelSchema.default(null),
});

const rawAudioSchema = z.looseObject({
  kind: z.literal('raw-audio'),
  rateHz: z.int().positive(),
  windowSamples: samples,
  level: levelSchema.default(null),
});

const encodedSchema = z.looseObject({
  rateHz: z.int().positive(),
  windowSamples: samples,
  /** Root mean square that the loudest 20 ms are brought to, by no more than `mostGain`. */
  peakLevel: z.number().positive(),
  mostGain: z.number().positive(),
  /** Samples from one of the encoder's frames to the next; their means over so many equal parts are shown. */
  frameSamples: samples,
  segments: z.int().positive(),
  /** The pretrained network whose output the model is shown. */
  encoder: z.looseObject({
    name: z.string().min(1),
    licence: z.string(),
    files: filesSchema,
    inputs: z.array(tensorSchema).length(1),
    outputs: z.array(tensorSchema).length(1),
  }),
});

const encodedWordSchema = encodedSchema.extend({
  kind: z.literal('encoded-word'),
  /** What is kept around the word, and over how much of it the cuts fade. */
  beforeWordMs: z.number().min(0),
  afterWordMs: z.number().min(0),
  fadeMs: z.number().min(0),
  /** A sound beside the word is none that was said where the model gives this label at least this score. */
  silence: z.object({ label: z.string(), least: z.number().min(0).max(1) }),
});

const encodedWindowSchema = encodedSchema.extend({ kind: z.literal('encoded-window') });

/** What a model's features are made of. */
export type LogMelFrontEnd = z.infer<typeof logMelSchema>;
/** A model that is shown the samples themselves. */
export type RawAudioFrontEnd = z.infer<typeof rawAudioSchema>;
/** A model that is shown what a pretrained encoder makes of some audio. */
export type EncodedFrontEnd = z.infer<typeof encodedSchema>;
/** The same of the end of a window. */
export type EncodedWindowFrontEnd = z.infer<typeof encodedWindowSchema>;
/** The same of a single word. */
export type EncodedWordFrontEnd = z.infer<typeof encodedWordSchema>;

/** A model of log-mel frames with what its manifest was found to say: plain data that may be handed to a worker. */
export interface LogMelModel {
  readonly model: Model;
  readonly frontEnd: LogMelFrontEnd;
}

/** @throws CatnapError `MODEL_SHAPE` when the manifest describes another front end. */
export function logMelOf(model: Model): LogMelFrontEnd {
  return check(model, logMelSchema);
}

/** @throws CatnapError `MODEL_SHAPE` when the manifest describes another front end. */
export function rawAudioOf(model: Model): RawAudioFrontEnd {
  return check(model, rawAudioSchema);
}

/** @throws CatnapError `MODEL_SHAPE` when the manifest describes another front end. */
export function encodedWordOf(model: Model): EncodedWordFrontEnd {
  return check(model, encodedWordSchema);
}

/** @throws CatnapError `MODEL_SHAPE` when the manifest describes another front end. */
export function encodedWindowOf(model: Model): EncodedWindowFrontEnd {
  return check(model, encodedWindowSchema);
}

function check<T>({ manifest }: Model, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(manifest.frontEnd);
  if (parsed.success) return parsed.data;
  const why = z.prettifyError(parsed.error).replaceAll('\n', ' ');
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${manifest.name}: front end "${manifest.frontEnd.kind}": ${why}`,
  );
}
