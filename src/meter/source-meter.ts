import type { Clock } from '../core/clock.js';
import { createLedger, type Ledger } from '../core/metering/ledger.js';
import type { PowerModel } from '../core/metering/meter.js';
import { ThreadBooks } from '../core/metering/thread-books.js';
import { createHistogram } from './histogram.js';
import { readThreadCpuMs } from './thread-cpu.js';

/** Books of the calling thread. */
export function openThreadBooks(): ThreadBooks {
  return new ThreadBooks(readThreadCpuMs);
}

/**
 * Opens the books of a source on the thread that runs its cascade. `power` comes from the main thread
 * (`modelledPower(boardProfile(config.meter))`, later `Ledger.setPower` where a sensor measures).
 * @param thread where the thread runs cascades of other sources, too
 */
export function createSourceMeter(
  source: string,
  power: PowerModel,
  clock: Pick<Clock, 'monotonicMs'>,
  thread = openThreadBooks(),
): Ledger {
  return createLedger({
    source,
    clock,
    power,
    createHistogram,
    thread,
  });
}
