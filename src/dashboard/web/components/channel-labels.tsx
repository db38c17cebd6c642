import { useEffect, useState } from 'preact/hooks';
import type { ChannelFormat } from '../../../core/signal/frame.js';
import { reading } from '../model/format.js';
import { onLevel, windowOf } from '../model/store.js';

const REFRESH_MS = 250;

/** Names and newest values of a sensor's channels, one beside each lane. */
export function ChannelLabels({
  source,
  channels,
  isFast,
}: {
  readonly source: string;
  readonly channels: readonly ChannelFormat[];
  /** Its readings are levels, not values. */
  readonly isFast: boolean;
}) {
  const [, refresh] = useState(0);
  useEffect(() => {
    let timer = 0;
    const leave = onLevel((changed) => {
      if (changed !== source || timer !== 0) return;
      timer = window.setTimeout(() => {
        timer = 0;
        refresh((times) => times + 1);
      }, REFRESH_MS);
    });
    return () => {
      leave();
      window.clearTimeout(timer);
    };
  }, [source]);
  const columns = windowOf(source).channels;
  return (
    <ul class="lane-labels">
      {channels.map(({ name, unit }, index) => (
        <li key={name}>
          <span class="ellipsis" title={name}>
            {name}
          </span>
          <span class="number" title={isFast ? 'Root mean square of a tenth of a second' : undefined}>
            {reading(columns[index]?.at(-1) ?? null, isFast ? `${unit} RMS` : unit)}
          </span>
        </li>
      ))}
    </ul>
  );
}
