import { type Finding, ok, problem } from '../core/finding.js';
import type { ChannelFormat, Source } from '../core/signal/frame.js';
import type { TimeReading } from './message-times.js';

/** How long is listened for a row: seven of them, but neither shorter nor longer than this. */
const LEAST_MS = 3000;
const MOST_MS = 15_000;
const WAIT_ROWS = 7;
/** Rows without a value that are enough to say so. */
const USELESS_ROWS = 3;

/** How long a source of so many rows a second is listened to. */
export function listenMs(rateHz: number): number {
  return Math.min(MOST_MS, Math.max(LEAST_MS, (WAIT_ROWS * 1000) / rateHz));
}

/** What was heard of a source: the values of a row, rows that hold none, or no row at all. */
export type Heard =
  | { readonly kind: 'values'; readonly values: string }
  | { readonly kind: 'useless' }
  | { readonly kind: 'nothing' };

/**
 * Listens to a source for a row with values in it.
 * @param signal ends it: after {@link listenMs}, or when what comes is known to be useless
 * @throws CatnapError as the source's `frames` does.
 */
export async function listenForRow(source: Source, signal: AbortSignal): Promise<Heard> {
  let channels: readonly ChannelFormat[] = [];
  let useless = 0;
  for await (const item of source.frames(signal)) {
    if (item.kind === 'format') {
      ({ channels } = item);
      continue;
    }
    if (item.kind === 'frame' && item.data.some((value) => !Number.isNaN(value))) {
      const values = channels.map((channel, c) => valueIn(channel, item.data[c] as number));
      return { kind: 'values', values: values.join(', ') };
    }
    useless += 1;
    if (useless === USELESS_ROWS) break;
  }
  return { kind: useless > 0 ? 'useless' : 'nothing' };
}

/** What the doctor says of a source that gave values: these, and what its time was taken for. */
export function heardWith(source: string, values: string, time: TimeReading | null): Finding {
  if (time?.isRead === false) return problem(`${source}: ${time.detail}`, 'check `time` and `dayOrder`');
  return ok(time === null ? `${source}: ${values}` : `${source}: ${values}; ${time.detail}`);
}

function valueIn({ name, unit }: ChannelFormat, value: number): string {
  return Number.isNaN(value) ? `${name} missing` : `${name} ${Number(value.toPrecision(6))} ${unit}`.trim();
}
