import * as z from '../../core/zod.js';
import type { ChangePoint } from './changepoint.js';
import type { NormalModel } from './normal-model.js';
import { normalEquivalent } from './statistics.js';

export const FAULTS_VERSION = 2;
/** Cosine between two faults, as normal deviates, from which on they are the same. */
const SAME_FAULT = 0.85;
/** Faults seen lately that a user may still name; the oldest makes room. */
const MOST_RECENT = 50;
/** Named examples kept of all faults together; the oldest makes room. */
const MOST_KNOWN = 500;

const valuesSchema = z.array(z.number()).min(1).readonly();

/**
 * How a fault looked. Kept in units, not as deviates, for those change with what is learnt about the noise, and a
 * fault named once is to be known for good.
 */
const lookSchema = z.strictObject({
  /** By how much the mean of each feature shifted, in its own unit. */
  shifts: valuesSchema,
  /** Standard deviations of such shifts as they were known then, in the same unit: for people to read. */
  spreads: valuesSchema,
});

/** What a device remembers of the faults of one signal. */
export const faultMemorySchema = z.strictObject({
  version: z.literal(FAULTS_VERSION),
  /** Names of the features that shifts are of; memory of another signal is refused. */
  features: z.array(z.string()).min(1).readonly(),
  /** Faults that a user has named, one entry for each time. */
  known: z.array(lookSchema.extend({ name: z.string() })).readonly(),
  /** Faults that were confirmed, newest last. */
  recent: z.array(lookSchema.extend({ startSample: z.int() })).readonly(),
});

export type FaultLook = z.infer<typeof lookSchema>;
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

/**
 * The known fault that points most nearly the same way, by cosine similarity (fault isolation by the direction of the
 * reconstruction: Dunia and Qin, "Subspace approach to multidimensional fault identification and reconstruction",
 * AIChE J. 44, 1998); null when none is near. Both are measured by what is known of the noise now.
 */
export function recognise(change: Shift, memory: FaultMemory, normal: NormalModel): string | null {
  let best: string | null = null;
  let nearest = SAME_FAULT;
  for (const { name, shifts } of memory.known) {
    const similarity = similarityOf(change, shifts, normal);
    if (similarity < nearest) continue;
    nearest = similarity;
    best = name;
  }
  return best;
}

/** Whether a change is the fault that shifted the features by `shifts`; measured as by {@link recognise}. */
export function looksLike(change: Shift, shifts: readonly number[], normal: NormalModel): boolean {
  return similarityOf(change, shifts, normal) >= SAME_FAULT;
}

/** The name by which a fault of earlier is known now, by the noise as it was then; null: by none. */
export function nameOf(
  { shifts, spreads }: FaultLook,
  memory: FaultMemory,
  normal: NormalModel,
): string | null {
  const deviations = Float64Array.from(deviatesOf(shifts, spreads, normal));
  return recognise({ deviations, spreads: Float64Array.from(spreads) }, memory, normal);
}

type Shift = Pick<ChangePoint, 'deviations' | 'spreads'>;

function similarityOf(
  { deviations, spreads }: Shift,
  shifts: readonly number[],
  normal: NormalModel,
): number {
  return cosine(deviations, deviatesOf(shifts, spreads, normal));
}

/** Shifts as normal deviates; 0 of a feature that had not begun. */
function deviatesOf(
  shifts: readonly number[],
  spreads: ArrayLike<number>,
  normal: NormalModel,
): readonly number[] {
  return normal.channels.map(({ dof }, f) => {
    const spread = spreads[f] ?? 0;
    return spread > 0 ? normalEquivalent((shifts[f] ?? 0) / spread, dof) : 0;
  });
}

function cosine(a: Float64Array, b: readonly number[]): number {
  const product = b.reduce((sum, value, f) => sum + value * (a[f] ?? 0), 0);
  return product / (Math.hypot(...a) * Math.hypot(...b) || 1);
}

/** Remembers a confirmed fault, so that it can be named later; a second look at the same one replaces the first. */
export function remember(
  memory: FaultMemory,
  startSample: number,
  { shifts, spreads }: Pick<ChangePoint, 'shifts' | 'spreads'>,
): FaultMemory {
  const others = memory.recent.filter((fault) => fault.startSample !== startSample);
  const fault = { startSample, shifts: Array.from(shifts), spreads: Array.from(spreads) };
  return { ...memory, recent: [...others, fault].slice(-MOST_RECENT) };
}

/** The fault that began nearest to `sample`; null takes the newest. */
export function nearestFault<Fault extends { readonly startSample: number }>(
  faults: readonly Fault[],
  sample: number | null,
): Fault | undefined {
  const distance = ({ startSample }: Fault) =>
    sample === null ? -startSample : Math.abs(startSample - sample);
  return [...faults].sort((a, b) => distance(a) - distance(b))[0];
}

/**
 * Gives the recent fault that began nearest to `sample` a name; null takes the newest.
 * @returns null when there is no recent fault.
 */
export function nameFault(memory: FaultMemory, name: string, sample: number | null): FaultMemory | null {
  const fault = nearestFault(memory.recent, sample);
  if (fault === undefined) return null;
  const { shifts, spreads } = fault;
  return { ...memory, known: [...memory.known, { name, shifts, spreads }].slice(-MOST_KNOWN) };
}

/**
 * Calls every example of a known fault otherwise; those of a fault that already has that name join it.
 * @returns null when no fault has the name.
 */
export function renameFault(memory: FaultMemory, from: string, to: string): FaultMemory | null {
  if (!memory.known.some(({ name }) => name === from)) return null;
  return {
    ...memory,
    known: memory.known.map((fault) => (fault.name === from ? { ...fault, name: to } : fault)),
  };
}

/**
 * Forgets a name with all its examples; the fault is unknown again when it comes.
 * @returns null when no fault has the name.
 */
export function forgetFault(memory: FaultMemory, called: string): FaultMemory | null {
  const known = memory.known.filter(({ name }) => name !== called);
  return known.length === memory.known.length ? null : { ...memory, known };
}
