import { Arbiter, type HeardWord } from '../../core/cascade/arbiter.js';
import type { Time } from '../../core/clock.js';
import type { CascadeEvent } from '../../core/events/events.js';
import type { SourceHost } from './source-host.js';

type Neighbour = Pick<SourceHost, 'source' | 'order'>;

/** Other devices that may hear the same words. */
export interface Elsewhere {
  heard(word: HeardWord): void;
  /** Nothing will come of a detection. */
  ended(detection: string): void;
  /** Whether this device is the one to act; at once where it is alone. */
  isMine(detection: string): Promise<boolean>;
}

/** The sources of one run beside each other: what one hears or verifies, as far as the others have to know. */
export class Neighbourhood {
  readonly #arbiter: Arbiter;

  /**
   * @param voices sources that listen for words
   * @param hosts all sources; asked for when something is to be told
   * @param elsewhere asked once this device has made up its mind
   */
  constructor(
    { clock, timer }: Time,
    private readonly voices: ReadonlySet<string>,
    private readonly hosts: () => readonly Neighbour[],
    private readonly elsewhere: Elsewhere | null = null,
  ) {
    this.#arbiter = new Arbiter(timer, clock.monotonicMs);
  }

  /** What a source verified or refused. */
  told({ source }: Neighbour, event: CascadeEvent): void {
    if (event.type === 'refused') this.#ended(event.detection);
    if (event.type !== 'verified') return;
    for (const other of this.hosts()) {
      // Voices that hear the same word are one event: the arbiter's affair.
      const areVoices = this.voices.has(source) && this.voices.has(other.source);
      if (other.source !== source && !areVoices) other.order({ kind: 'verified-elsewhere', source });
    }
  }

  heard(word: HeardWord): void {
    this.#arbiter.heard(word);
    this.elsewhere?.heard(word);
  }

  /** A source asks whether it may act on a detection, and is told. */
  claim(host: Neighbour, detection: string): void {
    void this.#isMine(detection).then((isMine) => host.order({ kind: 'claimed', detection, isMine }));
  }

  async #isMine(detection: string): Promise<boolean> {
    const isOurs = await this.#arbiter.isMine(detection);
    if (isOurs) return (await this.elsewhere?.isMine(detection)) ?? true;
    this.elsewhere?.ended(detection);
    return false;
  }

  #ended(detection: string): void {
    this.#arbiter.ended(detection);
    this.elsewhere?.ended(detection);
  }

  /** Nobody waits for a source whose worker is down. */
  lost(source: string): void {
    this.#arbiter.lost(source);
  }
}
