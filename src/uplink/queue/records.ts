import type { ErrorCode } from '../../core/errors.js';
import { errorCodeSchema, reasonSchema, trailEntrySchema } from '../../core/events/trail-schema.js';
import { parseJson } from '../../core/json.js';
import * as z from '../../core/zod.js';
import type { Waiting } from './outbox-index.js';
import type { Upload } from './upload.js';

/** An upload in the outbox, or among the dead letters with the reason. */
export interface Stored {
  readonly waiting: Waiting;
  readonly upload: Upload;
  readonly death: { readonly code: ErrorCode; readonly detail: string; readonly atMs: number } | null;
}

const headerSchema = z.strictObject({
  seq: z.int(),
  offeredAtMs: z.number(),
  steadyMs: z.number(),
  clip: z.strictObject({ rateHz: z.int(), startSample: z.int() }).nullable(),
  death: z.strictObject({ code: errorCodeSchema, detail: z.string(), atMs: z.number() }).nullable(),
  upload: z.strictObject({
    key: z.string(),
    kind: z.enum(['voice', 'sensor']),
    rule: z.string(),
    redactions: z.int(),
    routing: z.strictObject({
      route: z.enum(['now', 'later', 'settle']),
      because: z.string(),
      // Records of before there were any are still read.
      asks: z
        .strictObject({
          specialists: z.array(z.string()),
          begin: z.enum(['cheap', 'dear']),
          because: z.string(),
          beside: z
            .strictObject({ candidate: z.string(), begin: z.enum(['cheap', 'dear']), because: z.string() })
            .optional(),
        })
        .default({ specialists: [], begin: 'cheap', because: '' }),
      features: z.strictObject({
        kind: z.enum(['voice', 'sensor']),
        priority: z.number(),
        reasons: z.array(reasonSchema),
        confidence: z.number().nullable(),
        words: z.int().nullable(),
        audioSeconds: z.number(),
        hasSummary: z.boolean(),
        local: z.record(z.string(), z.number()),
      }),
    }),
    detection: z.string(),
    source: z.string(),
    sample: z.int(),
    wallTime: z.string(),
    priority: z.number(),
    answeredHere: z.boolean(),
    label: z.string().nullable(),
    reasons: z.array(reasonSchema).nullable(),
    trail: z.array(trailEntrySchema).nullable(),
    transcript: z.string().nullable(),
    summary: z.unknown(),
  }),
});

const LENGTH_BYTES = 4;

/** `u32 length of the header | header, JSON | samples, s16le`: audio is not blown up by base64 on the disk. */
export function encodeStored(stored: Stored): Buffer {
  const { clip, ...upload } = stored.upload;
  const header = Buffer.from(
    JSON.stringify({
      seq: stored.waiting.seq,
      offeredAtMs: stored.waiting.offeredAtMs,
      steadyMs: stored.waiting.steadyMs,
      clip: clip === null ? null : { rateHz: clip.rateHz, startSample: clip.startSample },
      death: stored.death,
      upload,
    }),
  );
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  const pcm = clip === null ? [] : [Buffer.from(clip.pcm.buffer, clip.pcm.byteOffset, clip.pcm.byteLength)];
  return Buffer.concat([length, header, ...pcm]);
}

/** The inverse of {@link encodeStored}; null for what it never wrote. */
export function decodeStored(record: Buffer): Stored | null {
  if (record.length < LENGTH_BYTES) return null;
  const end = LENGTH_BYTES + record.readUInt32LE(0);
  const parsed = headerSchema.safeParse(parseJson(record.toString('utf8', LENGTH_BYTES, end)));
  if (!parsed.success) return null;
  const { seq, offeredAtMs, steadyMs, clip, death, upload } = parsed.data;
  const samples = record.subarray(end);
  const pcm = new Int16Array(Math.floor(samples.length / 2));
  for (let index = 0; index < pcm.length; index++) pcm[index] = samples.readInt16LE(index * 2);
  const { key, detection, source, priority, routing } = upload;
  return {
    waiting: {
      seq,
      key,
      detection,
      source,
      priority,
      offeredAtMs,
      steadyMs,
      route: routing.route,
      asks: routing.asks,
      bytes: record.length,
    },
    upload: { ...upload, clip: clip === null ? null : { ...clip, pcm } },
    death,
  };
}
