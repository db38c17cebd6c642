import { resolve } from 'node:path';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { atSpeed } from '../pace.js';
import { checkPath, missingFile } from '../path-check.js';
import { sensorSettings, speedSetting } from '../settings.js';
import { recordingOf, type SourceKind } from '../source-kind.js';

const schema = (z: Zod) =>
  z.strictObject({
    ...sensorSettings(z),
    kind: z.literal('serial-recording'),
    path: z.string().min(1).describe('Recorded bytes of a board (.bridge), relative to this file.'),
    speed: speedSetting(z),
    loop: z.boolean().default(false).describe('Start again at the end, as a board that was reset does.'),
  });

/** The recorded bytes of a board. */
export const serialRecording = {
  kind: 'serial-recording',
  schema,
  async open(config, { folder, clock, timer }) {
    const { SerialRecording } = await import('./serial-recording.js');
    const source = new SerialRecording({ ...config, path: resolve(folder, config.path) });
    return recordingOf(atSpeed(source, { clock, timer }, config.speed), config.path);
  },
  missing: ({ path }, { folder }) => missingFile(folder, path),
  async check({ path }, { folder }) {
    return checkPath(folder, path);
  },
  recording: {
    title: 'serial (.bridge)',
    extensions: ['.bridge'],
    async open({ path, id, like }) {
      const { SerialRecording } = await import('./serial-recording.js');
      const source = new SerialRecording({ hopRows: like?.hopRows ?? null, id: like?.id ?? id, path });
      return { source, cascade: like?.cascade ?? 'sensor', complaints: () => [] };
    },
  },
} as const satisfies SourceKind<z.infer<ReturnType<typeof schema>>>;
