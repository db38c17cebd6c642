import type { LineNoise } from './board.js';
import type { Chance } from './chance.js';
import type { Device } from './device.js';
import type { Reaction, Weather } from './far-end.js';
import type { HeavyState } from './heavy.js';
import type { Machine } from './machine.js';
import type { Upset } from './recovery.js';

/** One kind of fault. */
export interface Fault extends Upset {
  /** Its row in docs/FAULTS.md; null: it is in none. */
  readonly row: number | null;
  /** Mean time from the end of one to the beginning of the next. */
  readonly everyHours: number;
  /** Begins it; what it returns ends it. */
  begin(machine: Machine, chance: Chance): () => void;
}

export const SOURCES = ['kitchen', 'hall', 'pump'] as const;
export const MICROPHONES = ['kitchen', 'hall'] as const;

export const atOnce = (happen: (machine: Machine, chance: Chance) => void): Fault['begin'] => {
  return (machine, chance) => {
    happen(machine, chance);
    return () => {};
  };
};

export const weather = (draw: (chance: Chance) => Weather, breaks = false): Fault['begin'] => {
  return ({ farEnd }, chance) => {
    const mine = draw(chance);
    farEnd.weather = mine;
    if (breaks) farEnd.disconnectAll();
    return () => {
      if (farEnd.weather === mine) farEnd.weather = { kind: 'fair' };
    };
  };
};

export const reaction = (share: number, draw: (chance: Chance) => Reaction): Fault['begin'] => {
  return ({ reactions }, chance) => {
    const mine = () => (chance.isTrue(share) ? draw(chance) : null);
    reactions.push(mine);
    return () => {
      reactions.splice(reactions.indexOf(mine), 1);
    };
  };
};

export const device = (
  fault: Device['wrong'][number],
  among: readonly [keyof Machine['devices'], ...(keyof Machine['devices'])[]] = SOURCES,
): Fault['begin'] => {
  return ({ devices, board }, chance) => {
    const source = chance.oneOf(among);
    const mine = devices[source];
    mine.wrong.push(fault);
    if (source === 'pump' && fault === 'absent') board.unplug();
    return () => {
      mine.wrong.splice(mine.wrong.indexOf(fault), 1);
      // What is unplugged loses its power, unless it has one of its own.
      if (source === 'pump' && fault === 'absent' && chance.isTrue(0.5)) board.reset(chance.isTrue(0.5));
    };
  };
};

export const tiny = (state: Device['tiny']): Fault['begin'] => {
  return ({ devices }, chance) => {
    const mine = devices[chance.oneOf(MICROPHONES)];
    mine.tiny = state;
    return () => {
      if (mine.tiny === state) mine.tiny = 'ok';
    };
  };
};

/** Something of the machine is otherwise for a while. */
export const setting = <Name extends 'heavyState' | 'switches' | 'freeMemory' | 'descriptors'>(
  name: Name,
  value: Machine[Name],
  usual: Machine[Name],
): Fault['begin'] => {
  return (machine) => {
    machine[name] = value;
    return () => {
      if (machine[name] === value) machine[name] = usual;
    };
  };
};

export const heavy = (state: HeavyState): Fault['begin'] => setting('heavyState', state, 'ok');

/** Frames of the board's line are not what was sent. */
export const noise = (
  share: number,
  draw: (frame: Uint8Array, chance: Chance) => Uint8Array,
): Fault['begin'] => {
  return ({ board }, chance) => {
    const mine: LineNoise = (frame) => (chance.isTrue(share) ? draw(frame, chance) : frame);
    board.noise = mine;
    return () => {
      if (board.noise === mine) board.noise = null;
    };
  };
};

export function garbled(frame: Uint8Array, chance: Chance): Uint8Array {
  const bytes = Uint8Array.from(frame);
  bytes[Math.floor(chance.random() * bytes.length)] = Math.floor(chance.random() * 256);
  return bytes;
}

/** Half a frame, or one that never ends. */
export function misfit(frame: Uint8Array, chance: Chance): Uint8Array {
  if (chance.isTrue(0.5)) return frame.subarray(0, Math.floor(chance.random() * frame.length));
  return new Uint8Array(Math.floor(chance.between(1_000, 4_000))).fill(7);
}

/** What only a person mends, who then starts it again; a restart alone would not. */
export const untilMended = (
  break_: (machine: Machine, chance: Chance) => void,
  mend: (machine: Machine) => void,
): Fault['begin'] => {
  return (machine, chance) => {
    break_(machine, chance);
    machine.crash();
    return () => {
      mend(machine);
      machine.start();
    };
  };
};

export const refusing = (status: number, retryAfterSeconds: number | null = null): Weather => ({
  kind: 'refusing',
  status,
  retryAfterSeconds,
});
