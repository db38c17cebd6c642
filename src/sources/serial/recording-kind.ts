import { resolve } from 'node:path';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { atSpeed } from '../pace.js';
import { checkPath, missingFile } from '../path-check.js';
import { sensorSettings, speedSetting } from '../settings.js';
import { recordingOf, type SourceKind } from '../source-kind.js';
import type { LinkStats } from './protocol/link.js';

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
  async open(config, { folder, clock, timer, onHealth }) {
    const { SerialRecording } = await import('./serial-recording.js');
    const source = new SerialRecording({
      ...config,
      path: resolve(folder, config.path),
      onHealth: onHealth('values'),
    });
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
      return { source, cascade: like?.cascade ?? 'sensor', complaints: () => complaintsOf(source.stats) };
    },
  },
} as const satisfies SourceKind<z.infer<ReturnType<typeof schema>>>;

function complaintsOf(stats: LinkStats | null): readonly string[] {
  if (stats === null) return [];
  const { rowsLost, rowsOverrun, garbageBytes } = stats;
  return [
    ...(rowsLost > 0 ? [`${rowsLost} rows lost on the line`] : []),
    ...(rowsOverrun > 0 ? [`${rowsOverrun} rows lost by the board`] : []),
    ...(garbageBytes > 0 ? [`${garbageBytes} bytes that are no frame`] : []),
  ];
}
