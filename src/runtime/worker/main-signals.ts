const BEATS = 0;
const WATCHED = 1;

/** What workers may read of the main thread at any time, without a message that would wake either of them. */
export class MainSignals {
  /** Hand this to a worker, which wraps it again. */
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  /** Says that the main thread is alive. */
  beat(): void {
    Atomics.add(this.#cells, BEATS, 1);
  }

  /** Other than a moment ago while the main thread is alive. */
  get beats(): number {
    return Atomics.load(this.#cells, BEATS);
  }

  /** Whether somebody looks at telemetry as it comes. */
  get watched(): boolean {
    return Atomics.load(this.#cells, WATCHED) === 1;
  }

  set watched(watched: boolean) {
    Atomics.store(this.#cells, WATCHED, watched ? 1 : 0);
  }
}
