import { resolve } from 'node:path';
import { ok, problem } from '../../core/finding.js';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { atSpeed } from '../pace.js';
import { missingFile } from '../path-check.js';
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
  async open(config, { folder, clock, timer, onHealth }) {
    const { CsvSource } = await import('./csv.js');
    const onNotes = (notes: readonly string[]) =>
      onHealth('channels')({ state: 'ok', code: 'OK', detail: notes.join('; ') });
    const source = new CsvSource({ ...config, path: resolve(folder, config.path), onNotes });
    return recordingOf(atSpeed(source, { clock, timer }, config.speed), config.path);
  },
  missing: ({ path }, { folder }) => missingFile(folder, path),
  async check(config, { folder }) {
    const { CsvSource } = await import('./csv.js');
    const source = new CsvSource({ ...config, path: resolve(folder, config.path) });
    for await (const item of source.frames(new AbortController().signal)) {
      if (item.kind !== 'format') continue;
      const read = `${config.path}: ${item.channels.map(({ name }) => name).join(', ')} at ${item.rateHz} Hz`;
      return ok([read, ...source.notes].join('; '));
    }
    return problem(`${config.path}: expected rows, found none`, 'check the path');
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
    const { raggedRows, badValues, filledRows, markers, untimedRows, firstUntimed } = source.stats;
    const { sharedTimes, backSteps, stoppedClock } = source.stats;
    return [
      ...source.notes,
      ...(raggedRows > 0 ? [`${raggedRows} rows with too few or too many fields`] : []),
      ...(badValues > 0 ? [`${badValues} values that are no numbers, taken as missing`] : []),
      ...(markers > 0 ? [`${markers} values that stand for missing ones (missing)`] : []),
      ...(untimedRows > 0 ? [`${untimedRows} rows without a time, first ${firstUntimed}`] : []),
      ...(sharedTimes > 1 ? [`${sharedTimes} rows share the same time, taken as evenly spaced`] : []),
      ...(backSteps > 0 ? [`${backSteps} times that step back (is it a clock that was set?)`] : []),
      ...(stoppedClock === '' ? [] : [stoppedClock]),
      ...(filledRows > 0 ? [`${filledRows} rows missing between the times`] : []),
    ];
  };
  return { source, cascade: like?.cascade ?? 'sensor', complaints };
}
