import type { Chance } from './chance.js';

const QUIET = 0.01;
/** How loud a thing is says what it is: the stages of the simulation hear by that. */
export const WORD = 0.9;
export const KNOWN_ORDER = 0.7;
export const HARD_ORDER = 0.6;
const WORD_MS = 600;
const PAUSE_MS = 400;
const ORDER_MS = 1_600;
/** No two things are heard closer together: each is over by then, whatever failed. */
const APART_MS = 180_000;

/** Something that is there to be heard. */
export interface Sound {
  readonly kind: 'order' | 'fault';
  readonly startMs: number;
  readonly endMs: number;
  /** As `KNOWN_ORDER` or `HARD_ORDER`: what can be answered on the device, and what cannot. */
  readonly level: number;
}

/** Draws what is to be heard, one thing after the other. */
export class Sounds {
  #latest: Sound;
  readonly #chance: Chance;
  readonly #everyMs: number;
  readonly #kind: Sound['kind'];

  constructor(kind: Sound['kind'], everyMs: number, chance: Chance) {
    this.#kind = kind;
    this.#everyMs = everyMs;
    this.#chance = chance;
    this.#latest = this.#draw(0);
  }

  /** The one that is heard at a time, or the next. */
  at(nowMs: number): Sound {
    while (this.#latest.endMs < nowMs) this.#latest = this.#draw(this.#latest.endMs + APART_MS);
    return this.#latest;
  }

  /** How loud it is at a time, where it is heard at `nearness` of its level. */
  level(nowMs: number, nearness: number): number {
    const { kind, startMs, level } = this.at(nowMs);
    const sinceMs = nowMs - startMs;
    if (sinceMs < 0) return QUIET;
    if (kind === 'fault') return level;
    if (sinceMs < WORD_MS) return WORD * nearness;
    return sinceMs < WORD_MS + PAUSE_MS ? QUIET : level * nearness;
  }

  #draw(fromMs: number): Sound {
    const startMs = fromMs + this.#chance.wait(this.#everyMs);
    const lastsMs =
      this.#kind === 'order' ? WORD_MS + PAUSE_MS + ORDER_MS : this.#chance.between(20_000, 900_000);
    const level = this.#chance.isTrue(0.6) ? KNOWN_ORDER : HARD_ORDER;
    return { kind: this.#kind, startMs, endMs: startMs + lastsMs, level };
  }
}
