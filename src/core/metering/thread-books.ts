/** One whose work a thread does. */
export interface ThreadUser {
  /** Milliseconds that it booked from elapsed time since the books were last settled. */
  readonly bookedMs: number;
  /**
   * Takes back the share `overbooked` of what it booked, 0 to 1, and takes on `restMs` that nobody booked; what it
   * booked counts from zero again.
   */
  settle(overbooked: number, restMs: number): void;
}

/** The CPU time of a thread among all whose work it does. */
export class ThreadBooks {
  readonly #users = new Set<ThreadUser>();
  #settledMs: number;

  /** @param cpuMs CPU milliseconds that the thread has used; null where the platform does not tell */
  constructor(private readonly cpuMs: () => number | null) {
    this.#settledMs = cpuMs() ?? 0;
  }

  /** What the thread used before is the others'; call what it returns when the work is over. */
  join(user: ThreadUser): () => void {
    this.settle();
    this.#users.add(user);
    return () => {
      this.settle();
      this.#users.delete(user);
    };
  }

  /**
   * Holds what was booked since the last time against what the kernel says the thread used. Work that was preempted
   * booked time it did not use: all is cut back in proportion. What nobody booked is everybody's, in equal parts.
   */
  settle(): void {
    const cpuMs = this.cpuMs();
    if (cpuMs === null) return;
    const usedMs = cpuMs - this.#settledMs;
    this.#settledMs = cpuMs;
    const users = [...this.#users];
    const bookedMs = users.reduce((sum, user) => sum + user.bookedMs, 0);
    const overbooked = bookedMs > usedMs ? 1 - usedMs / bookedMs : 0;
    const restMs = Math.max(0, usedMs - bookedMs) / users.length;
    for (const user of users) user.settle(overbooked, restMs);
  }
}
