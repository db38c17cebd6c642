import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { channelFaults, channelSetting } from '../channels.js';
import { cascadeSetting, idSetting } from '../settings.js';
import { recordingOf, type SourceKind } from '../source-kind.js';

const schema = (z: Zod) =>
  z.strictObject({
    id: idSetting(z),
    kind: z.literal('stdin'),
    cascade: cascadeSetting(z, 'voice'),
    rateHz: z.int().min(8000).max(192_000).default(16_000).describe('Rate of the raw PCM on standard input.'),
    channels: z.int().min(1).max(8).default(1).describe('Interleaved channels.'),
    channel: channelSetting(z),
  });

/** Sound on standard input. */
export const stdin = {
  kind: 'stdin',
  schema,
  async open(config, { onHealth }) {
    const { openStandardInput, RawPcmSource } = await import('./stdin.js');
    return recordingOf(
      new RawPcmSource({ ...config, onMix: onHealth('channels'), stream: openStandardInput() }),
      'stdin',
    );
  },
  faults: ({ channel, channels }) => channelFaults(channel, channels),
} as const satisfies SourceKind<z.infer<ReturnType<typeof schema>>>;
