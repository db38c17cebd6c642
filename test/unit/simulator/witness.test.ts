import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryWatch } from '../../../src/runtime/process/memory-watch.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { SignalHealth } from '../../../src/sources/signal-health.js';
import { Budget } from '../../../src/uplink/accounts/budget.js';
import { Outbox } from '../../../src/uplink/queue/outbox.js';

vi.setConfig({ testTimeout: 300_000 });
afterEach(() => vi.restoreAllMocks());

/** What is broken, what befalls it, and what the simulator says then. */
const BROKEN: readonly (readonly [
  what: string,
  faults: readonly string[],
  breakIt: () => unknown,
  said: RegExp,
])[] = [
  [
    'an outbox that offers again what was answered',
    [],
    () =>
      vi.spyOn(Outbox.prototype, 'remove').mockImplementation(async function (this: Outbox, waiting) {
        this.release(waiting);
      }),
    /2 verdicts/,
  ],
  [
    'an outbox that forgets what it accepted',
    [],
    () => vi.spyOn(Outbox.prototype, 'put').mockResolvedValue(),
    /: lost/,
  ],
  [
    'a budget that allows everything',
    ['unreachable'],
    () => vi.spyOn(Budget.prototype, 'check').mockReturnValue(null),
    /calls in the last minute, of 6/,
  ],
  [
    'a microphone whose silence nobody notices',
    ['audio all zero'],
    () => vi.spyOn(SignalHealth.prototype, 'fault', 'get').mockReturnValue(null),
    /audio all zero: not told/,
  ],
  [
    'memory that is never ample again',
    ['memory short'],
    () => {
      const observe = MemoryWatch.prototype.observe;
      vi.spyOn(MemoryWatch.prototype, 'observe').mockImplementation(function (this: MemoryWatch, share) {
        const change = observe.call(this, share);
        return change === 'ample' ? 'unchanged' : change;
      });
    },
    /memory: degraded MEMORY_SHORT, 1 minutes after|told twice/,
  ],
];

describe('a simulated run finds', () => {
  it.each(BROKEN)('%s', async (_what, faults, breakIt, said) => {
    breakIt();
    const { violations } = await simulate({ seed: 1, days: 0.1, faults, often: 100 });
    expect(violations.join('\n')).toMatch(said);
  });
});
