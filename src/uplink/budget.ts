import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { z } from 'zod';
import type { Op, Store } from './store.js';

/** What is budgeted. */
export type Spending = Readonly<Record<SpendingKind, number>>;
export type SpendingKind = 'calls' | 'bytes' | 'tokens' | 'money' | 'joules';

export const NOTHING_SPENT: Spending = { calls: 0, bytes: 0, tokens: 0, money: 0, joules: 0 };

/** A hard limit: at most `limit` of `what` in any stretch of time as long as `per`. */
export interface BudgetLimit {
  readonly what: SpendingKind;
  readonly per: keyof typeof PERIOD_MS;
  readonly limit: number;
}

export const PERIOD_MS = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 2_592_000_000,
} as const;

/** The time a budget is kept by. */
export interface BudgetClock {
  /** Milliseconds since the machine started; unmoved by whoever sets the clock. */
  uptimeMs(): number;
  /** Differs after every start of the machine. */
  readonly bootId: string;
  wallMs(): number;
}

/** The machine's own clock. */
export function systemBudgetClock(): BudgetClock {
  return { bootId: readBootId(), uptimeMs: () => uptime() * 1000, wallMs: () => Date.now() };
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Elsewhere than on Linux the start of the machine, to the minute, tells one from another.
    return String(Math.round((Date.now() - uptime() * 1000) / 60_000));
  }
}

/** Slots of a period. The current one counts beside a whole period of older ones, so a limit is never exceeded. */
const SLOTS = 60;

const stateSchema = z.strictObject({
  bootId: z.string(),
  uptimeMs: z.number(),
  wallMs: z.number(),
  nowMs: z.number(),
  windows: z.record(z.string(), z.array(z.tuple([z.int(), z.number()])).max(SLOTS + 1)),
});

const KEY = 'b!budget';

/** Which limit stands in the way, and when it may let go at the earliest. */
export interface OverBudget {
  readonly limit: BudgetLimit;
  /** Milliseconds until a slot falls out of the period; infinite when the amount alone is over the limit. */
  readonly waitMs: number;
}

/**
 * Hard budgets over sliding periods. Time is the machine's uptime, carried over restarts: within one start of the
 * machine no change of the wall clock moves it; across a restart it advances by the wall clock's difference, but
 * never backwards and by no more than the longest period.
 */
export class Budget {
  #windows = new Map<string, Map<number, number>>();
  #baseMs = 0;
  #baseUptimeMs: number;

  private constructor(
    private readonly limits: readonly BudgetLimit[],
    private readonly clock: BudgetClock,
  ) {
    this.#baseUptimeMs = clock.uptimeMs();
  }

  /** Reads what was spent from the store. */
  static async open(store: Store, limits: readonly BudgetLimit[], clock: BudgetClock): Promise<Budget> {
    const budget = new Budget(limits, clock);
    const record = await store.get(KEY);
    if (record !== null) budget.#restore(record);
    return budget;
  }

  /** The first limit that `planned` would go over; null when it fits. */
  check(planned: Spending): OverBudget | null {
    for (const limit of this.limits) {
      const amount = planned[limit.what];
      if (amount === 0 || this.spent(limit) + amount <= limit.limit) continue;
      return { limit, waitMs: amount > limit.limit ? Number.POSITIVE_INFINITY : this.#waitMs(limit, amount) };
    }
    return null;
  }

  /** Counts what was spent, or gives back (negative) what was set aside and not used. */
  spend(amounts: Spending): void {
    for (const limit of this.limits) {
      const amount = amounts[limit.what];
      if (amount === 0) continue;
      const window = this.#window(limit);
      const slot = this.#slotNow(limit);
      if (amount > 0) window.set(slot, (window.get(slot) ?? 0) + amount);
      else giveBack(window, -amount);
    }
  }

  /** What the period up to now has used of a limit. */
  spent(limit: BudgetLimit): number {
    let sum = 0;
    for (const amount of this.#window(limit).values()) sum += amount;
    return sum;
  }

  /** The change that keeps the state, to be written with whatever belongs to it. */
  save(): Op {
    const windows = Object.fromEntries(
      this.limits.map((limit) => [nameOf(limit), [...this.#window(limit).entries()]]),
    );
    const { bootId } = this.clock;
    const state = {
      bootId,
      uptimeMs: this.clock.uptimeMs(),
      wallMs: this.clock.wallMs(),
      nowMs: this.#nowMs(),
      windows,
    };
    return { type: 'put', key: KEY, value: Buffer.from(JSON.stringify(state)) };
  }

  #restore(record: Buffer): void {
    const parsed = stateSchema.safeParse(parseJson(record));
    if (!parsed.success) return;
    const { bootId, uptimeMs, wallMs, nowMs, windows } = parsed.data;
    const now = this.clock.uptimeMs();
    const isSameBoot = bootId === this.clock.bootId && now >= uptimeMs;
    const away = isSameBoot
      ? now - uptimeMs
      : Math.max(now, Math.min(this.clock.wallMs() - wallMs, PERIOD_MS.month));
    this.#baseMs = nowMs + away;
    this.#baseUptimeMs = now;
    this.#windows = new Map(Object.entries(windows).map(([name, slots]) => [name, new Map(slots)]));
  }

  #nowMs(): number {
    return this.#baseMs + Math.max(0, this.clock.uptimeMs() - this.#baseUptimeMs);
  }

  #slotNow(limit: BudgetLimit): number {
    return Math.floor(this.#nowMs() / slotMs(limit));
  }

  /** The slots that still count. */
  #window(limit: BudgetLimit): Map<number, number> {
    const name = nameOf(limit);
    let window = this.#windows.get(name);
    if (window === undefined) {
      window = new Map();
      this.#windows.set(name, window);
    }
    const oldest = this.#slotNow(limit) - SLOTS;
    for (const slot of window.keys()) {
      if (slot < oldest) window.delete(slot);
    }
    return window;
  }

  #waitMs(limit: BudgetLimit, amount: number): number {
    let excess = this.spent(limit) + amount - limit.limit;
    const slots = [...this.#window(limit).entries()].sort(([a], [b]) => a - b);
    for (const [slot, spent] of slots) {
      excess -= spent;
      if (excess <= 0) return Math.max(1, (slot + SLOTS + 1) * slotMs(limit) - this.#nowMs());
    }
    return PERIOD_MS[limit.per];
  }
}

/** What is given back was set aside a moment ago: the newest slots have it. */
function giveBack(window: Map<number, number>, amount: number): void {
  let left = amount;
  for (const slot of [...window.keys()].sort((a, b) => b - a)) {
    const taken = Math.min(left, window.get(slot) ?? 0);
    window.set(slot, (window.get(slot) ?? 0) - taken);
    left -= taken;
    if (left <= 0) return;
  }
}

function slotMs(limit: BudgetLimit): number {
  return PERIOD_MS[limit.per] / SLOTS;
}

function nameOf(limit: BudgetLimit): string {
  return `${limit.what}/${limit.per}`;
}

function parseJson(record: Buffer): unknown {
  try {
    return JSON.parse(record.toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
