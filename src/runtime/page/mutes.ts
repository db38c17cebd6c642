import type { Clock, Timer } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import { readJson } from '../../core/json.js';
import * as z from '../../core/zod.js';
import { MUTE_MAX_MS, type Muted } from '../../dashboard/commands.js';
import { keepIn, keptIn } from './kept-file.js';

const keptSchema = z.strictObject({
  version: z.literal(1),
  muted: z.array(z.strictObject({ source: z.string(), until: z.string().nullable(), by: z.string() })),
});

export interface MutesDeps {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly timer: Timer;
  /** File in which it is kept: who asked not to be heard is not heard after a power cut, either. */
  readonly path: string;
  /** Told whenever a source is muted or unmuted, and how it is from then on. */
  readonly onMute: (source: string, isMuted: boolean, health: Health) => void;
}

interface Entry {
  readonly muted: Muted;
  /** Ends the wait for its end. */
  readonly cancel: () => void;
}

/** Which sources are not listened to, and until when. */
export class Mutes {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly deps: MutesDeps) {}

  /** The sources that are muted, by name. */
  list(): readonly Muted[] {
    return [...this.#entries.values()]
      .map(({ muted }) => muted)
      .toSorted((a, b) => a.source.localeCompare(b.source));
  }

  /**
   * Mutes sources for `forMs`, or with null until {@link unmute}; a source that is muted already is muted anew.
   * @returns whether it could be kept for the next start.
   */
  mute(sources: readonly string[], forMs: number | null, by: string): boolean {
    const until = forMs === null ? null : new Date(this.deps.clock.wallMs() + forMs).toISOString();
    for (const source of sources) this.#begin({ source, until, by }, forMs);
    return this.#keep();
  }

  /** Listens to sources again; those that are not muted stay as they are. */
  unmute(sources: readonly string[]): void {
    for (const source of sources) this.#end(source);
    this.#keep();
  }

  /**
   * Mutes what was muted when Catnap ended and still is to be.
   * @param sources those there are now
   * @throws CatnapError `STATE_INVALID` when what was kept cannot be read; then nothing is muted.
   */
  restore(sources: readonly string[]): void {
    for (const muted of this.#read()) {
      if (!sources.includes(muted.source)) continue;
      const leftMs = muted.until === null ? null : Date.parse(muted.until) - this.deps.clock.wallMs();
      // A clock that was not set yet would mute for years.
      if (leftMs === null || leftMs > 0)
        this.#begin(muted, leftMs === null ? null : Math.min(leftMs, MUTE_MAX_MS));
    }
  }

  /** Ends every wait; what is muted stays so in the file. */
  close(): void {
    for (const { cancel } of this.#entries.values()) cancel();
  }

  #begin(muted: Muted, forMs: number | null): void {
    const { source, until, by } = muted;
    this.#entries.get(source)?.cancel();
    const cancel = forMs === null ? () => {} : this.deps.timer(forMs, () => this.unmute([source]));
    this.#entries.set(source, { muted, cancel });
    const detail = `muted ${until === null ? 'until it is unmuted' : `until ${until}`} by ${by}`;
    this.deps.onMute(source, true, { state: 'down', code: 'OK', detail });
  }

  #end(source: string): void {
    const entry = this.#entries.get(source);
    if (entry === undefined) return;
    entry.cancel();
    this.#entries.delete(source);
    this.deps.onMute(source, false, { state: 'ok', code: 'OK', detail: 'listened to again' });
  }

  #keep(): boolean {
    return keepIn(this.deps.path, { version: 1, muted: this.list() });
  }

  #read(): readonly Muted[] {
    const { path } = this.deps;
    const text = keptIn(path);
    if (text === null) return [];
    const remedy = 'delete the file; nothing is muted';
    const kept = keptSchema.safeParse(readJson(text, path, 'STATE_INVALID', remedy));
    if (kept.success) return kept.data.muted;
    throw new CatnapError(
      'STATE_INVALID',
      `${path}: expected what was muted, found something else; ${remedy}`,
    );
  }
}
