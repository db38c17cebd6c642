import { NOT_KEPT } from './kept-file.js';
import type { CommandOfPage } from './page-command.js';

/** Asks no cloud, or may again. */
export const offline: CommandOfPage<'offline'> = ({ isOn }, house, by) => {
  const isKept = house.offline.set(isOn, by);
  const what = isOn ? 'no cloud is asked' : 'the cloud may be asked';
  return { detail: isKept ? what : `${what}${NOT_KEPT}` };
};
