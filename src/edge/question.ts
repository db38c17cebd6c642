import type { Window } from '../core/cascade/stage.js';
import { parseJson } from '../core/json.js';
import { INT16_FULL_SCALE, type SampleFormat, SIGNED_16, sampleReader } from '../core/signal/pcm.js';
import * as z from '../core/zod.js';

/** What a worker may be asked: the same as the heavy process of a device. */
export interface Question {
  /** `stream`: it remembers from hop to hop, so that each source has its own. */
  readonly role: 'stage' | 'stream' | 'recogniser';
  readonly name: string;
  /** The spec, with files named by what they hold instead of where they stand. */
  readonly description: unknown;
  /** The stage was reset since it was last asked. */
  readonly fresh: boolean;
  /** How long the work may take once it is begun. */
  readonly budgetMs: number;
  readonly window: Window;
}

/** Samples of 16 bits where that loses nothing, which is half of what floats take. */
type Format = 's16le' | 'f32le';

const headerSchema = z.object({
  role: z.enum(['stage', 'stream', 'recogniser']),
  name: z.string(),
  description: z.unknown(),
  fresh: z.boolean(),
  budgetMs: z.number(),
  format: z.enum(['s16le', 'f32le']) satisfies z.ZodType<Format>,
  window: z.object({
    source: z.string(),
    startSample: z.int(),
    rateHz: z.number().positive(),
    channels: z.int().positive(),
    samples: z.int(),
    voiceDb: z.exactOptional(z.number()),
    noticed: z.array(z.tuple([z.string(), z.number()])).nullable(),
    wakeWord: z.object({ label: z.string(), samples: z.int() }).nullable(),
  }),
});

const FLOAT_32: SampleFormat = { kind: 'float', bytes: 4 };
const LENGTH_BYTES = 4;
/** A header beyond this is none: specs take about 15 kB. */
const HEADER_MAX_BYTES = 1 << 20;

/**
 * A question as bytes: length of the header (UInt32LE), the header as JSON, then the window's samples and those of its
 * wake word, little-endian.
 */
export function encodeQuestion({ window, ...asked }: Question): Buffer {
  const { data, noticed, wakeWord, about: _, ...place } = window;
  const parts = wakeWord === undefined ? [data] : [data, wakeWord.data];
  const format = parts.every(isWhole) ? 's16le' : 'f32le';
  const header: z.infer<typeof headerSchema> = {
    ...asked,
    format,
    window: {
      ...place,
      samples: data.length,
      noticed: noticed === undefined ? null : [...noticed],
      wakeWord: wakeWord === undefined ? null : { label: wakeWord.label, samples: wakeWord.data.length },
    },
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, ...parts.map((samples) => bytesOf(samples, format))]);
}

/** The question that bytes hold; null where they hold none. */
export function decodeQuestion(bytes: Buffer): Question | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const end = LENGTH_BYTES + bytes.readUInt32LE(0);
  if (end > bytes.length || end > HEADER_MAX_BYTES) return null;
  const header = headerSchema.safeParse(parseJson(bytes.toString('utf8', LENGTH_BYTES, end)));
  if (!header.success) return null;
  const { format, window, ...asked } = header.data;
  const { samples, noticed, wakeWord, ...place } = window;
  const all = samplesOf(bytes.subarray(end), format);
  if (all.length !== samples + (wakeWord?.samples ?? 0)) return null;
  return {
    ...asked,
    window: {
      ...place,
      data: all.slice(0, samples),
      ...(noticed === null ? {} : { noticed: new Map(noticed) }),
      ...(wakeWord === null ? {} : { wakeWord: { label: wakeWord.label, data: all.slice(samples) } }),
    },
  };
}

function isWhole(samples: Float32Array): boolean {
  for (const value of samples) {
    const scaled = value * INT16_FULL_SCALE;
    if (!(Number.isInteger(scaled) && scaled >= -INT16_FULL_SCALE && scaled < INT16_FULL_SCALE)) return false;
  }
  return true;
}

/** In loops: a function for each of 40,000 samples takes longer than the way there and back. */
function bytesOf(samples: Float32Array, format: Format): Buffer {
  if (format === 'f32le') return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const whole = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) whole[i] = (samples[i] as number) * INT16_FULL_SCALE;
  return Buffer.from(whole.buffer);
}

function samplesOf(bytes: Buffer, format: Format): Float32Array {
  return sampleReader(format === 'f32le' ? FLOAT_32 : SIGNED_16)(bytes);
}
