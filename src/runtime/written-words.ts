import { acceptOf } from '../voice/words/config.js';
import { cascadeNameOf } from './config.js';
import type { ConfigFile } from './live-words.js';
import type { WordPoints } from './page/false-wake.js';

/** Operating points as the file of the configuration has them now: words come and go in it while Catnap runs. */
export class WrittenWords implements WordPoints {
  /** @param file null: there is none, and no word that could be moved. */
  constructor(private readonly file: Pick<ConfigFile, 'read' | 'believeFrom'> | null) {}

  /** @throws ConfigError, CatnapError what reading the file throws. */
  of(source: string, label: string): number | null {
    const config = this.file?.read();
    const cascade = config?.cascades[cascadeNameOf(config.sources, source) ?? ''];
    if (cascade?.kind !== 'voice') return null;
    return acceptOf(cascade.tiny.words, label);
  }

  /** @throws CatnapError what writing the file throws. */
  set(source: string, label: string, accept: number): void {
    this.file?.believeFrom(accept, { cascade: cascadeNameOf(this.file.read().sources, source) ?? '', label });
  }
}
