import { parseJson } from '../../core/json.js';
import * as z from '../../core/zod.js';
import type { Op, Store } from './store.js';

/** What a machine knows of time. */
export interface MachineClock {
  /** Milliseconds since the machine started; unmoved by whoever sets the clock. */
  uptimeMs(): number;
  /** Differs after every start of the machine. */
  readonly bootId: string;
  wallMs(): number;
}

const stateSchema = z.strictObject({
  bootId: z.string(),
  uptimeMs: z.number(),
  wallMs: z.number(),
  nowMs: z.number(),
});

const KEY = 'c!steady';
/** A device switched off for longer has nothing left that counts. */
const MAX_AWAY_MS = 31 * 86_400_000;

/**
 * Time that only goes forward, over restarts too: what budgets and ages are kept by. Within one start of the machine it
 * is the uptime, and no change of the wall clock moves it; across a restart it advances by the wall clock's
 * difference, but never backwards and by no more than 31 days.
 */
export class SteadyClock {
  #baseMs = 0;
  #baseUptimeMs: number;

  private constructor(private readonly machine: MachineClock) {
    this.#baseUptimeMs = machine.uptimeMs();
  }

  /** Goes on from what the store last kept. */
  static async open(store: Store, machine: MachineClock): Promise<SteadyClock> {
    const steady = new SteadyClock(machine);
    const record = await store.get(KEY);
    if (record !== null) steady.#restore(record);
    return steady;
  }

  nowMs(): number {
    return this.#baseMs + Math.max(0, this.machine.uptimeMs() - this.#baseUptimeMs);
  }

  /** The change that keeps it, to be written with whatever happened at this time. */
  save(): Op {
    const { bootId } = this.machine;
    const state = {
      bootId,
      uptimeMs: this.machine.uptimeMs(),
      wallMs: this.machine.wallMs(),
      nowMs: this.nowMs(),
    };
    return { type: 'put', key: KEY, value: Buffer.from(JSON.stringify(state)) };
  }

  #restore(record: Buffer): void {
    const parsed = stateSchema.safeParse(parseJson(record.toString('utf8')));
    if (!parsed.success) return;
    const { bootId, uptimeMs, wallMs, nowMs } = parsed.data;
    const now = this.machine.uptimeMs();
    const isSameBoot = bootId === this.machine.bootId && now >= uptimeMs;
    const away = isSameBoot
      ? now - uptimeMs
      : Math.max(now, Math.min(this.machine.wallMs() - wallMs, MAX_AWAY_MS));
    this.#baseMs = nowMs + away;
    this.#baseUptimeMs = now;
  }
}
