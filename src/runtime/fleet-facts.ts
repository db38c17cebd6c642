import type { CascadeEvent } from '../core/events/events.js';
import type { Thresholds } from '../core/thresholds.js';
import { healthOf } from '../dashboard/health.js';
import type { EventBus } from '../events/bus.js';
import type { CascadePlan } from './build.js';
import { portable } from './edge/portable.js';

/** A model of a device, by what its file holds. */
export interface FleetModel {
  readonly source: string;
  readonly name: string;
  readonly version: string | null;
  readonly sha256: string | null;
}

/** What models the stages of a source are made of. */
export function modelsOf(source: string, plan: CascadePlan): readonly FleetModel[] {
  const found = new Map<string, FleetModel>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const part = value as Record<string, unknown>;
    const model = modelOf(source, part);
    if (model !== null) found.set(`${model.name} ${model.sha256}`, model);
    for (const each of Object.values(part)) walk(each);
  };
  walk(portable(plan.stages));
  return [...found.values()];
}

function modelOf(source: string, part: Record<string, unknown>): FleetModel | null {
  const { manifest, kind, path, sha256 } = part;
  if (kind === 'module') return { source, name: String(path), version: null, sha256: String(sha256) };
  if (typeof manifest !== 'object' || manifest === null) return null;
  const { name, version, files } = manifest as Record<string, unknown>;
  const [first] = Object.values((files ?? {}) as Record<string, { sha256?: string }>);
  return { source, name: String(name), version: String(version ?? ''), sha256: first?.sha256 ?? null };
}

/** The thresholds that a source's stages are drawn with. */
export function thresholdsOf(plan: CascadePlan): Record<string, Thresholds | null> {
  if (plan.kind === 'voice') return { ...plan.stages.thresholds };
  const { thresholds, heavy } = plan.config;
  return { tiny: thresholds, heavy: heavy.enabled ? heavy.thresholds : null };
}

const DAY_MS = 86_400_000;

/** Counts what happens on a device, for whoever compares it with others. */
export class FleetTally {
  #believed = 0;
  #refused = 0;
  #escalated = 0;
  #calledWrong = 0;
  #latenciesMs: number[] = [];
  #cost = { day: -1, money: 0 };

  take(event: CascadeEvent): void {
    switch (event.type) {
      case 'verified': {
        this.#believed += 1;
        const latencyMs = event.measured?.latencyMs ?? null;
        if (latencyMs !== null) this.#latenciesMs = [...this.#latenciesMs.slice(-99), latencyMs];
        return;
      }
      case 'refused':
        this.#refused += 1;
        return;
      case 'escalated':
        this.#escalated += 1;
        return;
      case 'label':
        if (event.verdict === 'wrong' && event.nearMiss !== true) this.#calledWrong += 1;
        return;
      case 'verdict': {
        const day = Math.floor(Date.parse(event.measured?.wallTime ?? '') / DAY_MS);
        if (day !== this.#cost.day) this.#cost = { day, money: 0 };
        this.#cost.money += event.cost.money;
        return;
      }
      default:
        return;
    }
  }

  /** How the device is now. */
  state(bus: Pick<EventBus, 'health' | 'sources'>, sources: readonly string[], nowMs: number) {
    const health = bus.health();
    const unwell = [...health].filter(([, { state }]) => state !== 'ok');
    let energyMj = 0;
    for (const { counters } of bus.sources().values()) energyMj += counters?.totals.energyMj ?? 0;
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b);
    const day = Math.floor(nowMs / DAY_MS);
    return {
      health: healthOf(health, sources).status,
      unwell: Object.fromEntries(
        unwell.map(([component, { code, detail }]) => [component, `${code}: ${detail}`]),
      ),
      drift: unwell.filter(([, { code }]) => code === 'DRIFT').map(([component]) => component),
      believed: this.#believed,
      refused: this.#refused,
      escalated: this.#escalated,
      calledWrong: this.#calledWrong,
      latencyMs: sorted.length === 0 ? null : Math.round(sorted[sorted.length >> 1] ?? 0),
      energyJ: Number((energyMj / 1000).toFixed(1)),
      costToday: this.#cost.day === day ? Number(this.#cost.money.toFixed(6)) : 0,
    };
  }
}
