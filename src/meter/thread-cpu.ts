import { readKernelFile } from './kernel-file.js';

/**
 * CPU milliseconds the calling thread has used, from the kernel's scheduler (`/proc/thread-self/schedstat`,
 * first field, ns: Documentation/scheduler/sched-stats). Null where there is none. Node 20 tells a process's
 * CPU time only.
 */
export function readThreadCpuMs(procRoot = '/proc'): number | null {
  try {
    const busyNs = Number(readKernelFile(`${procRoot}/thread-self/schedstat`).split(' ', 1)[0]);
    return Number.isFinite(busyNs) ? busyNs / 1e6 : null;
  } catch {
    return null;
  }
}
