import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Daemon } from '../support/daemon.js';
import { writeMicrophoneShim } from '../support/microphone-shim.js';
import { descendants } from '../support/processes.js';
import { goldenPcm } from '../support/recordings.js';
import { createShims, type Shims } from '../support/shims.js';

const CONFIG = `
sources: [{ id: mic, kind: microphone }]
cascades: { voice: { kind: voice, heavy: { budgetMs: 800, warmMs: 600000 }, utterance: { enabled: false } } }
dashboard: { enabled: false }
`;

let shims: Shims;
let daemon: Daemon;
beforeEach(() => {
  shims = createShims();
  writeMicrophoneShim(shims, goldenPcm('settled'));
  daemon = Daemon.run(CONFIG);
});
afterEach(async () => {
  await daemon.end();
  shims.restore();
});

const heavyPids = () => descendants(daemon.child.pid ?? 0, 'heavy-child');

/** Waits for the policy's decision on a detection whose verifier abstained. */
const decidedWithout = (code: string) =>
  daemon.until(
    () =>
      daemon.events.some((event) => {
        if (event.type !== 'verified' && event.type !== 'refused') return false;
        const last = event.trail.at(-1);
        return last?.kind === 'abstain' && last.code === code;
      }),
    `nothing decided without heavy, ${code}`,
  );

describe('faults of the heavy process', () => {
  it('row 14: slower than its budget, it is ended; policy decides, and the next detection is verified again', async () => {
    const first = await daemon.event('verified', ({ degraded }) => !degraded);
    const [stopped = 0] = heavyPids();
    process.kill(stopped, 'SIGSTOP');
    await decidedWithout('STAGE_TIMEOUT');
    expect(heavyPids()).not.toContain(stopped);
    await daemon.event('verified', ({ id, degraded }) => id !== first.id && !degraded);
    expect(daemon.transitions('mic/heavy')).toEqual(['degraded', 'ok']);
  });

  it('row 15: crashing, it is started again; five crashes in a minute open the breaker', async () => {
    await daemon.event('verified', ({ degraded }) => !degraded);
    const killed = new Set<number>();
    for (let crash = 0; crash < 5; crash += 1) {
      await daemon.until(() => heavyPids().some((pid) => !killed.has(pid)), 'not started again');
      for (const pid of heavyPids()) {
        killed.add(pid);
        process.kill(pid, 'SIGSEGV');
      }
    }
    expect(await daemon.health('mic/heavy', 'down')).toMatchObject({ code: 'STAGE_UNAVAILABLE' });
    await decidedWithout('STAGE_UNAVAILABLE');
    expect(heavyPids()).toEqual([]);
    // Half a minute later one attempt is let through, and succeeds.
    await daemon.health('mic/heavy', 'ok');
    expect(daemon.transitions('mic/heavy')).toEqual(['degraded', 'down', 'ok']);
  });
});
