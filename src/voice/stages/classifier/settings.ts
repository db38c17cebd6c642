import type { SettingsSchema, Zod } from '../../../core/kind.js';
import { type LabelSettings, labelFields } from '../labels/known-labels.js';
import type { ClassifierFrontEnd, ClassifierTraits } from './classifier.js';

/** Settings of a stage that is any network of one input which scores labels. */
export interface ClassifierSettings extends LabelSettings {
  readonly kind: 'classifier';
  readonly model: string;
  /** Left out for a model that Catnap knows by its checksum. */
  readonly labels?: readonly string[] | undefined;
  readonly frontEnd?: ClassifierFrontEnd | undefined;
  readonly output: ClassifierTraits['output'];
  readonly everyMs: number;
  readonly meanOf: number;
}

/** What a configuration says of one. */
export function classifierSchema(z: Zod): SettingsSchema<ClassifierSettings> {
  const name = z.string().min(1);
  return z.strictObject({
    kind: z.literal('classifier').describe('A network of one input that scores labels.'),
    model: name.describe('Its .onnx or .tflite, relative to this file.'),
    labels: z.array(name).min(1).optional().describe('In the order of its outputs.'),
    ...labelFields(z),
    frontEnd: frontEndSchema(z).optional().describe('What it is shown of a window.'),
    output: z
      .enum(['scores', 'logits', 'reconstruction'])
      .default('scores')
      .describe('What it gives: scores, logits, or its input again, whose mean square error is the score.'),
    everyMs: z.number().min(10).max(1000).default(80).describe('From one look to the next.'),
    meanOf: z.int().min(1).max(1000).default(1).describe('Looks whose mean is judged.'),
  });
}

function frontEndSchema(z: Zod) {
  const samples = z.strictObject({
    kind: z.literal('samples'),
    scale: z.enum(['unit', 'int16']).default('unit').describe('Full scale is 1, or 32768.'),
  });
  return z.discriminatedUnion('kind', [samples, spectrumSchema(z)]);
}

function spectrumSchema(z: Zod) {
  const count = z.int().positive();
  const bound = z.number().nullable().default(null);
  return z.strictObject({
    kind: z.literal('spectrum'),
    rateHz: z.literal(16_000).default(16_000),
    windowSamples: count.describe('Of a frame.'),
    stepSamples: count.describe('From one frame to the next.'),
    fftSize: count.describe('A power of two.'),
    taper: z.enum(['hann', 'hamming']).default('hann'),
    preEmphasis: z.number().min(0).max(1).default(0),
    spectrum: z.enum(['magnitude', 'power']).default('power'),
    spectrumScale: z.number().positive().default(1),
    bands: count,
    lowHz: z.number().min(0),
    highHz: z.number().positive().max(8000),
    scale: z.enum(['htk', 'tensorflow', 'slaney']).default('htk').describe('Of mel, and of its triangles.'),
    logarithm: z
      .strictObject({
        floor: z.number().positive().default(1e-6),
        factor: z.number().default(1),
        offset: z.number().default(0),
        least: bound,
        most: bound,
      })
      .prefault({})
      .describe('factor * ln(band + floor) + offset, held between least and most.'),
    coefficients: count.nullable().default(null).describe('Cosine coefficients in place of bands.'),
    level: z.enum(['peak', 'as-is']).default('as-is').describe('peak: the loudest sample is 1.'),
  });
}
