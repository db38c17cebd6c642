import type { CascadeEdges } from '../core/cascade/assembly.js';
import type { StageDescription } from '../core/metering/telemetry.js';
import type { SignalFormat, SourceItem } from '../core/signal/frame.js';
import type { VoicePlace } from '../voice/build.js';
import { buildCascade, type CascadePlan, type ChangeableCascade } from './build.js';

/**
 * A source's own cascade, which may go by another plan while the source goes on. What listens for words is exchanged
 * within its cascade. What watches sensors is put in its place as a whole, as a restart would: what it has learnt is
 * saved, the next one reads it and goes on with the next samples, and no row is lost in between.
 */
export class SourceCascade {
  #built: ChangeableCascade;
  #format: SignalFormat | null = null;
  /** The newest push; it may be under way. */
  #pushing: Promise<void> | undefined;
  /** While another takes its place. */
  #replacing: Promise<void> | null = null;
  #replaced = 0;

  private constructor(
    private readonly place: VoicePlace,
    private readonly edges: CascadeEdges,
    first: ChangeableCascade,
  ) {
    this.#built = first;
  }

  /** @throws CatnapError as {@link buildCascade}. */
  static async open(place: VoicePlace, plan: CascadePlan, edges: CascadeEdges): Promise<SourceCascade> {
    return new SourceCascade(place, edges, await buildCascade(place, plan, edges));
  }

  get stages(): readonly StageDescription[] {
    return this.#built.stages;
  }

  /** As that of a cascade. */
  readonly patienceMs = (): number => this.#built.cascade.patienceMs();

  push(item: SourceItem): Promise<void> | undefined {
    if (item.kind === 'format') this.#format = item;
    if (this.#replacing !== null) return this.#replacing.then(() => this.#built.cascade.push(item));
    this.#pushing = this.#built.cascade.push(item);
    return this.#pushing;
  }

  async finish(isStopped: boolean): Promise<void> {
    await this.#replacing;
    await this.#built.cascade.finish(isStopped);
  }

  /**
   * Goes by another plan of the same kind from now on; of words as soon as nothing is under way.
   * @throws CatnapError as {@link buildCascade}; then what went before goes on.
   */
  async exchange(plan: CascadePlan): Promise<readonly StageDescription[]> {
    if (plan.kind === 'voice') return this.#built.exchange(plan);
    await this.#replacing;
    // Its counters begin anew, so that the name has to tell its events from those before.
    const { ids = this.place.source } = this.place;
    const name = `${ids.includes('~') ? ids : `${ids}~1`}.${this.#replaced + 2}`;
    const next = await buildCascade({ ...this.place, ids: name }, plan, this.edges);
    this.#replaced += 1;
    this.#replacing = this.#replace(next).finally(() => {
      this.#replacing = null;
    });
    await this.#replacing;
    return next.stages;
  }

  async dispose(): Promise<void> {
    await this.#built.dispose();
  }

  async #replace(next: ChangeableCascade): Promise<void> {
    await this.#pushing;
    const before = this.#built;
    await before.cascade.finish(true);
    await before.dispose();
    this.#built = next;
    if (this.#format !== null) await next.cascade.push(this.#format);
  }
}
