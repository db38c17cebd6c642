import { CatnapError } from '../core/errors.js';
import { type FaultMemory, forgetFault, nameFault, nameOf, renameFault } from './normal/faults.js';
import { FileAnomalyStore, FileFaultStore, faultsPathOf } from './normal/state-file.js';
import { anomalyStatePath } from './normal/state-path.js';

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
    const { memory } = this;
    const normal = this.#normal.load()?.normal;
    return memory.recent.map((fault) => ({
      ...fault,
      name: normal === undefined ? null : nameOf(fault, memory, normal),
    }));
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
