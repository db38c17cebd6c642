import { toInt16 } from '../signal/pcm.js';
import type { Ring } from '../signal/ring.js';
import type { SpeechStart, SpeechStreams } from './escalation.js';

/** Lets an utterance leave while it is being said: hands on what the ring has of it, hop by hop. */
export class SpeechStream {
  /** Of the utterance that streams; null: none does. */
  #key: string | null = null;
  /** Up to which sample it was handed on. */
  #toSample = 0;

  /** @param streams null: nothing leaves before it is over. */
  constructor(
    private readonly streams: SpeechStreams | null,
    private readonly ring: Ring,
  ) {}

  /** Begins with what there is already; a signal of several channels is no speech. */
  begin(start: SpeechStart): void {
    const { streams, ring } = this;
    if (streams === null || ring.channels !== 1) return;
    this.#key = start.key;
    this.#toSample = Math.max(start.startSample, ring.startSample);
    streams.begin({ ...start, startSample: this.#toSample });
    this.push(ring.endSample);
  }

  /** Time goes on to `endSample`. */
  push(endSample: number): void {
    if (this.streams === null || this.#key === null) return;
    const { data } = this.ring.copy(this.#toSample, endSample);
    this.#toSample = endSample;
    this.streams.samples(this.#key, Int16Array.from(data, toInt16));
  }

  /** The utterance is over; where it is asked about, the escalation under its key ends it. */
  end(isAsked: boolean): void {
    if (this.#key !== null && !isAsked) this.streams?.abandon(this.#key);
    this.#key = null;
  }
}
