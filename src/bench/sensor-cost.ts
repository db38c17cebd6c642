import { median } from '../core/quantile.js';
import { mulberry32 } from '../core/random.js';
import type { Source } from '../core/signal/frame.js';
import { defaultHopRows } from '../core/signal/hops.js';
import { boardProfile, modelledPower } from '../meter/board-profiles.js';
import { createSourceMeter } from '../meter/source-meter.js';
import { standardConfig } from '../runtime/config.js';
import { systemClock } from '../runtime/process/system-clock.js';
import { replay } from '../runtime/replay.js';
import type { SensorConfig } from '../sensor/config.js';
import { gauss } from './simulated-wake.js';

const CHANNELS = 8;
/** Learning is over by then: 20,000 rows at most are learnt from. */
const WARM_ROWS = 30_000;
const COUNTED_ROWS = 100_000;
const ROUNDS = 3;
/** Correlation of neighbouring rows. */
const PERSISTENCE = 0.9;
const SEED = 12_345;

/** What a row costs the whole cascade once it has learnt. */
export interface RowCost {
  readonly rowSeconds: number;
  /** Microseconds of user CPU time of the process for a row, median of the rounds. */
  readonly usPerRow: number;
  /** The same as a share of a core at this pace. */
  readonly coreShare: number;
}

/** Measures rows of eight made channels of correlated noise, as fast as they go. */
export async function benchRowCost(config: SensorConfig, rowSeconds: number): Promise<RowCost> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await usPerRow(config, rowSeconds));
  const usual = median(rounds);
  return { rowSeconds, usPerRow: usual, coreShare: usual / (1e6 * rowSeconds) };
}

async function usPerRow(config: SensorConfig, rowSeconds: number): Promise<number> {
  const standard = standardConfig();
  let before = process.cpuUsage();
  const source = madeRows(1 / rowSeconds, () => {
    before = process.cpuUsage();
  });
  await replay({
    source,
    cascade: { ...config, features: 'level', rowSeconds },
    intents: standard.intents,
    emit: () => {},
    meter: createSourceMeter(source.id, modelledPower(boardProfile(standard.meter)), systemClock),
    run: 'bench',
    signal: new AbortController().signal,
  });
  return process.cpuUsage(before).user / COUNTED_ROWS;
}

/** `onWarm`: called once the rows begin that count. */
function madeRows(rateHz: number, onWarm: () => void): Source {
  const id = 'made';
  const rows = WARM_ROWS + COUNTED_ROWS;
  const hopRows = defaultHopRows(rateHz);
  const data = madeValues(rows);
  const channels = Array.from({ length: CHANNELS }, (_, c) => ({ name: `channel ${c + 1}`, unit: '' }));
  return {
    id,
    async *frames() {
      yield { kind: 'format', source: id, rateHz, channels };
      for (let sample = 0; sample < rows; sample += hopRows) {
        if (sample === WARM_ROWS) onWarm();
        const hop = data.subarray(sample * CHANNELS, (sample + hopRows) * CHANNELS);
        yield { kind: 'frame', source: id, sample, rateHz, channels: CHANNELS, data: hop };
      }
    },
  };
}

function madeValues(rows: number): Float32Array {
  const data = new Float32Array(rows * CHANNELS);
  const level = new Float64Array(CHANNELS);
  const random = mulberry32(SEED);
  for (let i = 0; i < data.length; i++) {
    const c = i % CHANNELS;
    level[c] = PERSISTENCE * (level[c] as number) + gauss(random);
    data[i] = 20 + c + (level[c] as number);
  }
  return data;
}
