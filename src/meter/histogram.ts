import imported from 'hdr-histogram-js/dist/Int32Histogram.js';
import type { LatencyHistogram } from '../core/metering/meter.js';

/**
 * The one histogram that is used: the package's index brings WASM, codecs and inflation with it, a megabyte a
 * thread.
 */
const { default: Int32Histogram } = imported;
const MAX_US = 10 * 60 * 1_000_000;
const SIGNIFICANT_DIGITS = 2;

/**
 * An HDR histogram of latencies from 1 us to 10 min (longer counts as that), two significant digits: percentiles are
 * exact to 1%, in 13 kB.
 */
export function createHistogram(): LatencyHistogram {
  const histogram = new Int32Histogram(1, MAX_US, SIGNIFICANT_DIGITS);
  let maxMs = 0;
  return {
    recordMs(latencyMs) {
      if (latencyMs > maxMs) maxMs = latencyMs;
      histogram.recordValue(Math.min(MAX_US, Math.max(0, Math.round(latencyMs * 1000))));
    },
    percentileMs: (percentile) =>
      histogram.totalCount === 0 ? 0 : Math.min(maxMs, histogram.getValueAtPercentile(percentile) / 1000),
    maxMs: () => maxMs,
  };
}
