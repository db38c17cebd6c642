import { readdirSync, readFileSync } from 'node:fs';

/** Memory of a process and of the heaviest of its children, in units of 10^6 bytes. */
export interface ProcessMemory {
  readonly ownMb: number;
  /** 0 without a child. */
  readonly childMb: number;
}

/**
 * The proportional set size of this process and of its largest child (proc_pid_smaps(5): what processes share is
 * counted in parts), as a board with only them would be short of.
 */
export function readProcessMemory(): ProcessMemory {
  return { ownMb: pssMb('self'), childMb: Math.max(0, ...childPids().map(pssMb)) };
}

/** What this process alone holds, the parts of files that no other has open among it, in units of 10^6 bytes. */
export function privateMb(): number {
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
  const parts = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)];
  return parts.reduce((sum, [, kb]) => sum + Number(kb), 0) * 0.001024;
}

function pssMb(pid: number | 'self'): number {
  try {
    const [, kb] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return (Number(kb ?? 0) * 1024) / 1e6;
  } catch {
    // It has just ended.
    return 0;
  }
}

/** Children of every thread: the thread that starts one is its parent in `/proc`. */
export function childPids(): number[] {
  return readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
