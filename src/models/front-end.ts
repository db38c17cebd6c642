import { z } from 'zod';
import { CatnapError } from '../core/errors.js';
import type { Model } from './manifest.js';

const samples = z.int().positive();

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
});

const rawAudioSchema = z.looseObject({
  kind: z.literal('raw-audio'),
  rateHz: z.int().positive(),
  windowSamples: samples,
});

/** What a model's features are made of. */
export type LogMelFrontEnd = z.infer<typeof logMelSchema>;
/** A model that is shown the samples themselves. */
export type RawAudioFrontEnd = z.infer<typeof rawAudioSchema>;

/** @throws CatnapError `MODEL_SHAPE` when the manifest describes another front end. */
export function logMelOf(model: Model): LogMelFrontEnd {
  return check(model, logMelSchema);
}

/** @throws CatnapError `MODEL_SHAPE` when the manifest describes another front end. */
export function rawAudioOf(model: Model): RawAudioFrontEnd {
  return check(model, rawAudioSchema);
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
