import type { Health } from '../../core/events/health.js';
import type { GapReason } from '../../core/signal/frame.js';
import { UsableRows } from '../usable-rows.js';
import type { LinkEvents } from './protocol/link.js';

const WHY: Partial<Record<GapReason, string>> = {
  garbage: 'what came in their place was damaged on the line',
  overrun: 'the board lost them, for want of buffer, line or time',
};
const VANISHED = 'their frames never came';

/** Tells what losses on an open line cost, so that rows without values are never silent. */
export function toldLosses(
  onHealth: (health: Health) => void,
): Required<Pick<LinkEvents, 'hello' | 'rows' | 'lost'>> {
  let usable: UsableRows | null = null;
  let rateHz = 0;
  return {
    hello: (hello) => {
      if (usable === null || hello.rateHz !== rateHz) usable = new UsableRows(hello.rateHz, onHealth);
      rateHz = hello.rateHz;
    },
    rows: (rows) => usable?.come(rows),
    lost: (rows, reason) => usable?.lose(rows, () => WHY[reason] ?? VANISHED),
  };
}
