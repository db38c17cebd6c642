import type { StageSpec } from '../../core/cascade/assembly.js';
import type { Thresholds } from '../../core/thresholds.js';
import type { NormalConfig, SensorConfig } from '../config.js';

/** As data, for a thread that loads no schemas. */
export interface AnomalyTinySpec extends StageSpec {
  readonly kind: 'anomaly-tiny';
  readonly thresholds: Thresholds;
  /** The false alarms a day at which confidence is one half; null: what the pace carries. */
  readonly falseAlarmsPerDay: number | null;
  /** File that what was learnt is kept in; null keeps it in memory. */
  readonly state: string | null;
  readonly features: SensorConfig['features'];
  /** Signal that one row of features describes. */
  readonly rowSeconds: number;
  /** IANA name of the zone whose clocks the courses keep; null: clocks never change. */
  readonly timeZone: string | null;
  /** Normal running to learn from, where there is no recording of it; null: what the pace asks for. */
  readonly learnSeconds: number | null;
  readonly normal: NormalConfig | null;
  /** What lasts longer is taken for how the plant now runs. */
  readonly maxAlarmSeconds: number;
  /** Lowest and highest value that channels may have, by name. */
  readonly limits: SensorConfig['limits'];
  /** What of the signal an escalation carries. */
  readonly summary: SensorConfig['summary'];
}

declare module '../stage-kind.js' {
  interface SensorTinySpecs {
    'anomaly-tiny': AnomalyTinySpec;
  }
}

/** Label of every detection until it is known which fault it is. */
export const ANOMALY = 'anomaly';
