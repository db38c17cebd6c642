import type { Clock } from './clock.js';
import type { Cost, EnergyBasis } from './events.js';
import type { LatencyHistogram, Meter, PowerModel, StageMeter } from './meter.js';
import type { Decision } from './stage.js';
import type { StageCounters, Telemetry } from './telemetry.js';

/** Name under which CPU time that belongs to no stage is listed: reading, framing, the event loop. */
export const RUNTIME_STAGE = 'runtime';

export interface LedgerOptions {
  readonly source: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Prices CPU time until {@link Ledger.setPower} brings another model. */
  readonly power: PowerModel;
  readonly createHistogram: () => LatencyHistogram;
  /** CPU milliseconds of the thread the cascade runs on; null where the platform does not tell. */
  readonly threadCpuMs?: () => number | null;
}

/** A {@link Meter} that keeps the books of one source. */
export interface Ledger extends Meter {
  /** Changes what CPU time costs from now on; what was spent keeps its price. */
  setPower(power: PowerModel): void;
}

/** Opens the books of a source. */
export function createLedger(options: LedgerOptions): Ledger {
  return new SourceLedger(options);
}

class SourceLedger implements Ledger {
  readonly #options: LedgerOptions;
  readonly #stages = new Map<string, Account>();
  readonly #totals = { calls: 0, drops: 0, cpuMs: 0, energyMj: 0 };
  readonly #threadCpuAtStartMs: number;
  #power: PowerModel;
  #frames = 0;
  #listenedMs = 0;
  #idleEnergyMj = 0;
  #idleBasis: EnergyBasis;
  /** CPU time of synchronous calls, which is the cascade thread's own. */
  #syncCpuMs = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#power = options.power;
    this.#idleBasis = options.power.basis;
    this.#threadCpuAtStartMs = options.threadCpuMs?.() ?? 0;
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
    this.#idleEnergyMj += durationMs * this.#power.idleWatts;
  }

  setPower(power: PowerModel): void {
    this.#power = power;
    // One modelled millijoule makes the whole sum modelled.
    if (power.basis === 'modelled') this.#idleBasis = 'modelled';
    else if (this.#idleEnergyMj === 0) this.#idleBasis = 'measured';
  }

  counters(): Extract<Telemetry, { type: 'counters' }> {
    this.#bookRuntime();
    return {
      type: 'counters',
      source: this.#options.source,
      frames: this.#frames,
      listenedMs: this.#listenedMs,
      idleEnergyMj: this.#idleEnergyMj,
      basis: this.#idleBasis,
      stages: [...this.#stages.values()].map((account) => account.counters(this.#listenedMs)),
      totals: { ...this.#totals },
    };
  }

  /** Books a decision's price in the totals; called by the stage's account. */
  charge(cpuMs: number, synchronous: boolean): PowerModel {
    this.#totals.calls += 1;
    if (synchronous) this.#syncCpuMs += cpuMs;
    return this.#spend(cpuMs);
  }

  chargeDrops(count: number): void {
    this.#totals.drops += count;
  }

  #spend(cpuMs: number): PowerModel {
    this.#totals.cpuMs += cpuMs;
    this.#totals.energyMj += cpuMs * this.#power.coreWatts;
    return this.#power;
  }

  /** What the thread used beyond its stages is the runtime's, so that nothing goes unpaid. */
  #bookRuntime(): void {
    const threadCpuMs = this.#options.threadCpuMs?.() ?? null;
    if (threadCpuMs === null) return;
    const account = this.stage(RUNTIME_STAGE) as Account;
    const unpaidMs = threadCpuMs - this.#threadCpuAtStartMs - this.#syncCpuMs - account.cpuMs;
    if (unpaidMs > 0) account.spend(unpaidMs, this.#spend(unpaidMs));
  }
}

class Account implements StageMeter {
  readonly stage: string;
  cpuMs = 0;
  #accepts = 0;
  #rejects = 0;
  #uncertain = 0;
  #abstains = 0;
  #drops = 0;
  #energyMj = 0;
  #basis: EnergyBasis | null = null;
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

  record(kind: Decision['kind'], startMs: number): void {
    const elapsedMs = Math.max(0, this.#ledger.nowMs() - startMs);
    this.#book(kind, elapsedMs, elapsedMs, true);
  }

  recordWork(kind: Decision['kind'], latencyMs: number, cpuMs: number): void {
    this.#book(kind, latencyMs, cpuMs, false);
  }

  drop(count: number): void {
    this.#drops += count;
    this.#ledger.chargeDrops(count);
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

  spend(cpuMs: number, power: PowerModel): void {
    this.cpuMs += cpuMs;
    this.#energyMj += cpuMs * power.coreWatts;
    this.#basis = this.#basis === 'modelled' ? 'modelled' : power.basis;
  }

  counters(listenedMs: number): StageCounters {
    return {
      stage: this.stage,
      calls: this.#accepts + this.#rejects + this.#uncertain + this.#abstains,
      accepts: this.#accepts,
      rejects: this.#rejects,
      uncertain: this.#uncertain,
      abstains: this.#abstains,
      drops: this.#drops,
      cpuMs: this.cpuMs,
      energyMj: this.#energyMj,
      basis: this.#basis ?? 'modelled',
      dutyCycle: listenedMs === 0 ? 0 : this.cpuMs / listenedMs,
      latencyMs: {
        p50: this.#latency.percentileMs(50),
        p90: this.#latency.percentileMs(90),
        p99: this.#latency.percentileMs(99),
        max: this.#latency.maxMs(),
      },
    };
  }

  #book(kind: Decision['kind'], latencyMs: number, cpuMs: number, synchronous: boolean): void {
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
    const power = this.#ledger.charge(cpuMs, synchronous);
    this.spend(cpuMs, power);
    this.#latency.recordMs(latencyMs);
    this.#lastLatencyMs = latencyMs;
    this.#lastCpuMs = cpuMs;
    this.#lastPower = power;
  }
}
