import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Health } from '../../src/core/events/health.js';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import { MainSignals } from '../../src/runtime/worker/main-signals.js';
import { SourceHost, type SourceHostOptions } from '../../src/runtime/worker/source-host.js';
import { SourceThread } from '../../src/runtime/worker/source-thread.js';

const script = fileURLToPath(new URL('./scripted-source.mjs', import.meta.url));

/** A thread for sources that do what their specification says. */
export const newThread = (signals = new MainSignals()): SourceThread => new SourceThread(script, signals);

/** A source in a thread, not run yet; with the details of its health events, and the health of its host. */
export function hosted(spec: string, options: Partial<SourceHostOptions> = {}, thread = newThread()) {
  const said: string[] = [];
  const health: Health[] = [];
  const host = new SourceHost({
    ...systemTime,
    source: 'mic',
    spec,
    run: 'r',
    startWorker: thread.serve,
    onReport: (report) => {
      if (report.kind === 'event' && report.event.type === 'health') said.push(report.event.detail);
    },
    onHealth: (change) => health.push(change),
    onForgotten: () => {},
    restartMs: 10,
    ...options,
  });
  return { host, said, health };
}

/** Waits until something holds; fails where it does not within 15 s. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 15_000) expect.fail('waited in vain');
    await delay(10);
  }
}
