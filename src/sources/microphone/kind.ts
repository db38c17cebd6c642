import type { Time } from '../../core/clock.js';
import type { Health } from '../../core/events/health.js';
import type { Zod } from '../../core/kind.js';
import type { Source } from '../../core/signal/frame.js';
import type * as z from '../../core/zod.js';
import { channelFaults, channelSetting } from '../channels.js';
import { cascadeSetting, idSetting } from '../settings.js';
import { deviceOf, type SourceKind } from '../source-kind.js';
import type { Microphone } from './microphone.js';

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

type Config = z.infer<ReturnType<typeof schema>>;

/** A microphone, by the name ALSA gives it. */
export const microphone = {
  kind: 'microphone',
  schema,
  faults: ({ channel, channels }) => channelFaults(channel, channels),
  async open(config, edges) {
    return deviceOf(
      await atVoiceRate(await microphoneOf(config, edges, edges.onHealth('channels')), config.rateHz),
      `${config.recorder} ${config.device}`,
    );
  },
  async check(config, edges) {
    const { checkMicrophone } = await import('./check.js');
    let mixed: Health | null = null;
    const onMix = (health: Health) => {
      mixed = health;
    };
    const opened = await microphoneOf(config, edges, onMix);
    return checkMicrophone(opened, { ...config, mixed: () => mixed });
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
  async capture(config, time, device = config.device) {
    return { source: await microphoneOf({ ...config, device }, time), rateHz: config.rateHz };
  },
} as const satisfies SourceKind<Config>;

/** Listening, recording and checking all open the microphone by this, so that they ask the device for the same. */
async function microphoneOf(
  config: Config,
  { clock, timer }: Time,
  onMix: (health: Health) => void = () => {},
): Promise<Microphone> {
  const { Microphone } = await import('./microphone.js');
  return new Microphone({ ...config, clock, timer, onMix });
}

async function atVoiceRate(source: Source, rateHz: number): Promise<Source> {
  const { VOICE_RATE_HZ } = await import('../mono.js');
  if (rateHz === VOICE_RATE_HZ) return source;
  const { ResampledSource } = await import('../resampled.js');
  return new ResampledSource(source);
}
