import type { Uplink } from '../core/cascade/escalation.js';
import type { Passed } from '../egress/way-out.js';
import type { BudgetUse } from './accounts/budget.js';
import type { UplinkWayOut } from './egress.js';
import type { OutboxTotals } from './queue/outbox.js';
import type { StoreCounters } from './queue/store.js';
import type { UpstreamCounters } from './upstream.js';

/** What an uplink has counted since it was made; `outbox` since the outbox was. */
export interface UplinkStats {
  readonly outbox: OutboxTotals;
  readonly waiting: { readonly count: number; readonly bytes: number };
  readonly store: StoreCounters;
  readonly bytesOut: UplinkWayOut['bytesOut'];
  readonly upstreams: Readonly<Record<string, Readonly<UpstreamCounters>>>;
  readonly budget: readonly BudgetUse[];
}

/** An uplink that can be asked what it has done. */
export interface CountedUplink extends Uplink {
  stats(): UplinkStats;
  /** Asks nobody from now on, and hangs up; what waits does so until somebody may be asked again. */
  setOffline(isOffline: boolean): void;
  /** Writes down what an action sent. */
  passed(passed: Passed): Promise<void>;
}
