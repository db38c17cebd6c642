import { resolve } from 'node:path';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { atSpeed } from '../pace.js';
import { sensorSettings, speedSetting } from '../settings.js';
import { type Recording, type RecordingRequest, recordingOf, type SourceKind } from '../source-kind.js';
import { tableSettings } from './settings.js';

const schema = (z: Zod) =>
  z.strictObject({
    ...sensorSettings(z),
    kind: z.literal('csv'),
    path: z.string().min(1).describe('CSV file with a header line, relative to this file.'),
    speed: speedSetting(z),
    ...tableSettings(z),
  });

type CsvConfig = z.infer<ReturnType<typeof schema>>;

/** A table of sensor rows. */
export const csv = {
  kind: 'csv',
  schema,
  async open(config, { folder, clock, timer }) {
    const { CsvSource } = await import('./csv.js');
    const source = new CsvSource({ ...config, path: resolve(folder, config.path) });
    return recordingOf(atSpeed(source, { clock, timer }, config.speed), config.path);
  },
  async check({ path }, { folder }) {
    return (await import('../path-check.js')).checkPath(folder, path);
  },
  async question(ask) {
    return { id: 'table', settings: { path: await ask('Path', 'pump.csv') } };
  },
  recording: { title: 'CSV (.csv, .tsv)', extensions: ['.csv', '.tsv'], open: openTable },
} as const satisfies SourceKind<CsvConfig>;

async function openTable({ path, id, like, rateHz }: RecordingRequest<CsvConfig>): Promise<Recording> {
  const { CsvSource } = await import('./csv.js');
  const source = new CsvSource({
    ...like,
    ...(rateHz === null ? {} : { rateHz }),
    id: like?.id ?? id,
    path,
  });
  const complaints = () => {
    const { raggedRows, badValues, filledRows } = source.stats;
    return [
      ...(source.words.length > 0 ? [`not watched, for they hold words: ${source.words.join(', ')}`] : []),
      ...(raggedRows > 0 ? [`${raggedRows} rows with too few or too many fields`] : []),
      ...(badValues > 0 ? [`${badValues} values that are no numbers, taken as missing`] : []),
      ...(filledRows > 0 ? [`${filledRows} rows missing between the times`] : []),
    ];
  };
  return { source, cascade: like?.cascade ?? 'sensor', complaints };
}
