import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Clock, Time, Timer } from '../../core/clock.js';
import { sleep } from '../../core/waiting.js';
import type { MachineClock } from '../../uplink/queue/steady-clock.js';

/** The machine's clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** The longest that Node's timers wait; what is longer they fire at once (https://nodejs.org/api/timers.html). */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Wakes by the monotonic clock, as Node's timers do, however long the wait. Those of a thread who may be woken sooner
 * are woken with whichever of them can wait no longer.
 */
export const systemTimer: Timer = (delayMs, wake, earlyMs = 0) =>
  earlyMs === 0 ? exactly(delayMs, wake) : withOthers(delayMs, wake, earlyMs);

/** Somebody who may be woken sooner than it has to be. */
interface Patient {
  /** From when on, monotonic. */
  readonly fromMs: number;
  readonly wake: () => void;
  readonly cancel: () => void;
}

const patients = new Set<Patient>();

function withOthers(delayMs: number, wake: () => void, earlyMs: number): () => void {
  const fromMs = systemClock.monotonicMs() + delayMs - earlyMs;
  const cancel = exactly(delayMs, () => {
    patients.delete(patient);
    wake();
    wakePatients();
  });
  const patient: Patient = { fromMs, wake, cancel };
  patients.add(patient);
  return () => {
    patients.delete(patient);
    cancel();
  };
}

function wakePatients(): void {
  if (patients.size === 0) return;
  const nowMs = systemClock.monotonicMs();
  for (const patient of [...patients]) {
    // Not a number, where it would wait for ever.
    if (!(patient.fromMs <= nowMs)) continue;
    patients.delete(patient);
    patient.cancel();
    patient.wake();
  }
}

function exactly(delayMs: number, wake: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    timer =
      leftMs > MAX_TIMEOUT_MS
        ? setTimeout(() => wait(leftMs - MAX_TIMEOUT_MS), MAX_TIMEOUT_MS)
        : setTimeout(wake, leftMs);
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}

/** This machine's time, for what measures and waits. */
export const systemTime = { clock: systemClock, timer: systemTimer } as const satisfies Time;

/** CPU time that this process has used so far. */
export function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Waits by the monotonic clock. */
export function systemSleep(delayMs: number): Promise<void> {
  return sleep(systemTimer, delayMs);
}

/** This machine's clock, which outlives the process. */
export function systemMachineClock(): MachineClock {
  return { bootId: readBootId(), uptimeMs: () => uptime() * 1000, wallMs: systemClock.wallMs };
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Elsewhere than on Linux the start of the machine, to the minute, tells one from another.
    return String(Math.round((Date.now() - uptime() * 1000) / 60_000));
  }
}
