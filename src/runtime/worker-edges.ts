import type { StageHost } from '../core/cascade/assembly.js';
import type { Health } from '../core/events/health.js';
import { EventStamp } from '../core/events/stamp.js';
import { connectHeavy, type HeavyConnection } from './heavy/heavy-connection.js';
import type { Beside, HeavyLine } from './heavy/heavy-line.js';
import { systemTime } from './process/system-clock.js';
import { createStage } from './stages.js';
import type { Outlet } from './worker/source-serve.js';

/** Time for the heavy process to start and load its models, on the slowest board. */
const WAKE_MS = 15_000;
/** Time for what other sources asked of it before: an utterance of each. */
const WAIT_MS = 8000;

/** The line of a worker to the heavy process. */
export function heavyOf(source: string, outlet: Outlet): HeavyConnection {
  return connectHeavy(outlet, {
    wakeMs: WAKE_MS,
    waitMs: WAIT_MS,
    onHealth: healthOf('heavy', source, outlet),
    timer: systemTime.timer,
  });
}

/**
 * Light stages in a worker's own thread, heavy ones over its line.
 * @param beside whose they are, where that is not the source's own cascade
 */
export function inProcess(heavy: HeavyLine, beside?: Beside): StageHost {
  return {
    here: createStage,
    heavy: async (spec) => {
      const stage = heavy.stage(spec.name, spec.budgetMs, { kind: 'stage', spec }, beside);
      // Tells at the start, not at the first wake, whether the verifier can be loaded; then it sleeps.
      stage.prepare?.();
      return stage;
    },
    stream: async (spec) => heavy.stream(spec.name, spec.budgetMs, { kind: 'stage', spec }, beside),
    recogniser: async (spec) =>
      heavy.recogniser(spec.name, spec.budgetMs, { kind: 'recogniser', spec }, beside),
  };
}

/** What tells how a part of a source is. */
export function healthOf(part: string, source: string, outlet: Outlet): (health: Health) => void {
  const stamp = new EventStamp(`${outlet.ids}/${part}`, outlet.run, systemTime.clock);
  const component = `${source}/${part}`;
  return (health) => outlet.event({ type: 'health', ...stamp.next(null), component, ...health });
}
