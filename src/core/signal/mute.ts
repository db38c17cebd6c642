import type { Gap, SourceItem } from './frame.js';

/**
 * Leaves out what a source says while it is muted, before anything looks at it: the source stays open, so that it is
 * heard again at once.
 */
export class Mute {
  /** First sample that was left out; null while it is heard. */
  #from: number | null = null;

  /** @param isOn asked with every item */
  constructor(private readonly isOn: () => boolean) {}

  /** What stands before an item: the gap with which muting begins, and the one that says how much it left out. */
  gapBefore(item: SourceItem): Gap | null {
    if (item.kind !== 'frame' || this.isOn() === (this.#from !== null)) return null;
    const { source } = item;
    const sample = this.#from ?? item.sample;
    this.#from = this.#from === null ? sample : null;
    // A source that was opened anew may count from the beginning.
    return { kind: 'gap', source, sample, lostSamples: Math.max(0, item.sample - sample), reason: 'muted' };
  }

  /** Whether an item is heard; what a signal is has to be known all the time. */
  lets(item: SourceItem): boolean {
    return this.#from === null || item.kind === 'format';
  }
}
