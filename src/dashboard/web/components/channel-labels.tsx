import { useEffect, useState } from 'preact/hooks';
import type { ChannelFormat } from '../../../core/frame.js';
import { reading } from '../model/format.js';
import { onLevel, windowOf } from '../store.js';

const REFRESH_MS = 250;

/** Names and newest values of a sensor's channels, one beside each lane. */
export function ChannelLabels({
  source,
  channels,
}: {
  readonly source: string;
  readonly channels: readonly ChannelFormat[];
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
          <span class="number">{reading(columns[index]?.at(-1) ?? null, unit)}</span>
        </li>
      ))}
    </ul>
  );
}
