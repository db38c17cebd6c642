import type { Clock } from '../clock.js';
import type { Cost, DecisionKind, EnergyBasis } from '../events/events.js';
import type { LatencyHistogram, Meter, PowerModel, StageMeter } from './meter.js';
import type { StageCounters, Telemetry } from './telemetry.js';
import type { ThreadBooks, ThreadUser } from './thread-books.js';

/** Name under which CPU time that belongs to no stage is listed: reading, framing, the event loop. */
export const RUNTIME_STAGE = 'runtime';

export interface LedgerOptions {
  readonly source: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Prices CPU time until {@link Ledger.setPower} brings another model. */
  readonly power: PowerModel;
  readonly createHistogram: () => LatencyHistogram;
  /** Books of the thread the cascade runs on; without them what no stage booked is nobody's. */
  readonly thread?: ThreadBooks;
}

/** A {@link Meter} that keeps the books of one source. */
export interface Ledger extends Meter {
  /** Changes what CPU time costs from now on; what was spent keeps its price. */
  setPower(power: PowerModel): void;
  /** The source is gone: the thread goes on without it. */
  close(): void;
}

/** Opens the books of a source. */
export function createLedger(options: LedgerOptions): Ledger {
  return new SourceLedger(options);
}

class SourceLedger implements Ledger, ThreadUser {
  readonly #options: LedgerOptions;
  readonly #stages = new Map<string, Account>();
  readonly #totals = { calls: 0, cpuMs: 0, energyMj: 0 };
  #power: PowerModel;
  #frames = 0;
  #listenedMs = 0;
  #lostSamples = 0;
  readonly #idle = new Energy();
  #idleFromMs: number;
  readonly #leaveThread: () => void;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#power = options.power;
    this.#idleFromMs = this.nowMs();
    this.#leaveThread = options.thread?.join(this) ?? (() => {});
  }

  nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  stage(name: string): StageMeter {
    let account = this.#stages.get(name);
    if (account === undefined) {
      account = new Account(name, this, this.#options.createHistogram());
      this.#stages.set(name, account);
    }
    return account;
  }

  heard(durationMs: number): void {
    this.#frames += 1;
    this.#listenedMs += durationMs;
  }

  lost(samples: number): void {
    this.#lostSamples += samples;
  }

  setPower(power: PowerModel): void {
    this.#bookIdle();
    this.#power = power;
  }

  close(): void {
    this.#leaveThread();
  }

  get bookedMs(): number {
    return [...this.#stages.values()].reduce((sum, account) => sum + account.elapsedMs, 0);
  }

  /** What nobody booked is the runtime's. */
  settle(overbooked: number, restMs: number): void {
    for (const account of this.#stages.values()) account.giveBack(overbooked);
    const runtime = this.stage(RUNTIME_STAGE) as Account;
    runtime.spend(restMs, this.#power);
    this.spend(restMs);
  }

  counters(): Extract<Telemetry, { type: 'counters' }> {
    this.#bookIdle();
    this.#options.thread?.settle();
    return {
      type: 'counters',
      source: this.#options.source,
      frames: this.#frames,
      listenedMs: this.#listenedMs,
      lostSamples: this.#lostSamples,
      idleEnergyMj: this.#idle.mj,
      basis: this.#idle.basis,
      stages: [...this.#stages.values()].map((account) => account.counters(this.#listenedMs)),
      totals: { ...this.#totals },
    };
  }

  /** A board idles by the clock, however fast a recording is played. */
  #bookIdle(): void {
    const nowMs = this.nowMs();
    this.#idle.add((nowMs - this.#idleFromMs) * this.#power.idleWatts, this.#power.basis);
    this.#idleFromMs = nowMs;
  }

  /** Books a decision's price in the totals; called by the stage's account. */
  charge(cpuMs: number): PowerModel {
    this.#totals.calls += 1;
    return this.spend(cpuMs);
  }

  spend(cpuMs: number, power = this.#power): PowerModel {
    this.#totals.cpuMs += cpuMs;
    this.#totals.energyMj += cpuMs * power.coreWatts;
    return power;
  }
}

/** Share of a sum that may be modelled while it still counts as measured: the first seconds before a sensor speaks. */
const MODELLED_SHARE_MAX = 0.01;

/** A sum of energy that knows how much of it was measured. */
class Energy {
  mj = 0;
  #modelledMj = 0;

  add(energyMj: number, basis: EnergyBasis): void {
    this.mj += energyMj;
    if (basis === 'modelled') this.#modelledMj += energyMj;
  }

  get basis(): EnergyBasis {
    return this.mj > 0 && this.#modelledMj <= this.mj * MODELLED_SHARE_MAX ? 'measured' : 'modelled';
  }
}

class Account implements StageMeter {
  readonly stage: string;
  /** Booked from elapsed time since the books were last settled. */
  elapsedMs = 0;
  #cpuMs = 0;
  #accepts = 0;
  #rejects = 0;
  #uncertain = 0;
  #abstains = 0;
  #memoryMb: number | null = null;
  readonly #energy = new Energy();
  #lastLatencyMs = 0;
  #lastCpuMs = 0;
  #lastPower: PowerModel | null = null;
  readonly #ledger: SourceLedger;
  readonly #latency: LatencyHistogram;

  constructor(stage: string, ledger: SourceLedger, latency: LatencyHistogram) {
    this.stage = stage;
    this.#ledger = ledger;
    this.#latency = latency;
  }

  record(kind: DecisionKind, startMs: number): void {
    const elapsedMs = Math.max(0, this.#ledger.nowMs() - startMs);
    this.elapsedMs += elapsedMs;
    this.#book(kind, elapsedMs, elapsedMs);
  }

  recordWork(kind: DecisionKind, latencyMs: number, cpuMs: number, memoryMb: number | null = null): void {
    this.#memoryMb = memoryMb ?? this.#memoryMb;
    this.#book(kind, latencyMs, cpuMs);
  }

  recordMore(work: { readonly startMs: number } | { readonly cpuMs: number }): void {
    const isHere = 'startMs' in work;
    const cpuMs = isHere ? Math.max(0, this.#ledger.nowMs() - work.startMs) : work.cpuMs;
    if (isHere) this.elapsedMs += cpuMs;
    this.spend(cpuMs, this.#ledger.spend(cpuMs));
  }

  lastCost(): Cost | null {
    if (this.#lastPower === null) return null;
    return {
      latencyMs: this.#lastLatencyMs,
      cpuMs: this.#lastCpuMs,
      energyMj: this.#lastCpuMs * this.#lastPower.coreWatts,
      basis: this.#lastPower.basis,
    };
  }

  /** Takes back a share of what was booked from elapsed time since the last time, at the newest price. */
  giveBack(share: number): void {
    const backMs = this.elapsedMs * share;
    this.elapsedMs = 0;
    if (backMs === 0 || this.#lastPower === null) return;
    this.spend(-backMs, this.#lastPower);
    this.#ledger.spend(-backMs, this.#lastPower);
  }

  spend(cpuMs: number, power: PowerModel): void {
    this.#cpuMs += cpuMs;
    this.#energy.add(cpuMs * power.coreWatts, power.basis);
  }

  counters(listenedMs: number): StageCounters {
    return {
      stage: this.stage,
      calls: this.#accepts + this.#rejects + this.#uncertain + this.#abstains,
      accepts: this.#accepts,
      rejects: this.#rejects,
      uncertain: this.#uncertain,
      abstains: this.#abstains,
      cpuMs: this.#cpuMs,
      energyMj: this.#energy.mj,
      basis: this.#energy.basis,
      dutyCycle: listenedMs === 0 ? 0 : this.#cpuMs / listenedMs,
      latencyMs: {
        p50: this.#latency.percentileMs(50),
        p90: this.#latency.percentileMs(90),
        p99: this.#latency.percentileMs(99),
        max: this.#latency.maxMs(),
      },
      memoryMb: this.#memoryMb,
    };
  }

  #book(kind: DecisionKind, latencyMs: number, cpuMs: number): void {
    switch (kind) {
      case 'accept':
        this.#accepts += 1;
        break;
      case 'reject':
        this.#rejects += 1;
        break;
      case 'uncertain':
        this.#uncertain += 1;
        break;
      case 'abstain':
        this.#abstains += 1;
        break;
    }
    const power = this.#ledger.charge(cpuMs);
    this.spend(cpuMs, power);
    this.#latency.recordMs(latencyMs);
    this.#lastLatencyMs = latencyMs;
    this.#lastCpuMs = cpuMs;
    this.#lastPower = power;
  }
}
