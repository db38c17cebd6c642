/**
 * What a model's scores were over some frames: by label, the highest, and what was kept up for long enough, which is
 * the highest of the least of so many frames in a row. One loud frame is no word. Allocates nothing after construction.
 */
export class HeldScores {
  /** By label, since {@link begin}; NaN where a model gave no number. */
  readonly highest: Float32Array;
  readonly kept: Float32Array;
  /** The latest frames' scores, one frame after the other. */
  readonly #ring: Float32Array;
  readonly #frames: number;
  #at = 0;

  /** @param frames that a score must be kept up for. */
  constructor(labels: number, frames: number) {
    this.highest = new Float32Array(labels);
    this.kept = new Float32Array(labels);
    this.#ring = new Float32Array(labels * frames);
    this.#frames = frames;
  }

  /** What is told is of the frames from here on; what was kept up until now goes on. */
  begin(): void {
    this.highest.fill(0);
    this.kept.fill(0);
  }

  /** Takes the scores of the next frame. */
  push(scores: Float32Array): void {
    const labels = this.kept.length;
    this.#ring.set(scores, this.#at * labels);
    this.#at = (this.#at + 1) % this.#frames;
    for (let label = 0; label < labels; label++) {
      let least = this.#ring[label] as number;
      for (let i = label + labels; i < this.#ring.length; i += labels)
        least = Math.min(least, this.#ring[i] as number);
      this.kept[label] = Math.max(this.kept[label] as number, least);
      this.highest[label] = Math.max(this.highest[label] as number, scores[label] as number);
    }
  }

  /** Takes the scores of one frame for those of all frames before it, too. */
  level(scores: Float32Array): void {
    for (let frame = 0; frame < this.#frames; frame++) this.#ring.set(scores, frame * this.kept.length);
    this.highest.set(scores);
    this.kept.set(scores);
  }

  /** As if nothing had ever scored. */
  reset(): void {
    this.#ring.fill(0);
    this.begin();
  }
}
