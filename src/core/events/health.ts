import type { ErrorCode } from '../errors.js';

/** Why a component is as it is: `OK`, or what is wrong with it. */
export type HealthCode = ErrorCode | 'OK';

/**
 * How a component is; told once a transition. `down` means that nothing comes of it; `OK` beside it that this
 * is meant.
 */
export interface Health {
  readonly state: 'ok' | 'degraded' | 'down';
  readonly code: HealthCode;
  readonly detail: string;
}

/** Health of one condition of a component: no other's `ok` covers what is wrong with it. */
export interface News extends Health {
  /** What it is of, as `drift`; the component as a whole where left out. */
  readonly condition?: string;
}

/** The state of a component, which is told when it becomes another. */
export class ToldHealth {
  readonly #onHealth: (health: Health) => void;
  #state: Health['state'] | null;

  /** @param state what is known of it without being told; null: nothing, the first is told whatever it is */
  constructor(onHealth: (health: Health) => void, state: Health['state'] | null = null) {
    this.#onHealth = onHealth;
    this.#state = state;
  }

  get state(): Health['state'] | null {
    return this.#state;
  }

  become(state: Health['state'], code: HealthCode, detail: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onHealth({ state, code, detail });
  }
}
