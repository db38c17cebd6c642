import { readFileSync } from 'node:fs';
import type { PowerModel } from '../core/metering/meter.js';
import type { MeterConfig } from './config.js';

/** Published power figures of a board: seeds for modelled energy where nothing is measured. */
export interface BoardProfile {
  readonly title: string;
  readonly idleWatts: number;
  /** Watts one busy core adds. */
  readonly coreWatts: number;
  /** Where the figures were published. */
  readonly source: string;
}

type BoardName = Exclude<MeterConfig['board'], 'auto'>;

export const BOARD_PROFILES: Readonly<Record<BoardName, BoardProfile>> = {
  'pi-zero-2-w': {
    title: 'Raspberry Pi Zero 2 W',
    idleWatts: 0.6,
    coreWatts: 0.35,
    source:
      'idle: CNX Software, 2021 (120 mA at 5 V); core: Andre Jacobs, 2021, four busy cores draw 1.4 W more than a ' +
      'Zero W that idles alike, so at least 0.35 W each',
  },
  'pi-4': {
    title: 'Raspberry Pi 4',
    idleWatts: 2.25,
    coreWatts: 1.13,
    source: 'PowerJoular, linear fit: 2.2 to 2.3 W idle, 4.53 W x utilisation over 4 cores',
  },
  'pi-5': {
    title: 'Raspberry Pi 5',
    idleWatts: 4.4,
    coreWatts: 0.86,
    source: 'PowerJoular, weak fit: 4.4 W idle, about 0.86 W per busy core',
  },
  generic: {
    title: 'unknown board, priced as a Raspberry Pi 4',
    idleWatts: 2.25,
    coreWatts: 1.13,
    source: 'PowerJoular, linear fit of a Raspberry Pi 4',
  },
};

/** The board this process runs on, by the device tree's model name; `generic` elsewhere. */
export function detectBoard(procRoot = '/proc'): BoardName {
  let model = '';
  try {
    model = readFileSync(`${procRoot}/device-tree/model`, 'utf8');
  } catch {
    return 'generic';
  }
  if (model.startsWith('Raspberry Pi Zero 2')) return 'pi-zero-2-w';
  if (/^Raspberry Pi (4|400|Compute Module 4)\b/.test(model)) return 'pi-4';
  if (/^Raspberry Pi (5|500|Compute Module 5)\b/.test(model)) return 'pi-5';
  return 'generic';
}

/** The profile a configuration asks for, with its own figures in place of the published ones. */
export function boardProfile(config: MeterConfig, procRoot = '/proc'): BoardProfile {
  const profile = BOARD_PROFILES[config.board === 'auto' ? detectBoard(procRoot) : config.board];
  if (config.idleWatts === null && config.coreWatts === null) return profile;
  return {
    title: profile.title,
    idleWatts: config.idleWatts ?? profile.idleWatts,
    coreWatts: config.coreWatts ?? profile.coreWatts,
    source: 'the configuration',
  };
}

/** Prices CPU time by a profile. */
export function modelledPower({ idleWatts, coreWatts }: BoardProfile): PowerModel {
  return { idleWatts, coreWatts, basis: 'modelled' };
}
