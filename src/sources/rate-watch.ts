/** Samples and clock are compared over this long, then anew, so that the drift of a crystal never adds up. */
export const RATE_WINDOW_MS = 60_000;
/**
 * How far they may differ within it: what a pipe and a sound card's buffer hold (2.5 s at 16 kHz). So three times the
 * rate, or next to nothing of it, is found in {@link SETTLE_MS}, and 44.1 kHz in place of 48 in half a minute.
 */
const SLACK_MS = 2500;
/** Before this the rate that is told would be a guess: samples come in lots. */
const SETTLE_MS = 4000;

/** Holds the samples of a live source to the clock: whether they come as fast as was asked for. Pure. */
export class RateWatch {
  readonly #rateHz: number;
  readonly #pauseMs: number;
  #startMs: number | null = null;
  #lastMs = 0;
  #samples = 0;

  /** @param pauseMs a longer pause between two lots says that nobody read, not that nothing came: begin anew */
  constructor(rateHz: number, pauseMs: number) {
    this.#rateHz = rateHz;
    this.#pauseMs = pauseMs;
  }

  /** Takes a lot of samples that is there at `nowMs`; the rate that really comes where it is not the one asked for. */
  heard(samples: number, nowMs: number): number | null {
    if (this.#startMs === null || nowMs - this.#lastMs > this.#pauseMs) {
      this.#begin(nowMs);
      return null;
    }
    this.#lastMs = nowMs;
    this.#samples += samples;
    const passedMs = nowMs - this.#startMs;
    const heardMs = (this.#samples * 1000) / this.#rateHz;
    if (passedMs < SETTLE_MS) return null;
    if (Math.abs(heardMs - passedMs) > SLACK_MS) return Math.round((this.#samples * 1000) / passedMs);
    if (passedMs >= RATE_WINDOW_MS) this.#begin(nowMs);
    return null;
  }

  /** Samples that came and were lost on the way, as their recorder says. */
  lost(samples: number): void {
    this.#samples += samples;
  }

  /** Of the first lot nobody knows how long it had lain there. */
  #begin(nowMs: number): void {
    this.#startMs = nowMs;
    this.#lastMs = nowMs;
    this.#samples = 0;
  }
}
