import { z } from 'zod';

export const FAULTS_VERSION = 1;
/** Cosine between two deviations from which on they are the same fault. */
const SAME_FAULT = 0.85;
/** Faults seen lately that a user may still name; the oldest makes room. */
const MOST_RECENT = 50;
/** Named examples kept of all faults together; the oldest makes room. */
const MOST_KNOWN = 500;

const directionSchema = z.array(z.number()).min(1).readonly();

/** What a device remembers of the faults of one signal. */
export const faultMemorySchema = z.strictObject({
  version: z.literal(FAULTS_VERSION),
  /** Names of the features that directions are over; memory of another signal is refused. */
  features: z.array(z.string()).min(1).readonly(),
  /** Faults that a user has named, one entry for each time. */
  known: z.array(z.strictObject({ name: z.string(), direction: directionSchema })).readonly(),
  /** Faults that were confirmed, newest last. */
  recent: z.array(z.strictObject({ startSample: z.int(), direction: directionSchema })).readonly(),
});

export type FaultMemory = z.infer<typeof faultMemorySchema>;

/** Where fault memory is kept. */
export interface FaultStore {
  /** @throws CatnapError `STATE_INVALID` when it is damaged. */
  load(): FaultMemory | null;
  save(memory: FaultMemory): void;
}

export class MemoryFaultStore implements FaultStore {
  #memory: FaultMemory | null = null;

  load(): FaultMemory | null {
    return this.#memory;
  }

  save(memory: FaultMemory): void {
    this.#memory = memory;
  }
}

export function emptyMemory(features: readonly string[]): FaultMemory {
  return { version: FAULTS_VERSION, features: [...features], known: [], recent: [] };
}

/** The direction of a deviation: which features moved, which way, by what share. Unit length. */
export function directionOf(deviations: ArrayLike<number>): readonly number[] {
  const values = Array.from(deviations);
  const length = Math.hypot(...values) || 1;
  return values.map((value) => value / length);
}

/**
 * The known fault that points most nearly the same way, by cosine similarity (fault isolation by the direction of the
 * reconstruction: Dunia and Qin, "Subspace approach to multidimensional fault identification and reconstruction",
 * AIChE J. 44, 1998); null when none is near.
 */
export function recognise(direction: readonly number[], memory: FaultMemory): string | null {
  let best: string | null = null;
  let nearest = SAME_FAULT;
  for (const { name, direction: known } of memory.known) {
    const similarity = known.reduce((sum, value, i) => sum + value * (direction[i] ?? 0), 0);
    if (similarity < nearest) continue;
    nearest = similarity;
    best = name;
  }
  return best;
}

/** Remembers a confirmed fault, so that it can be named later; a second look at the same one replaces the first. */
export function remember(
  memory: FaultMemory,
  startSample: number,
  direction: readonly number[],
): FaultMemory {
  const others = memory.recent.filter((fault) => fault.startSample !== startSample);
  return { ...memory, recent: [...others, { startSample, direction: [...direction] }].slice(-MOST_RECENT) };
}

/**
 * Gives the recent fault that began nearest to `sample` a name; null takes the newest.
 * @returns null when there is no recent fault.
 */
export function nameFault(memory: FaultMemory, name: string, sample: number | null): FaultMemory | null {
  const distance = (startSample: number) => (sample === null ? -startSample : Math.abs(startSample - sample));
  const fault = [...memory.recent].sort((a, b) => distance(a.startSample) - distance(b.startSample))[0];
  if (fault === undefined) return null;
  return { ...memory, known: [...memory.known, { name, direction: fault.direction }].slice(-MOST_KNOWN) };
}
