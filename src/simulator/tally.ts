import { type BudgetLimit, PERIOD_MS, type SpendingKind } from '../uplink/accounts/budget.js';

/** What was spent, of the kinds that a limit may be of. */
export type Spent = Readonly<Partial<Record<SpendingKind, number>>>;

/** Sums of money carry rounding errors. */
const ROUNDING = 1e-9;

/** Adds up what is spent in any stretch as long as the period of a limit. */
export class Tally {
  readonly #entries: { readonly atMs: number; readonly amount: number }[] = [];
  #first = 0;
  #sum = 0;

  constructor(private readonly limit: BudgetLimit) {}

  /** What is wrong once this is spent, too; null where the limit holds. */
  add(spent: Spent, nowMs: number): string | null {
    const { what, per, limit } = this.limit;
    const amount = spent[what] ?? 0;
    if (amount === 0) return null;
    this.#entries.push({ atMs: nowMs, amount });
    this.#sum += amount;
    this.#forget(nowMs - PERIOD_MS[per]);
    return this.#sum > limit + ROUNDING ? `${this.#sum} ${what} in the last ${per}, of ${limit}` : null;
  }

  #forget(untilMs: number): void {
    for (
      let oldest = this.#entries[this.#first];
      oldest !== undefined;
      oldest = this.#entries[++this.#first]
    ) {
      if (oldest.atMs > untilMs) break;
      this.#sum -= oldest.amount;
    }
    if (this.#first < 1_000) return;
    this.#entries.splice(0, this.#first);
    this.#first = 0;
  }
}
