/** Frames in a row below it end a stretch; fewer are a dent in one. */
const DENT_FRAMES = 4;
/** A stretch is of frames that score this much. */
const SCORES = 0.5;

/**
 * Places the end of a word by the frames at which it scores: a model that was shown words ending at any of some
 * places in its window scores for as long as the word ends at one of them, so that the middle of that time, each frame
 * weighed by its score, follows the word's end by about as much every time. Allocates nothing per frame.
 */
export class WordEnd {
  /** Where the word ended that stopped scoring last; null once it was taken. */
  #endSample: number | null = null;
  readonly #stretches: readonly Stretch[];

  /** @param centreSamples by label, from a word's end to the middle of its score; null of one that is not placed. */
  constructor(centreSamples: readonly (number | null)[]) {
    this.#stretches = centreSamples.flatMap((after, label) =>
      after === null ? [] : [new Stretch(label, after)],
    );
  }

  /** Takes the scores of the frame that ends at `sample`. */
  push(scores: Float32Array, sample: number): void {
    for (const stretch of this.#stretches) {
      const centre = stretch.push(scores[stretch.label] as number, sample);
      if (centre !== null) this.#endSample = Math.round(centre - stretch.centreSamples);
    }
  }

  /** Where a word ended that stopped scoring since this was asked; null where none did. */
  take(): number | null {
    const sample = this.#endSample;
    this.#endSample = null;
    return sample;
  }

  reset(): void {
    this.#endSample = null;
    for (const stretch of this.#stretches) stretch.reset();
  }
}

/** Frames at which one label scores. */
class Stretch {
  /** Sample of the first; null while it does not score. */
  #first: number | null = null;
  readonly #high = new Mass();
  /** Of the frames that scored less since the last one that scored. */
  readonly #dent = new Mass();

  /** @param centreSamples from the word's end to the middle of its score. */
  constructor(
    readonly label: number,
    readonly centreSamples: number,
  ) {}

  /** The middle of the stretch that is over with this frame; null where none is. */
  push(score: number, sample: number): number | null {
    const high = score >= SCORES;
    if (high) this.#first ??= sample;
    if (this.#first === null) return null;
    this.#dent.add(score, sample - this.#first);
    if (high) this.#high.take(this.#dent);
    if (this.#dent.frames <= DENT_FRAMES) return null;
    const middle = this.#first + this.#high.middle;
    this.reset();
    return middle;
  }

  reset(): void {
    this.#first = null;
    this.#high.clear();
    this.#dent.clear();
  }
}

/** Scores over time, as weights along a line. */
class Mass {
  frames = 0;
  #sum = 0;
  #moment = 0;

  get middle(): number {
    return this.#moment / this.#sum;
  }

  add(score: number, at: number): void {
    this.frames += 1;
    this.#sum += score;
    this.#moment += score * at;
  }

  /** Adds all of another, which is none then. */
  take(other: Mass): void {
    this.frames += other.frames;
    this.#sum += other.#sum;
    this.#moment += other.#moment;
    other.clear();
  }

  clear(): void {
    this.frames = 0;
    this.#sum = 0;
    this.#moment = 0;
  }
}
