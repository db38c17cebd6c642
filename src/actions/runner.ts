import type { Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { EventOf } from '../core/events/events.js';
import { sleep, withDeadline } from '../core/waiting.js';
import type { ActionRequest, Plan } from './action-kind.js';
import type { ActionsConfig } from './config.js';

export interface RunnerDeps {
  readonly timer: Timer;
  /** What a request comes to, by the kind of its action. */
  readonly plan: (request: ActionRequest) => Promise<Plan>;
}

/** What came of an action, to be published as an `action` event. */
export type Outcome = Pick<EventOf<'action'>, 'detection' | 'action' | 'outcome' | 'detail'>;

/** Runs actions for local intents and for cloud answers alike. */
export interface ActionRunner {
  /** Does it, or says what it would do. Never rejects: a failure is an outcome. */
  run(request: ActionRequest): Promise<Outcome>;
  /** Waits until who asked has heard of everything under way, `deadlineMs` at most. */
  close(deadlineMs: number): Promise<void>;
}

/** Makes a runner. */
export function createActionRunner(config: ActionsConfig, { timer, plan }: RunnerDeps): ActionRunner {
  const { dryRun, timeoutMs, maxRunning } = config;
  const asked = new Set<Promise<Outcome>>();
  let acting = 0;

  async function done({ what, act }: Plan): Promise<Pick<Outcome, 'outcome' | 'detail'>> {
    if (act === null) return { outcome: 'done', detail: what };
    if (dryRun) return { outcome: 'dry-run', detail: what };
    if (acting >= maxRunning) {
      return { outcome: 'failed', detail: `${what}: ${acting} actions are under way already` };
    }
    acting += 1;
    try {
      const late = () => new CatnapError('UPLINK_TIMEOUT', `${what}: not done after ${timeoutMs} ms`);
      await withDeadline(timer, timeoutMs, act, late);
      return { outcome: 'done', detail: what };
    } finally {
      acting -= 1;
    }
  }

  async function outcomeOf(request: ActionRequest): Promise<Outcome> {
    const { detection, name, action } = request;
    try {
      return { detection, action: name, ...(await done(await plan(request))) };
    } catch (error) {
      const detail = `${action.kind}: ${error instanceof Error ? error.message : String(error)}`;
      return { detection, action: name, outcome: 'failed', detail };
    }
  }

  return {
    run(request) {
      const outcome = outcomeOf(request);
      asked.add(outcome);
      void outcome.then(() => asked.delete(outcome));
      return outcome;
    },
    async close(deadlineMs) {
      const heard = new AbortController();
      await Promise.race([Promise.all(asked), sleep(timer, deadlineMs, heard.signal)]);
      heard.abort();
    },
  };
}
