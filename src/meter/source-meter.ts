import type { Clock } from '../core/clock.js';
import { createLedger, type Ledger } from '../core/metering/ledger.js';
import type { PowerModel } from '../core/metering/meter.js';
import { createHistogram } from './histogram.js';
import { readThreadCpuMs } from './thread-cpu.js';

/**
 * Opens the books of a source on the thread that runs its cascade. `power` comes from the main thread
 * (`modelledPower(boardProfile(config.meter))`, later `Ledger.setPower` where a sensor measures).
 */
export function createSourceMeter(
  source: string,
  power: PowerModel,
  clock: Pick<Clock, 'monotonicMs'>,
): Ledger {
  return createLedger({
    source,
    clock,
    power,
    createHistogram,
    threadCpuMs: readThreadCpuMs,
  });
}
