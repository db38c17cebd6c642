import { readKernelFile } from '../../meter/kernel-file.js';

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
