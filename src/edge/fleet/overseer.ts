import { randomBytes } from 'node:crypto';
import type { Timer } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import { parseJson } from '../../core/json.js';
import { sleep } from '../../core/waiting.js';
import type { Broker, Message } from '../../egress/broker.js';
import { type EdgeTopics, levelOf } from '../topics.js';
import { sha256Of } from './keeper.js';
import { type FleetResult, fleetResultSchema } from './member.js';

/** One device, as it says of itself; null where it has not. */
export interface FleetDevice {
  readonly device: string;
  readonly isThere: boolean;
  readonly about: Readonly<Record<string, unknown>> | null;
  readonly state: Readonly<Record<string, unknown>> | null;
}

/** What is rolled out. */
export type Parcel =
  | { readonly kind: 'config'; readonly content: Buffer }
  | { readonly kind: 'model'; readonly name: string; readonly content: Buffer };

/** How it is rolled out. */
export interface RollOutPlan {
  /** How many devices have it after each wave. */
  readonly waves: readonly number[];
  /** A device has to be well for so long before the next wave. */
  readonly settleMs: number;
  /** And has to be there again within so long. */
  readonly withinMs: number;
  readonly say: (line: string) => void;
}

/** What the broker kept has come by then. */
const KEPT_MS = 1000;
const ANSWER_MS = 15_000;
const LOOK_MS = 200;
const RANKS = ['ok', 'degraded', 'down'];

/** Whether a device took back what was rolled out last, and what it says of that. */
export interface WentBack {
  readonly isBack: boolean;
  readonly said: string;
}

/** What came of giving it to a device. */
interface Given {
  readonly device: string;
  /** Whether it may have it yet, and has to take it back if others do not. */
  readonly isTaken: boolean;
  /** Null where it is well with it. */
  readonly failure: string | null;
}

interface Seen {
  about: FleetDevice['about'];
  state: FleetDevice['state'];
  /** Changes whenever it is told of anew: a device that starts again says what it is. */
  told: number;
}

/** Looks at the devices of a broker, and has them take what is rolled out, or go back. */
export class Overseer {
  readonly #broker: Broker;
  readonly #topics: EdgeTopics;
  readonly #timer: Timer;
  readonly #reply = `overseer-${randomBytes(6).toString('hex')}`;
  readonly #there = new Set<string>();
  readonly #seen = new Map<string, Seen>();
  readonly #answers = new Map<string, (result: FleetResult) => void>();
  readonly #never = new AbortController().signal;

  constructor(broker: Broker, topics: EdgeTopics, timer: Timer) {
    this.#broker = broker;
    this.#topics = topics;
    this.#timer = timer;
  }

  /** @throws CatnapError `EDGE_AWAY` when the broker does not let it in. */
  async open(): Promise<void> {
    const topics = this.#topics;
    await new Promise<void>((resolve, reject) =>
      this.#broker.keep({
        clientId: `catnap-${this.#reply}`,
        will: null,
        topics: [
          topics.here('+', '+'),
          topics.fleet('+', 'about'),
          topics.fleet('+', 'state'),
          topics.reply(this.#reply),
        ],
        what: 'edge',
        onUp: resolve,
        onDown: (why) => reject(new CatnapError('EDGE_AWAY', why.message)),
        onMessage: (message) => this.#take(message),
      }),
    );
    await sleep(this.#timer, KEPT_MS);
  }

  close(): Promise<void> {
    return this.#broker.close();
  }

  /** All devices that were ever told of, by name. */
  devices(): readonly FleetDevice[] {
    const names = new Set([...this.#seen.keys(), ...this.#there]);
    return [...names].sort().map((device) => this.#device(device));
  }

  /**
   * Rolls out to some, then more, then all; where one does not take it, is not well after it or is gone, those that
   * have it go back.
   * @returns whether all have it.
   */
  async rollOut(devices: readonly string[], parcel: Parcel, plan: RollOutPlan): Promise<boolean> {
    const { say } = plan;
    const taken: string[] = [];
    // Of few devices some shares are the same.
    const counts = plan.waves.filter((count, index) => count > Math.max(0, ...plan.waves.slice(0, index)));
    for (const [index, count] of counts.entries()) {
      const wave = devices.slice(taken.length, count);
      say(`wave ${index + 1} of ${counts.length}: ${wave.join(', ')}`);
      const given = await Promise.all(wave.map((device) => this.#give(device, parcel, plan)));
      taken.push(...given.flatMap(({ device, isTaken }) => (isTaken ? [device] : [])));
      const failures = given.flatMap(({ failure }) => failure ?? []);
      for (const failure of failures) say(failure);
      if (failures.length > 0) {
        // Who refused it or went back has nothing to take back of it.
        if (taken.length > 0) say(`going back: ${taken.join(', ')}`);
        for (const { said } of await this.back(taken, sha256Of(parcel.content))) say(said);
        return false;
      }
      for (const device of wave) await this.#ask(device, 'keep', '');
    }
    return true;
  }

  /**
   * Has devices take back what was rolled out last.
   * @param sha256 of what was: who has gone back from that by itself, or never had it, keeps what it has.
   */
  async back(devices: readonly string[], sha256?: string): Promise<readonly WentBack[]> {
    const only = sha256 === undefined ? null : { sha256 };
    return Promise.all(
      devices.map(async (device) => {
        const { ok, code, detail } = await this.#ask(device, 'back', '', only);
        return { isBack: ok, said: `${device}: ${ok ? '' : `${code}: `}${detail}` };
      }),
    );
  }

  async #give(device: string, parcel: Parcel, plan: RollOutPlan): Promise<Given> {
    const before = this.#device(device);
    const told = this.#seen.get(device)?.told ?? 0;
    const sha256 = sha256Of(parcel.content);
    const what = parcel.kind === 'config' ? 'config' : `model/${parcel.name}`;
    const { ok, code, detail } = await this.#ask(device, what, parcel.content, { sha256 });
    if (!ok) return { device, isTaken: code === 'EDGE_AWAY', failure: `${device}: ${code}: ${detail}` };
    const failed = (why: string): Given => ({ device, isTaken: true, failure: `${device}: ${why}` });
    // What nobody confirmed yet is pending where it is; a device that could not run with it has gone back by itself.
    const has = ({ about }: FleetDevice): boolean =>
      about?.pending === true && (parcel.kind === 'model' || about.config === sha256);
    const isBack = (): boolean => {
      const now = this.#device(device);
      const isAnew = (this.#seen.get(device)?.told ?? 0) > told && now.about?.since !== before.about?.since;
      return now.isThere && isAnew && has(now);
    };
    if (!(await this.#until(isBack, plan.withinMs))) return failed('was not there again with it in time');
    // It may be unwell for a moment while it starts; at the end it must not be.
    await sleep(this.#timer, plan.settleMs);
    const now = this.#device(device);
    if (now.isThere && !has(now))
      return { ...failed('went back by itself: it does not run with it'), isTaken: false };
    if (now.isThere && rankOf(now) <= rankOf(before)) return { device, isTaken: true, failure: null };
    return failed(`is not as well as before: ${JSON.stringify(now.state?.unwell ?? 'gone')}`);
  }

  async #until(isSo: () => boolean, withinMs: number): Promise<boolean> {
    for (let leftMs = withinMs; leftMs > 0; leftMs -= LOOK_MS) {
      if (isSo()) return true;
      await sleep(this.#timer, LOOK_MS);
    }
    return isSo();
  }

  #ask(
    device: string,
    what: string,
    payload: string | Buffer,
    userProperties: Record<string, string> | null = null,
  ): Promise<FleetResult> {
    const correlationData = randomBytes(8);
    const key = correlationData.toString('hex');
    const topic = this.#topics.fleet(levelOf(device), `set/${what}`);
    return new Promise((resolve) => {
      const settle = (result: FleetResult): void => {
        cancel();
        this.#answers.delete(key);
        resolve(result);
      };
      const cancel = this.#timer(ANSWER_MS, () =>
        settle({ ok: false, code: 'EDGE_AWAY', detail: 'no answer' }),
      );
      this.#answers.set(key, settle);
      this.#broker
        .publish(topic, payload, false, this.#never, {
          responseTopic: this.#topics.reply(this.#reply),
          correlationData,
          messageExpiryInterval: ANSWER_MS / 1000,
          ...(userProperties === null ? {} : { userProperties }),
        })
        .catch((error: unknown) => settle({ ok: false, code: 'EDGE_AWAY', detail: String(error) }));
    });
  }

  #device(device: string): FleetDevice {
    const { about = null, state = null } = this.#seen.get(device) ?? {};
    return { device, isThere: this.#there.has(device), about, state };
  }

  #take({ topic, payload, properties }: Message): void {
    if (topic === this.#topics.reply(this.#reply)) {
      const result = fleetResultSchema.safeParse(parseJson(payload.toString()));
      if (result.success) this.#answers.get(properties.correlationData?.toString('hex') ?? '')?.(result.data);
      return;
    }
    const levels = topic.split('/');
    const [last = '', device = ''] = [levels.at(-1), levels.at(-2)];
    if (last === 'about' || last === 'state') {
      const told = parseJson(payload.toString());
      const seen = this.#seen.get(device) ?? { about: null, state: null, told: 0 };
      if (typeof told === 'object' && told !== null)
        this.#seen.set(device, { ...seen, [last]: told, told: seen.told + 1 });
      return;
    }
    if (payload.length > 0) this.#there.add(last);
    else this.#there.delete(last);
  }
}

function rankOf({ state }: FleetDevice): number {
  return RANKS.indexOf(String(state?.health ?? 'down'));
}
