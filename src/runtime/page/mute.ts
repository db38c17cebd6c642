import { NOT_KEPT } from './kept-file.js';
import type { CommandOfPage } from './page-command.js';

/** Does not listen to a source, or to any. */
export const mute: CommandOfPage<'mute'> = ({ source, forMs }, { sources, mutes }, by) => {
  const isKept = mutes.mute(source === null ? sources : [source], forMs, by);
  const howLong = forMs === null ? 'until it is unmuted' : `for ${durationOf(forMs)}`;
  return { detail: isKept ? howLong : `${howLong}${NOT_KEPT}` };
};

/** Listens again. */
export const unmute: CommandOfPage<'unmute'> = ({ source }, { sources, mutes }) => {
  mutes.unmute(source === null ? sources : [source]);
  return { detail: 'listened to again' };
};

function durationOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}
