import type { SettingFault, Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { cascadeSetting, idSetting } from '../settings.js';
import { deviceOf, type SourceKind } from '../source-kind.js';

const schema = (z: Zod) =>
  z.strictObject({
    id: idSetting(z),
    kind: z.literal('wyoming'),
    cascade: cascadeSetting(z, 'voice'),
    host: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Satellite to connect to; null: it connects here, where `listen` says.'),
    port: z.int().min(1).max(65_535).default(10_700).describe('TCP port of the satellite, or to listen on.'),
    listen: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('Address to listen on for one satellite. There is no login: who reaches it is listened to.'),
    silentMs: z
      .int()
      .min(1000)
      .nullable()
      .default(null)
      .describe(
        'Without audio for so long it counts as lost; null: one that sends only speech may be silent for ever.',
      ),
  });

type WyomingConfig = z.infer<ReturnType<typeof schema>>;

/** The microphone of a satellite that speaks the Wyoming protocol. */
export const wyoming = {
  kind: 'wyoming',
  schema,
  faults: ({ host, listen }): readonly SettingFault[] =>
    (host === null) === (listen === null)
      ? [{ path: ['host'], message: 'expected host, to connect to, or listen, to be connected to; not both' }]
      : [],
  async open(config, edges) {
    const { WyomingSource } = await import('./wyoming.js');
    const title = `${config.host ?? config.listen}:${config.port}`;
    return deviceOf(new WyomingSource(config, edges), title);
  },
  async check(config, edges) {
    return (await import('./check.js')).checkSatellite(config, edges);
  },
} as const satisfies SourceKind<WyomingConfig>;
