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
    model: name.describe('File of the network (.onnx or .tflite), relative to this file.'),
    labels: z
      .array(name)
      .min(1)
      .optional()
      .describe(
        'Labels of its outputs, in their order; omitted, with `frontEnd`, for a model that Catnap knows.',
      ),
    ...labelFields(z),
    frontEnd: frontEndSchema(z)
      .optional()
      .describe(
        'What the network is shown of a window; omitted, with `labels`, for a model that Catnap knows.',
      ),
    output: z
      .enum(['scores', 'logits', 'reconstruction'])
      .default('scores')
      .describe('What it gives: scores, logits, or its input again, whose mean square error is the score.'),
    everyMs: z
      .number()
      .min(10)
      .max(1000)
      .default(80)
      .describe('Time from one look at the audio to the next.'),
    meanOf: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe('Newest looks whose scores are averaged before they are judged.'),
  });
}

function frontEndSchema(z: Zod) {
  const samples = z.strictObject({
    kind: z.literal('samples'),
    scale: z
      .enum(['unit', 'int16'])
      .default('unit')
      .describe('Range of the samples: full scale is 1 (`unit`) or 32768 (`int16`).'),
  });
  return z.discriminatedUnion('kind', [samples, spectrumSchema(z)]);
}

function spectrumSchema(z: Zod) {
  const count = z.int().positive();
  return z.strictObject({
    kind: z.literal('spectrum'),
    rateHz: z
      .literal(16_000)
      .default(16_000)
      .describe('Sample rate the network was trained at; no other is supported.'),
    windowSamples: count.describe('Samples of one frame.'),
    stepSamples: count.describe('Samples from the start of one frame to that of the next.'),
    fftSize: count.describe(
      'Size of the Fourier transform, a power of two; shorter frames are padded with zeros.',
    ),
    taper: z
      .enum(['hann', 'hamming'])
      .default('hann')
      .describe('Window function that each frame is multiplied by.'),
    preEmphasis: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('Share of the previous sample that is taken from each sample; 0 changes nothing.'),
    spectrum: z
      .enum(['magnitude', 'power'])
      .default('power')
      .describe('Whether bands sum the magnitudes of the transform, or their squares.'),
    spectrumScale: z
      .number()
      .positive()
      .default(1)
      .describe('Factor that the spectrum is multiplied by before it is summed into bands.'),
    bands: count.describe('Number of mel bands.'),
    lowHz: z.number().min(0).describe('Lower edge of the lowest band.'),
    highHz: z.number().positive().max(8000).describe('Upper edge of the highest band.'),
    scale: z
      .enum(['htk', 'tensorflow', 'slaney'])
      .default('htk')
      .describe(
        'Formula of the mel scale and shape of its bands: as in HTK, TensorFlow, or Slaney (librosa).',
      ),
    logarithm: logarithmSchema(z),
    coefficients: count
      .nullable()
      .default(null)
      .describe(
        'Number of cosine coefficients (MFCC) that are shown in place of the bands; null: the bands.',
      ),
    level: z
      .enum(['peak', 'as-is'])
      .default('as-is')
      .describe('`peak` scales each window so that its loudest sample is 1; `as-is` leaves it.'),
  });
}

function logarithmSchema(z: Zod) {
  const bound = z.number().nullable().default(null);
  return z
    .strictObject({
      floor: z
        .number()
        .positive()
        .default(1e-6)
        .describe('Added to each band before its logarithm, so that silence has one.'),
      factor: z.number().default(1).describe('Factor of the logarithm.'),
      offset: z.number().default(0).describe('Added after the factor.'),
      least: bound.describe('Smallest value that is kept, lower ones become it; null: any.'),
      most: bound.describe('Largest value that is kept, higher ones become it; null: any.'),
    })
    .prefault({})
    .describe('What becomes of each band: factor * ln(band + floor) + offset, held between least and most.');
}
