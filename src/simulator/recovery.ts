import type { EventOf } from '../core/events/events.js';
import type { VirtualTime } from './virtual-time.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * The parts whose health is told: their components, and how long after the last fault that upsets them they may be
 * unwell. What is only well again once it was asked has the time until somebody asks.
 */
const PARTS = {
  source: { components: /\/source$/, backMs: 3 * MINUTE_MS },
  worker: { components: /\/worker$/, backMs: 3 * MINUTE_MS },
  memory: { components: /^memory$/, backMs: MINUTE_MS },
  heavy: { components: /\/heavy$/, backMs: 4 * HOUR_MS },
  stages: {
    components: /\/(tiny|word-verifier|fault-verifier|endpointer|recogniser)$/,
    backMs: 12 * HOUR_MS,
  },
  cloud: { components: /^uplink\/cloud$/, backMs: 4 * HOUR_MS },
  outbox: { components: /^uplink\/outbox$/, backMs: 4 * HOUR_MS },
  budget: { components: /^uplink\/budget$/, backMs: 25 * HOUR_MS },
} as const;

export type Part = keyof typeof PARTS;
const ALL = Object.keys(PARTS) as Part[];

/** What upsets parts of the house. */
export interface Upset {
  readonly name: string;
  /** Mean time it lasts; 0: it happens at once. */
  readonly lastsSeconds: number;
  /** Parts that may be unwell by it. */
  readonly upsets: readonly Part[];
  /** A process that runs all the while tells of it within so long, if it lasts; left out where that depends on more. */
  readonly toldWithinMs?: number;
}

interface Unwell {
  readonly event: EventOf<'health'>;
  readonly sinceMs: number;
}

/** Sees to it that what faults upset is told in time, and taken back in time. */
export class Recovery {
  /** Components of the present process whose newest word is not that all is well. */
  readonly #unwell = new Map<string, Unwell>();
  /** When a part was last told to be unwell, and when a fault that upsets it was last there. */
  readonly #toldMs = new Map<Part, number>();
  readonly #upsetMs = new Map<Part, number>();
  /** Since when each is there that is. */
  readonly #underWay = new Map<Upset, number>();
  #processes = 0;
  #isRunning = false;

  constructor(
    private readonly time: VirtualTime,
    private readonly violated: (what: string) => void,
  ) {}

  /** A process begins: what an earlier one told says nothing of this one. */
  began(): void {
    this.#unwell.clear();
    this.#processes++;
    this.#isRunning = true;
  }

  /** There is no process any more. */
  ended(): void {
    this.#isRunning = false;
  }

  told(event: EventOf<'health'>): void {
    const part = ALL.find((each) => PARTS[each].components.test(event.component));
    if (part === undefined) return;
    if (event.state === 'ok') {
      this.#unwell.delete(event.component);
      return;
    }
    const sinceMs = this.#unwell.get(event.component)?.sinceMs ?? this.time.nowMs;
    this.#unwell.set(event.component, { event, sinceMs });
    this.#toldMs.set(part, this.time.nowMs);
  }

  begins(fault: Upset): void {
    const [beganMs, process] = [this.time.nowMs, this.#processes];
    this.#underWay.set(fault, beganMs);
    this.#upset(fault);
    const { toldWithinMs, upsets } = fault;
    if (toldWithinMs === undefined || !this.#isRunning) return;
    this.time.timer(toldWithinMs, () => {
      const isOver = fault.lastsSeconds > 0 && this.#underWay.get(fault) !== beganMs;
      if (isOver || process !== this.#processes || !this.#isRunning) return;
      if (!upsets.some((part) => this.#isTold(part, beganMs)))
        this.violated(`${fault.name}: not told within ${toldWithinMs / 1000} s`);
    });
  }

  ends(fault: Upset): void {
    this.#upset(fault);
    this.#underWay.delete(fault);
  }

  /** Whoever is unwell without a fault that may be why, for longer than it may be. */
  look(): void {
    const nowMs = this.time.nowMs;
    for (const fault of this.#underWay.keys()) this.#upset(fault);
    // A process that is gone, or whose main thread stalls, takes nothing back.
    if (!this.#isRunning) return;
    // Nobody is asked while a budget is spent.
    if (this.#unwell.has('uplink/budget')) this.#upsetMs.set('cloud', nowMs);
    for (const [component, { event, sinceMs }] of this.#unwell) {
      const part = ALL.find((each) => PARTS[each].components.test(component)) as Part;
      const { backMs } = PARTS[part];
      if (nowMs - Math.max(sinceMs, this.#upsetMs.get(part) ?? 0) <= backMs) continue;
      const minutes = Math.round(backMs / MINUTE_MS);
      this.violated(`${component}: ${event.state} ${event.code}, ${minutes} minutes after the last fault`);
    }
  }

  #upset({ upsets }: Upset): void {
    for (const part of upsets) this.#upsetMs.set(part, this.time.nowMs);
  }

  #isTold(part: Part, fromMs: number): boolean {
    if ((this.#toldMs.get(part) ?? -1) >= fromMs) return true;
    return [...this.#unwell.keys()].some((component) => PARTS[part].components.test(component));
  }
}
