import { CatnapError } from '../core/errors.js';
import {
  type FaultLook,
  type FaultMemory,
  forgetFault,
  nameFault,
  nameOf,
  renameFault,
} from './normal/faults.js';
import { FileAnomalyStore, FileFaultStore, faultsPathOf } from './normal/state-file.js';
import { anomalyStatePath } from './normal/state-path.js';

/** Features that a fault is told by, and the share below which one is left out. */
const MOST_MOVED = 3;
const LEAST_PERCENT = 0.5;

/** What a name stands for, or a fault that was confirmed lately and has none. */
export interface ListedFault {
  readonly name: string | null;
  /** What moved most in each example that was given the name, the newest first; or in the fault that has none. */
  readonly looks: readonly string[];
  /** Where those confirmed lately that are known by it now began, on the sample clock, the newest first. */
  readonly startSamples: readonly number[];
}

/**
 * The faults of a source as its state folder keeps them, and the names that somebody gave them; the heavy stage looks
 * there with every fault. What changes them throws `STORE_FULL` when it cannot be written.
 */
export class NamedFaults {
  readonly #source: string;
  readonly #normal: FileAnomalyStore;
  readonly #store: FileFaultStore;

  constructor(stateDir: string, source: string) {
    const path = anomalyStatePath(stateDir, source);
    this.#source = source;
    this.#normal = new FileAnomalyStore(path);
    this.#store = new FileFaultStore(faultsPathOf(path));
  }

  /**
   * The faults that were confirmed lately, oldest first, each with the name that it is known by now; null: by none.
   * @throws CatnapError `STATE_INVALID` as {@link memory}, and where what is normal is damaged.
   */
  get recent(): readonly (FaultMemory['recent'][number] & { readonly name: string | null })[] {
    return this.#recentOf(this.memory);
  }

  /**
   * What each name stands for, by name, then the faults without one, the newest first; empty before the first fault.
   * @throws CatnapError `STATE_INVALID` as {@link recent}.
   */
  list(): readonly ListedFault[] {
    const memory = this.#store.load();
    if (memory === null) return [];
    const { features, known } = memory;
    const recent = this.#recentOf(memory).toReversed();
    const names = [...new Set(known.map(({ name }) => name))].sort();
    const named = names.map((name) => ({
      name,
      looks: known
        .filter((fault) => fault.name === name)
        .map((fault) => mostMoved(features, fault))
        .toReversed(),
      startSamples: recent.filter((fault) => fault.name === name).map(({ startSample }) => startSample),
    }));
    const unnamed = recent
      .filter(({ name }) => name === null)
      .map((fault) => ({
        name: null,
        looks: [mostMoved(features, fault)],
        startSamples: [fault.startSample],
      }));
    return [...named, ...unnamed];
  }

  /** @throws CatnapError `INPUT_MISSING` while no fault was confirmed, `STATE_INVALID` for memory that is damaged. */
  get memory(): FaultMemory {
    const memory = this.#store.load();
    if (memory !== null) return memory;
    throw new CatnapError('INPUT_MISSING', `${this.#store.path}: expected a confirmed fault, found none yet`);
  }

  /**
   * Names the fault that began nearest to a sample, or with null the newest.
   * @throws CatnapError `INPUT_MISSING` while no fault was confirmed.
   */
  name(called: string, sample: number | null): FaultMemory {
    const named = nameFault(this.memory, called, sample);
    if (named === null) {
      throw new CatnapError('INPUT_MISSING', `${this.#source}: expected a confirmed fault, found none yet`);
    }
    return this.#saved(named);
  }

  /** @throws CatnapError `USAGE` when no fault has the name. */
  rename(from: string, to: string): FaultMemory {
    const { memory } = this;
    return this.#saved(renameFault(memory, from, to) ?? unknown(memory, from));
  }

  /** @throws CatnapError `USAGE` when no fault has the name. */
  forget(called: string): FaultMemory {
    const { memory } = this;
    return this.#saved(forgetFault(memory, called) ?? unknown(memory, called));
  }

  #recentOf(
    memory: FaultMemory,
  ): readonly (FaultMemory['recent'][number] & { readonly name: string | null })[] {
    const normal = this.#normal.load()?.normal;
    return memory.recent.map((fault) => ({
      ...fault,
      name: normal === undefined ? null : nameOf(fault, memory, normal),
    }));
  }

  #saved(memory: FaultMemory): FaultMemory {
    this.#store.save(memory);
    return memory;
  }
}

function unknown({ known }: FaultMemory, called: string): never {
  const names = [...new Set(known.map(({ name }) => name))].join(', ');
  throw new CatnapError(
    'USAGE',
    `expected the name of a known fault, found "${called}"; known: ${names || 'none'}`,
  );
}

/** The features that moved most, with their direction and their share of how far all of them moved. */
export function mostMoved(features: readonly string[], { shifts, spreads }: FaultLook): string {
  const moves = features.map((feature, i) => ({ feature, moved: (shifts[i] ?? 0) / (spreads[i] || 1) }));
  const all = Math.hypot(...moves.map(({ moved }) => moved)) || 1;
  return moves
    .map(({ feature, moved }) => ({ feature, moved, percent: 100 * (moved / all) ** 2 }))
    .sort((a, b) => b.percent - a.percent)
    .slice(0, MOST_MOVED)
    .filter(({ percent }, at) => at === 0 || percent >= LEAST_PERCENT)
    .map(({ feature, moved, percent }) => `${feature} ${moved > 0 ? 'up' : 'down'} (${percent.toFixed(0)}%)`)
    .join(', ');
}
