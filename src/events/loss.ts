import { CatnapError } from '../core/errors.js';

/** Tells that events are lost when it begins, and how many they were once it is over. */
export class Loss {
  #isTold = false;
  #events = 0;

  /**
   * @param place what does not take them.
   * @param onError told of both.
   */
  constructor(
    private readonly place: string,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** So many more are lost, and why. */
  add(events: number, why: () => CatnapError): void {
    if (!this.#isTold) this.onError(why());
    this.#isTold = true;
    this.#events += events;
  }

  /** What comes now is taken, or nothing more comes. */
  end(): void {
    if (this.#events > 0)
      this.onError(
        new CatnapError('OUTPUT_UNWRITABLE', `${this.place}: ${this.#events} events could not be written`),
      );
    this.#isTold = false;
    this.#events = 0;
  }
}
