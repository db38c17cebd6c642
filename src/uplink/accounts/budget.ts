import { parseJson } from '../../core/json.js';
import * as z from '../../core/zod.js';
import type { SteadyClock } from '../queue/steady-clock.js';
import type { Op, Store } from '../queue/store.js';

/** What is budgeted. */
export type Spending = Readonly<Record<SpendingKind, number>>;
export type SpendingKind = 'calls' | 'bytes' | 'tokens' | 'money' | 'joules';

export const NOTHING_SPENT: Spending = { calls: 0, bytes: 0, tokens: 0, money: 0, joules: 0 };

/** A hard limit: at most `limit` of `what` in any stretch of time as long as `per`. */
export interface BudgetLimit {
  readonly what: SpendingKind;
  readonly per: keyof typeof PERIOD_MS;
  readonly limit: number;
  /** Whose spending it bounds; all providers' together where it names none. */
  readonly provider: string | null;
}

/** A limit with what the period up to now has used of it. */
export interface BudgetUse extends BudgetLimit {
  readonly spent: number;
}

/** How long the periods of limits are. */
export const PERIOD_MS = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 2_592_000_000,
} as const;

/** Slots of a period. The current one counts beside a whole period of older ones, so a limit is never exceeded. */
const SLOTS = 60;

const stateSchema = z.record(z.string(), z.array(z.tuple([z.int(), z.number()])).max(SLOTS + 1));

const KEY = 'b!budget';

/** Which limit stands in the way, and when it may let go at the earliest. */
export interface OverBudget {
  readonly limit: BudgetLimit;
  /** Milliseconds until a slot falls out of the period; infinite when the amount alone is over the limit. */
  readonly waitMs: number;
}

/** Hard budgets over sliding periods, on a clock that nobody can set. */
export class Budget {
  #windows = new Map<string, Map<number, number>>();

  private constructor(
    private readonly limits: readonly BudgetLimit[],
    private readonly clock: SteadyClock,
  ) {}

  /** Reads what was spent from the store. */
  static async open(store: Store, limits: readonly BudgetLimit[], clock: SteadyClock): Promise<Budget> {
    const budget = new Budget(limits, clock);
    const record = await store.get(KEY);
    if (record !== null) budget.#restore(record);
    return budget;
  }

  /** The first limit that `planned` would go over at a provider; null when it fits. */
  check(planned: Spending, provider: string): OverBudget | null {
    for (const limit of this.#limitsOf(provider)) {
      const amount = planned[limit.what];
      if (amount === 0 || this.spent(limit) + amount <= limit.limit) continue;
      return { limit, waitMs: amount > limit.limit ? Number.POSITIVE_INFINITY : this.#waitMs(limit, amount) };
    }
    return null;
  }

  /** Counts what was spent, or gives back (negative) what was set aside and not used. */
  spend(amounts: Spending, provider: string): void {
    for (const limit of this.#limitsOf(provider)) {
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

  /** Each limit and what the period up to now has used of it. */
  uses(): readonly BudgetUse[] {
    return this.limits.map((limit) => ({ ...limit, spent: this.spent(limit) }));
  }

  /** The changes that keep what was spent, to be written with whatever belongs to it. */
  save(): readonly Op[] {
    const windows = Object.fromEntries(
      this.limits.map((limit) => [nameOf(limit), [...this.#window(limit).entries()]]),
    );
    return [{ type: 'put', key: KEY, value: Buffer.from(JSON.stringify(windows)) }, this.clock.save()];
  }

  #limitsOf(provider: string): readonly BudgetLimit[] {
    return this.limits.filter((limit) => limit.provider === null || limit.provider === provider);
  }

  #restore(record: Buffer): void {
    const parsed = stateSchema.safeParse(parseJson(record.toString('utf8')));
    if (!parsed.success) return;
    this.#windows = new Map(Object.entries(parsed.data).map(([name, slots]) => [name, new Map(slots)]));
  }

  #slotNow(limit: BudgetLimit): number {
    return Math.floor(this.clock.nowMs() / slotMs(limit));
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
      if (excess <= 0) return Math.max(1, (slot + SLOTS + 1) * slotMs(limit) - this.clock.nowMs());
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

/** A limit as a person is told of it. */
export function describeLimit({ what, per, provider }: BudgetLimit): string {
  return `${what} per ${per}${provider === null ? '' : ` at ${provider}`}`;
}

function nameOf(limit: BudgetLimit): string {
  const whose = limit.provider === null ? '' : `/${limit.provider}`;
  return `${limit.what}/${limit.per}${whose}`;
}
