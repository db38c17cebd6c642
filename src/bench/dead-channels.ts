import type { SensorConfig } from '../sensor/config.js';
import { sensorPace } from '../sensor/profile.js';
import type { NabTable } from './nab.js';
import type { SensorTable } from './sensor-rows.js';
import { runTable } from './sensor-run.js';

/** Rows within which a dead or stuck channel is to be told. */
const TOLD_ROWS = 120;
/** Rows that are watched before it fails, at most. */
const WATCHED_ROWS = 800;

/** What is made of a channel, and what events call it. */
const FEATURES = { dead: 'silent', stuck: 'stuck' } as const;
const FAILURES = ['dead', 'stuck'] as const;

/** How many channels that were made dead or stuck were told. */
export interface DeadChannels {
  readonly tries: number;
  readonly told: number;
  /** `series channel: dead`, of those that were not. */
  readonly missed: readonly string[];
}

/** Has every channel of every series fall silent, and stand still, and counts how often that is told in time. */
export async function benchDead(series: readonly NabTable[], config: SensorConfig): Promise<DeadChannels> {
  const missed: string[] = [];
  let tries = 0;
  for (const { table, rateHz } of series) {
    const from = sensorPace(config, rateHz).learnRows + WATCHED_ROWS;
    if (table.rows < from + TOLD_ROWS) continue;
    for (let c = 0; c < table.channels.length; c++) {
      for (const failure of FAILURES) {
        tries += 1;
        const failing = failed(table, c, from, failure);
        if (!(await isTold(failing, FEATURES[failure], { rateHz, from, config })))
          missed.push(`${table.name} ${table.channels[c]?.name}: ${failure}`);
      }
    }
  }
  return { tries, told: tries - missed.length, missed };
}

interface Try {
  readonly rateHz: number;
  /** The row from which on it fails. */
  readonly from: number;
  readonly config: SensorConfig;
}

/** By an event of its own, or by one that was under way and says so from then on. */
async function isTold(table: SensorTable, feature: string, { rateHz, from, config }: Try): Promise<boolean> {
  const { detections, features } = await runTable(table, rateHz, config);
  return (
    (features.get(feature) ?? 0) > from || detections.some(({ verifiedSample }) => verifiedSample > from)
  );
}

/** The series up to the row by which it is to be told; from a row on one channel gives nothing, or the same value. */
function failed(
  table: SensorTable,
  channel: number,
  from: number,
  failure: (typeof FAILURES)[number],
): SensorTable {
  const rows = from + TOLD_ROWS;
  const { length } = table.channels;
  const data = table.data.slice(0, rows * length);
  const last = data[from * length + channel] as number;
  for (let row = from; row < rows; row++)
    data[row * length + channel] = failure === 'dead' ? Number.NaN : last;
  return { ...table, rows, data };
}
