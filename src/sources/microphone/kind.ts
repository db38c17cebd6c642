import type { Zod } from '../../core/kind.js';
import type { Source } from '../../core/signal/frame.js';
import type * as z from '../../core/zod.js';
import { channelFaults, channelSetting } from '../channels.js';
import { cascadeSetting, idSetting } from '../settings.js';
import { deviceOf, type SourceKind } from '../source-kind.js';

const schema = (z: Zod) =>
  z.strictObject({
    id: idSetting(z),
    kind: z.literal('microphone'),
    cascade: cascadeSetting(z, 'voice'),
    device: z.string().default('default').describe('ALSA device name, as `catnap devices` lists them.'),
    recorder: z.enum(['arecord', 'sox']).default('arecord').describe('Program that reads the microphone.'),
    rateHz: z
      .int()
      .min(8000)
      .max(192_000)
      .default(16_000)
      .describe('Capture rate; other than 16000 is resampled.'),
    channels: z.int().min(1).max(8).default(1).describe('Channels to capture.'),
    channel: channelSetting(z),
    periodMs: z
      .int()
      .min(5)
      .max(200)
      .default(80)
      .describe(
        'The device hands over audio this often; the default is what the wake model hears at a time.',
      ),
  });

/** A microphone, by the name ALSA gives it. */
export const microphone = {
  kind: 'microphone',
  schema,
  faults: ({ channel, channels }) => channelFaults(channel, channels),
  async open(config, { clock, timer, onChannels: onMix }) {
    const { Microphone } = await import('./microphone.js');
    return deviceOf(
      await atVoiceRate(new Microphone({ ...config, clock, timer, onMix }), config.rateHz),
      `${config.recorder} ${config.device}`,
    );
  },
  async check({ recorder, device }) {
    const { checkMicrophone } = await import('./check.js');
    return checkMicrophone(recorder, device);
  },
  async question(ask) {
    return {
      id: 'mic',
      settings: { device: await ask('Microphone (see `catnap devices`)', 'default') },
      notes: { device: 'as `catnap devices` lists them' },
    };
  },
  async attached() {
    const { attachedMicrophones } = await import('./devices.js');
    return attachedMicrophones();
  },
  async capture(config, { clock, timer }, device = config.device) {
    const { Microphone } = await import('./microphone.js');
    return { source: new Microphone({ ...config, clock, timer, device }), rateHz: config.rateHz };
  },
} as const satisfies SourceKind<z.infer<ReturnType<typeof schema>>>;

async function atVoiceRate(source: Source, rateHz: number): Promise<Source> {
  const { VOICE_RATE_HZ } = await import('../mono.js');
  if (rateHz === VOICE_RATE_HZ) return source;
  const { ResampledSource } = await import('../resampled.js');
  return new ResampledSource(source);
}
