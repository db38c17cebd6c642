import { readFileSync } from 'node:fs';

/** What Linux says of a process: its state, and when it began, in clock ticks since the system did; see proc(5). */
const STAT = /^.*\) (\S)(?: \S+){18} (\d+)/s;
/** Nobody has waited for it yet, but it has ended. */
const ENDED: ReadonlySet<string> = new Set(['Z', 'X']);

/**
 * Names this process among all there ever were on this machine: ids are given again, soon after a restart and always
 * within a container. Where the system does not tell when a process began, by its id alone.
 */
export function thisProcess(): string {
  return `${process.pid}-${statOf(process.pid)?.began ?? ''}`;
}

/** Whether a process that {@link thisProcess} named still runs. */
export function isRunning(name: string): boolean {
  const [pid = '', began = ''] = name.split('-');
  if (!isThere(Number(pid))) return false;
  const stat = statOf(Number(pid));
  if (stat === null) return true;
  return !ENDED.has(stat.state) && (began === '' || began === stat.began);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function statOf(pid: number): { readonly state: string; readonly began: string } | null {
  try {
    const [, state = '', began = ''] = STAT.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    return { state, began };
  } catch {
    return null;
  }
}
