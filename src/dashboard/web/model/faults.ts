import type { KnownFault } from '../../commands.js';
import type { Feed } from './feed.js';
import { counted, moment } from './format.js';

/** What a visitor may change about names of faults. */
const ABOUT_NAMES: readonly string[] = ['name-fault', 'rename-fault', 'forget-fault'];

/** Changes whenever something came that may have changed what faults a source knows. */
export function faultsChange(feed: Feed, source: string): string {
  const newest = feed.find((entry) => {
    if (entry.kind === 'command')
      return entry.event.source === source && ABOUT_NAMES.includes(entry.event.command);
    return (
      entry.kind === 'detection' && entry.detection.source === source && entry.detection.startMs !== null
    );
  });
  return newest?.key ?? '';
}

/** How often a fault was seen and when last, in words: `1 example · seen 3 times lately, last 14:03:27`. */
export function seenText({ name, looks, seen, last }: KnownFault): string {
  const when = last === null ? '' : moment(last.wallTime);
  if (name === null) return when === '' ? 'confirmed lately' : `confirmed ${when}`;
  const often = seen === 0 ? 'not seen lately' : `seen ${counted(seen, 'time')} lately`;
  return `${counted(looks.length, 'example')} · ${often}${when === '' ? '' : `, last ${when}`}`;
}
