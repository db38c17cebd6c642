import * as z from '../core/zod.js';
import {
  csvConfigSchema,
  mqttSourceConfigSchema,
  serialConfigSchema,
  serialRecordingConfigSchema,
} from './sensor-config.js';

const common = {
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/i, 'letters, digits and dashes')
    .describe('Name of the source in every event.'),
};

const cascadeOf = (fallback: string) =>
  z.string().default(fallback).describe('Name of the cascade, below `cascades`, that watches this source.');

const microphone = z.strictObject({
  ...common,
  kind: z.literal('microphone'),
  cascade: cascadeOf('voice'),
  device: z.string().default('default').describe('ALSA device name, as `catnap devices` lists them.'),
  recorder: z.enum(['arecord', 'sox']).default('arecord').describe('Program that reads the microphone.'),
  rateHz: z
    .int()
    .min(8000)
    .max(192_000)
    .default(16_000)
    .describe('Capture rate; other than 16000 is resampled.'),
  channels: z.int().min(1).max(8).default(1).describe('Channels to capture; they are mixed to one.'),
  periodMs: z
    .int()
    .min(5)
    .max(200)
    .default(80)
    .describe('The device hands over audio this often; the default is what the wake model hears at a time.'),
});

const file = z.strictObject({
  ...common,
  kind: z.literal('file'),
  cascade: cascadeOf('voice'),
  path: z.string().describe('WAV, FLAC or Ogg recording, relative to this file.'),
  realtime: z.boolean().default(true).describe('Play at its own pace, or as fast as it goes.'),
  loop: z.boolean().default(false).describe('Start again at the end.'),
});

const stdin = z.strictObject({
  ...common,
  kind: z.literal('stdin'),
  cascade: cascadeOf('voice'),
  rateHz: z.int().min(8000).max(192_000).default(16_000).describe('Rate of the raw PCM on standard input.'),
  channels: z.int().min(1).max(8).default(1).describe('Interleaved channels; they are mixed to one.'),
});

/** One signal to watch. */
export const sourceSchema = z.discriminatedUnion('kind', [
  microphone,
  file,
  stdin,
  serialConfigSchema,
  serialRecordingConfigSchema,
  csvConfigSchema,
  mqttSourceConfigSchema,
]);

export type SourceConfig = z.infer<typeof sourceSchema>;
