import { build } from 'hdr-histogram-js';
import type { LatencyHistogram } from '../core/meter.js';

const MAX_US = 10 * 60 * 1_000_000;

/**
 * An HDR histogram of latencies from 1 us to 10 min (longer counts as that), two significant digits: percentiles are
 * exact to 1%, in 13 kB.
 */
export function createHistogram(): LatencyHistogram {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_US,
    numberOfSignificantValueDigits: 2,
    autoResize: false,
    bitBucketSize: 32,
    useWebAssembly: false,
  });
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
