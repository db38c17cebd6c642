import type { BudgetUse } from '../../../uplink/accounts/budget.js';
import { bytes, count, energy } from '../model/format.js';
import { budget } from '../model/store.js';

/** What of every hard limit is used. */
export function Budgets() {
  if (budget.value.length === 0) return null;
  return (
    <section class="card budgets" aria-label="Budgets">
      <h2>Budgets</h2>
      <ul>
        {budget.value.map((use) => (
          <Budget key={`${use.provider} ${use.what} ${use.per}`} use={use} />
        ))}
      </ul>
    </section>
  );
}

function Budget({ use }: { readonly use: BudgetUse }) {
  const { what, per, provider, limit, spent } = use;
  const name = `${provider === null ? '' : `${provider}: `}${what} a ${per}`;
  const isOver = spent >= limit;
  return (
    <li data-budget={name}>
      <span>{name}</span>
      <meter min={0} max={limit} value={Math.min(spent, limit)} aria-label={name} />
      <span class={isOver ? 'budget-used over' : 'budget-used'}>
        {amount(spent, what)} of {amount(limit, what)}
        {isOver ? ', used up' : ''}
      </span>
    </li>
  );
}

function amount(value: number, what: BudgetUse['what']): string {
  switch (what) {
    case 'calls':
    case 'tokens':
      return count(value);
    case 'bytes':
      return bytes(value);
    case 'joules':
      return energy(value * 1000);
    case 'money':
      return value.toFixed(value < 0.1 && value > 0 ? 4 : 2);
  }
}
