import type { BuiltCascade, CascadeEdges, StageHost } from '../core/cascade/assembly.js';
import { codeOf } from '../core/errors.js';
import type { CascadeEvent, EventOf } from '../core/events/events.js';
import type { Health } from '../core/events/health.js';
import type { SignalFormat, SourceItem } from '../core/signal/frame.js';
import type { VoicePlace } from '../voice/build.js';
import { buildCascade, type CascadePlan, quietEdges } from './build.js';

/** A cascade that listens beside a source's own. */
export interface ShadowPlan {
  /** Which it is, and by which settings of both: as in its events. */
  readonly candidate: string;
  readonly cascade: CascadePlan;
}

/** Where a shadow lives, and who is told of it. */
export interface ShadowEdges extends Pick<CascadeEdges, 'meter' | 'clock' | 'timer'> {
  /** Makes a candidate's stages, and tells what of them cannot be loaded later on. */
  readonly stages: (onHealth: (health: Health) => void) => StageHost;
  readonly emit: (event: EventOf<'shadow'>) => void;
  readonly onHealth: (health: Health) => void;
}

interface Listening {
  readonly plan: ShadowPlan;
  readonly built: BuiltCascade;
}

/**
 * Lets a candidate hear what a source's own cascade hears. It acts on nothing, asks no cloud and keeps nothing; what it
 * would have believed or refused is an event. Where it fails, it ends, and nothing else does.
 */
export class ShadowCascade {
  readonly #place: VoicePlace;
  #builds = 0;
  readonly #edges: ShadowEdges;
  #listening: Listening | null = null;
  /** What takes its place before the next samples; undefined: nothing does. */
  #next: Listening | null | undefined;
  #format: SignalFormat | null = null;
  /** What was told of the newest detection. */
  #told: EventOf<'shadow'> | null = null;

  constructor(place: VoicePlace, edges: ShadowEdges) {
    this.#place = place;
    this.#edges = edges;
  }

  /** Goes by another plan from the next samples on; null: nobody listens beside. */
  async follow(plan: ShadowPlan | null): Promise<void> {
    const { onHealth } = this.#edges;
    try {
      const built = plan === null ? null : await this.#build(plan);
      await this.#next?.built.dispose();
      this.#next = built;
      if (plan !== null) onHealth({ state: 'ok', code: 'OK', detail: `${plan.candidate} listens beside` });
      else if (this.#listening !== null)
        onHealth({ state: 'ok', code: 'OK', detail: 'nobody listens beside' });
    } catch (error) {
      await this.#fail(plan, error);
    }
  }

  /** Hears what the source's own cascade has heard. */
  push(item: SourceItem): Promise<void> | undefined {
    if (item.kind === 'format') this.#format = item;
    if (this.#listening === null && this.#next === undefined) return undefined;
    return this.#push(item);
  }

  async finish(isStopped: boolean): Promise<void> {
    await this.#tried(({ cascade }) => cascade.finish(isStopped));
  }

  async dispose(): Promise<void> {
    await this.#next?.built.dispose();
    await this.#listening?.built.dispose();
  }

  async #push(item: SourceItem): Promise<void> {
    if (this.#next !== undefined) await this.#takeOver(this.#next);
    await this.#tried(({ cascade }) => cascade.push(item));
  }

  async #takeOver(next: Listening | null): Promise<void> {
    const before = this.#listening;
    this.#listening = next;
    this.#next = undefined;
    await before?.built.dispose();
    const format = this.#format;
    if (format !== null) await this.#tried(({ cascade }) => cascade.push(format));
  }

  async #tried(work: (built: BuiltCascade) => Promise<void> | undefined): Promise<void> {
    const listening = this.#listening;
    if (listening === null) return;
    try {
      await work(listening.built);
    } catch (error) {
      this.#listening = null;
      await listening.built.dispose();
      await this.#fail(listening.plan, error);
    }
  }

  async #fail(plan: ShadowPlan | null, error: unknown): Promise<void> {
    const why = error instanceof Error ? error.message : String(error);
    this.#tellHealth(plan, { state: 'degraded', code: codeOf(error), detail: why });
  }

  /** Says whose health it is: the component is that of whoever listens beside. */
  #tellHealth(plan: ShadowPlan | null, health: Health): void {
    this.#edges.onHealth({ ...health, detail: `${plan?.candidate ?? 'shadow'}: ${health.detail}` });
  }

  async #build(plan: ShadowPlan): Promise<Listening> {
    const { meter, clock, timer } = this.#edges;
    const stages = this.#edges.stages((health) => this.#tellHealth(plan, health));
    const edges = { ...quietEdges((event) => this.#tell(plan, event)), meter, clock, timer, stages };
    this.#builds += 1;
    const { source, ids: its = source } = this.#place;
    // Each counts its detections from the first on: what was said of one is not to be taken for another's.
    const ids = `${its}~shadow${this.#builds === 1 ? '' : this.#builds}`;
    return { plan, built: await buildCascade({ ...this.#place, ids }, plan.cascade, edges) };
  }

  /** Of what its cascade tells, that which decides whether a detection is believed, and when what lasts is over. */
  #tell({ candidate }: ShadowPlan, event: CascadeEvent): void {
    if (event.type === 'ended') {
      if (event.detection !== this.#told?.detection) return;
      const { id, measured, sample, atMs, endSample } = event;
      this.#edges.emit({ ...this.#told, id, measured, sample, atMs, endSample });
      return;
    }
    if (event.type !== 'verified' && event.type !== 'refused') return;
    if (event.detection === this.#told?.detection) return;
    const { v, id, measured, source, sample, atMs, detection, label, trail } = event;
    const about = { v, id, measured, source, sample, atMs, detection, label, trail };
    this.#told = { type: 'shadow', ...about, candidate, believed: event.type === 'verified' };
    this.#edges.emit(this.#told);
  }
}
