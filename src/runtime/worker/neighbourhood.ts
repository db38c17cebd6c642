import { Arbiter, type HeardWord } from '../../core/cascade/arbiter.js';
import type { Time } from '../../core/clock.js';
import type { CascadeEvent } from '../../core/events/events.js';
import type { SourceHost } from './source-host.js';

type Neighbour = Pick<SourceHost, 'source' | 'order'>;

/** The sources of one run beside each other: what one hears or verifies, as far as the others have to know. */
export class Neighbourhood {
  readonly #arbiter: Arbiter;

  /**
   * @param voices sources that listen for words
   * @param hosts all sources; asked for when something is to be told
   */
  constructor(
    { clock, timer }: Time,
    private readonly voices: ReadonlySet<string>,
    private readonly hosts: () => readonly Neighbour[],
  ) {
    this.#arbiter = new Arbiter(timer, clock.monotonicMs);
  }

  /** What a source verified or refused. */
  told({ source }: Neighbour, event: CascadeEvent): void {
    if (event.type === 'refused') this.#arbiter.ended(event.detection);
    if (event.type !== 'verified') return;
    for (const other of this.hosts()) {
      // Voices that hear the same word are one event: the arbiter's affair.
      const areVoices = this.voices.has(source) && this.voices.has(other.source);
      if (other.source !== source && !areVoices) other.order({ kind: 'verified-elsewhere', source });
    }
  }

  heard(word: HeardWord): void {
    this.#arbiter.heard(word);
  }

  /** A source asks whether it may act on a detection, and is told. */
  claim(host: Neighbour, detection: string): void {
    void this.#arbiter.isMine(detection).then((isMine) => host.order({ kind: 'claimed', detection, isMine }));
  }

  /** Nobody waits for a source whose worker is down. */
  lost(source: string): void {
    this.#arbiter.lost(source);
  }
}
