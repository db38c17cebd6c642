import { resolve } from 'node:path';
import type { Health } from '../../core/events/health.js';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { channelSetting } from '../channels.js';
import { PacedSource } from '../pace.js';
import { checkPath, missingFile } from '../path-check.js';
import { cascadeSetting, idSetting } from '../settings.js';
import { recordingOf, type SourceKind } from '../source-kind.js';

const schema = (z: Zod) =>
  z.strictObject({
    id: idSetting(z),
    kind: z.literal('file'),
    cascade: cascadeSetting(z, 'voice'),
    path: z.string().describe('WAV, FLAC or Ogg recording, relative to this file.'),
    channel: channelSetting(z),
    realtime: z.boolean().default(true).describe('Play at its own pace, or as fast as it goes.'),
    loop: z.boolean().default(false).describe('Start again at the end.'),
  });

/** A recording of sound. */
export const file = {
  kind: 'file',
  schema,
  async open(config, { folder, clock, timer, onHealth }) {
    const { FileSource } = await import('./file.js');
    const onMix = onHealth('channels');
    const source = new FileSource({ ...config, path: resolve(folder, config.path), onMix });
    return recordingOf(config.realtime ? new PacedSource(source, { clock, timer }) : source, config.path);
  },
  missing: ({ path }, { folder }) => missingFile(folder, path),
  async check({ path }, { folder }) {
    return checkPath(folder, path);
  },
  recording: {
    title: 'WAV, FLAC, Ogg',
    extensions: null,
    async open({ id, path, like, onRead }) {
      const { FileSource } = await import('./file.js');
      const complaints: string[] = [];
      const onMix = ({ state, detail }: Health): void => {
        if (state !== 'ok') complaints.push(detail);
      };
      const source = new FileSource({ id, path, channel: like?.channel ?? null, onMix, onRead });
      return { source, cascade: 'voice', complaints: () => complaints };
    },
  },
} as const satisfies SourceKind<z.infer<ReturnType<typeof schema>>>;
