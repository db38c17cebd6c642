import type { Timer } from '../../core/clock.js';
import type { Health } from '../../core/events/health.js';
import { every } from '../../core/waiting.js';
import { readKernelFile } from '../../meter/kernel-file.js';

const LOOK_MS = 5000;

/** Below this share of the machine's memory available it is short; above the second it is not any more. */
const SHORT_SHARE = 0.06;
const AMPLE_SHARE = 0.12;

/** Share of memory the kernel could still hand out (`MemAvailable` of proc(5)); null where it does not tell. */
export function readAvailableShare(procRoot = '/proc'): number | null {
  try {
    const text = readKernelFile(`${procRoot}/meminfo`);
    const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
    const share = kb('MemAvailable') / kb('MemTotal');
    return Number.isFinite(share) ? share : null;
  } catch {
    return null;
  }
}

/** Tells when memory becomes short and when it is ample again, with hysteresis. */
export class MemoryWatch {
  #short = false;

  /** Takes a reading; `short` and `ample` are transitions, `still-short` asks for what came back since. */
  observe(availableShare: number): 'short' | 'still-short' | 'ample' | 'unchanged' {
    if (availableShare < SHORT_SHARE) {
      if (this.#short) return 'still-short';
      this.#short = true;
      return 'short';
    }
    if (!this.#short || availableShare < AMPLE_SHARE) return 'unchanged';
    this.#short = false;
    return 'ample';
  }
}

/** What is done while memory is short. */
export interface ShortOfMemory {
  /** Share of memory available; null where it is not known. */
  readonly readShare: () => number | null;
  /** Gives back what can be loaded again. */
  readonly shed: () => void;
  readonly tell: (component: string, health: Health) => void;
}

/** Looks every so often, has memory shed while it is short, and tells of both changes; returns what ends that. */
export function watchMemory(timer: Timer, { readShare, shed, tell }: ShortOfMemory): () => void {
  const watch = new MemoryWatch();
  return every(timer, LOOK_MS, () => {
    const share = readShare();
    const change = share === null ? 'unchanged' : watch.observe(share);
    if (change === 'short' || change === 'still-short') shed();
    if (change === 'short') {
      const detail = 'short: heavy stages end with each answer';
      tell('memory', { state: 'degraded', code: 'MEMORY_SHORT', detail });
    }
    if (change === 'ample') tell('memory', { state: 'ok', code: 'OK', detail: 'ample again' });
  });
}
