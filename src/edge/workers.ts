import { type News, ToldHealth } from '../core/events/health.js';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';

const aboutSchema = z.object({ version: z.string(), kinds: z.array(z.string()) });

/** What a worker says of itself; null for what is not that. */
export function workerAbout(said: string): z.infer<typeof aboutSchema> | null {
  return aboutSchema.safeParse(parseJson(said)).data ?? null;
}

/** A worker as it told of itself. */
interface Known {
  /** The whole of what it said: another start says something else. */
  readonly said: string;
  readonly kinds: readonly string[];
  /** Questions, by their key, that it lacks something for. */
  readonly lacking: Set<string>;
}

/**
 * The workers that are there and may be asked: those of this device's version, for what a stage answers is a matter
 * of its code as of its weights. Of each other one, and of each that lacks something, it tells once why.
 */
export class Workers {
  readonly #version: string;
  readonly #onHealth: (news: News) => void;
  readonly #known = new Map<string, Known>();
  readonly #there = new Set<string>();
  readonly #told = new Map<string, ToldHealth>();

  constructor(version: string, onHealth: (news: News) => void) {
    this.#version = version;
    this.#onHealth = onHealth;
  }

  get size(): number {
    return this.#there.size;
  }

  /** Takes what a worker says of itself, which is nothing once it is gone; whether it may be asked now. */
  meet(worker: string, said: string): boolean {
    this.#there.delete(worker);
    if (said === '') {
      this.#known.delete(worker);
      this.#become(worker, 'ok', 'OK', 'is gone');
      this.#told.delete(worker);
      return false;
    }
    const about = workerAbout(said);
    if (about?.version !== this.#version) {
      const its = about === null ? 'of an unknown version' : `Catnap ${about.version}`;
      const detail = `is ${its}: expected ${this.#version}, as this device is; it is not asked`;
      this.#known.delete(worker);
      this.#become(worker, 'degraded', 'EDGE_DIFFERS', detail);
      return false;
    }
    if (this.#known.get(worker)?.said !== said) {
      this.#known.set(worker, { said, kinds: about.kinds, lacking: new Set() });
      if (this.#told.has(worker)) this.#become(worker, 'ok', 'OK', 'is asked again');
    }
    this.#there.add(worker);
    return true;
  }

  /** Nobody is there as far as is known. */
  clear(): void {
    this.#there.clear();
  }

  /** Takes it that a worker cannot answer the question of this key, for lack of `what`. */
  lacks(worker: string, key: string, what: string): void {
    this.#known.get(worker)?.lacking.add(key);
    this.#become(worker, 'degraded', 'EDGE_DIFFERS', `cannot answer as this device would: ${what}`);
  }

  /** The question of this key is another now, which those may be asked that lacked something for it. */
  renew(key: string): void {
    for (const [worker, { lacking }] of this.#known)
      if (lacking.delete(key) && lacking.size === 0) this.#become(worker, 'ok', 'OK', 'is asked again');
  }

  /**
   * Who may be asked a question.
   * @param kind of its stage
   * @returns all that serve the kind, and those of them that lack nothing for it as far as is known
   */
  of(kind: string, key: string): { readonly all: readonly string[]; readonly able: readonly string[] } {
    const all = [...this.#there].filter((worker) => this.#known.get(worker)?.kinds.includes(kind));
    return { all, able: all.filter((worker) => !this.#known.get(worker)?.lacking.has(key)) };
  }

  #become(worker: string, state: News['state'], code: News['code'], detail: string): void {
    let told = this.#told.get(worker);
    if (told === undefined) {
      if (state === 'ok') return;
      told = new ToldHealth((health) => this.#onHealth({ ...health, condition: worker }));
      this.#told.set(worker, told);
    }
    told.become(state, code, `worker ${worker} ${detail}`);
  }
}
