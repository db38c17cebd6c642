import type { Escalation } from '../core/cascade/escalation.js';
import { CatnapError } from '../core/errors.js';
import type { CascadeEvent } from '../core/events/events.js';
import { uplinkSchema } from '../runtime/config.js';
import { createGuardrail } from '../runtime/guardrails.js';
import { createProvider } from '../runtime/providers.js';
import type { CountedUplink } from '../uplink/counted-uplink.js';
import { decodeStored } from '../uplink/queue/records.js';
import { createUplink, type UplinkDeps } from '../uplink/uplink.js';
import { Chance } from './chance.js';
import type { Device } from './device.js';
import { SimulatedDisk } from './disk.js';
import { SimulatedFarEnd } from './far-end.js';
import { FAULTS, type Fault, type World } from './faults.js';
import type { HeavyState } from './heavy.js';
import { House } from './house.js';
import { Life } from './life.js';
import { Sounds } from './sounds.js';
import type { SimulatedThread } from './thread.js';
import { VirtualTime } from './virtual-time.js';
import { Witness } from './witness.js';

/** What is simulated. */
export interface SimulationOptions {
  /** The same seed is the same run, to the byte. */
  readonly seed: number;
  readonly days: number;
  /** Names of the faults that befall it; all when left out. */
  readonly faults?: readonly string[];
  /** How much more often than they are drawn by themselves; 1 when left out. */
  readonly often?: number;
  /** Told how many hours have gone by. */
  readonly onHour?: (hours: number) => void;
}

/** What was seen. */
export interface Simulation {
  readonly seed: number;
  /** Virtual time that went by, with the quiet at the end. */
  readonly hours: number;
  readonly offered: number;
  /** How often each fault befell it. */
  readonly faults: Readonly<Record<string, number>>;
  /** Events by type, and outcomes of what was not delivered. */
  readonly events: Readonly<Record<string, number>>;
  /** What must not have been; the run ends with the first. */
  readonly violations: readonly string[];
  /** What led there, newest last. */
  readonly tail: readonly string[];
  /** SHA-256 of all that happened. */
  readonly digest: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SOURCES = ['attic', 'cellar', 'garden'] as const;
/** Mean time between two escalations of a source. */
const EVERY_MS = 20 * 60_000;
const ORDER_EVERY_MS = 15 * 60_000;
const FAULT_EVERY_MS = 3 * HOUR_MS;
/** How long after the last fault everything has to be delivered and well. */
const QUIET_MS = 2 * DAY_MS;
const RESTART_MS = 3_000;
const REBOOT_MS = 40_000;
/** Between two looks at what takes long to count. */
const LOOK_MS = 10_000;
/** Timers, of which each thing that waits has a few. */
const MOST_TIMERS = 2_000;

const CONFIG = uplinkSchema.parse({
  providers: [{ kind: 'plain', name: 'cloud', url: 'wss://far.example' }],
  outbox: { maxCount: 300, maxBytes: 4 * 1024 * 1024, maxDeadLetters: 50 },
  budget: [
    { what: 'calls', per: 'minute', limit: 6 },
    { what: 'calls', per: 'day', limit: 500 },
  ],
  maxAuditRows: 500,
});

/**
 * Runs Catnap in virtual time, under faults that are drawn by a seed, and looks at every step whether anything was
 * that must not be: threads, cascades, heavy process, arbiter, actions, journal, and the uplink with outbox, budget and
 * audit are the real ones; devices, models, far ends, disk, processes and time are simulated.
 */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  await loadEverything();
  return new SimulationRun(options).whole();
}

/** What is loaded when it is first needed is loaded before: that takes time which is not virtual. */
async function loadEverything(): Promise<void> {
  const { time } = new Life(new VirtualTime(), 'none');
  const nothing = {
    ...time,
    run: 'none',
    stateDir: null,
    publish: () => {},
    ...MAKERS,
  };
  const machineClock = { bootId: '', uptimeMs: () => 0, wallMs: () => 0 };
  await createUplink(CONFIG, { ...nothing, machineClock });
}

/** Providers and guardrails of any kind. */
const MAKERS: Pick<UplinkDeps, 'createProvider' | 'createGuardrail'> = {
  createProvider: (config, edges) => createProvider(config, { ...edges, folder: '.' }),
  createGuardrail: (config, edges) => createGuardrail(config, { ...edges, folder: '.' }),
};

function deviceAt(sounds: Sounds, nearness: number): Device {
  return {
    state: 'ok',
    overrunSamples: 0,
    level: (nowMs) => sounds.level(nowMs, nearness),
    soundMs: (nowMs) => sounds.at(nowMs),
  };
}

class SimulationRun implements World {
  readonly time = new VirtualTime();
  readonly disk: SimulatedDisk;
  readonly farEnd: SimulatedFarEnd;
  readonly reactions: World['reactions'] = [];
  readonly #witness = new Witness(this.time, CONFIG.budget);
  readonly #met: Record<string, number> = {};
  readonly #ends = new Set<() => void>();
  readonly devices: Readonly<Record<string, Device>>;
  heavyState: HeavyState = 'ok';
  switches: World['switches'] = 'ok';
  readonly #orders: Sounds;
  #isQuiet = false;
  #nextLookMs = 0;
  #life: Life | null = null;
  #house: House | null = null;
  #isStoreOpen = false;
  #lives = 0;
  #boots = 1;
  #bootedAtMs = 0;

  constructor(private readonly options: SimulationOptions) {
    this.disk = new SimulatedDisk(this.#chance('disk').random);
    this.#orders = new Sounds('order', ORDER_EVERY_MS, this.#chance('orders'));
    const faults = new Sounds('fault', FAULT_EVERY_MS, this.#chance('faults of the pump'));
    this.devices = {
      kitchen: deviceAt(this.#orders, 1),
      hall: deviceAt(this.#orders, 0.95),
      pump: deviceAt(faults, 1),
    };
    this.farEnd = new SimulatedFarEnd(this.time, {
      onDone: (key, source) => this.#witness.done(key, source),
      onBilled: () => this.#witness.billed(),
    });
    this.farEnd.react = (key) => {
      for (const react of this.reactions.toReversed()) {
        const reaction = react(key);
        if (reaction !== null) return reaction;
      }
      return 'answer';
    };
  }

  async whole(): Promise<Simulation> {
    const { days, faults, onHour = () => {} } = this.options;
    this.#begin();
    for (const source of SOURCES) this.#offerLater(source, this.#chance(`offers of ${source}`));
    for (const fault of FAULTS) {
      if (faults?.includes(fault.name) ?? true) this.#befallLater(fault, this.#chance(fault.name));
    }
    const witness = this.#witness;
    for (let hour = 0; hour < days * 24 && witness.violations.length === 0; hour++) {
      await this.time.advance(HOUR_MS, () => this.#look());
      onHour(hour + 1);
    }
    if (witness.violations.length === 0) await this.#comeToRest();
    return {
      seed: this.options.seed,
      hours: this.time.nowMs / HOUR_MS,
      offered: witness.fates.size,
      faults: this.#met,
      events: witness.counts,
      violations: witness.violations,
      tail: witness.tail,
      digest: witness.digest(),
    };
  }

  crash(): void {
    this.#kill();
    this.time.timer(RESTART_MS, () => this.#begin());
  }

  cutPower(): void {
    this.#kill();
    this.disk.cutPower();
    this.#boots++;
    this.#bootedAtMs = this.time.nowMs;
    this.time.timer(REBOOT_MS, () => this.#begin());
  }

  thread(source: string): SimulatedThread | null {
    return this.#house?.threads.get(source) ?? null;
  }

  rot(): void {
    const record = this.disk.rot('q!');
    const stored = record === null ? null : decodeStored(record);
    if (stored !== null) this.#witness.excused(stored.upload.key, 'has rotted');
  }

  #chance(name: string): Chance {
    return new Chance(this.options.seed, name);
  }

  #kill(): void {
    this.#life?.kill();
    this.#life = null;
    this.#house = null;
    this.#isStoreOpen = false;
    this.disk.forgetProcess();
    this.farEnd.disconnectAll();
  }

  #begin(): void {
    if (this.#life !== null) return;
    const run = `run-${++this.#lives}`;
    const life = new Life(this.time, run);
    this.#life = life;
    this.#witness.began(run);
    const house = new House({
      life,
      disk: this.disk,
      devices: this.devices,
      heavyState: () => this.heavyState,
      chance: (name) => this.#chance(name),
      act: (action, signal) => this.#act(life, action, signal),
      told: (event) => this.#witness.told(run, event),
      offer: (uplink, escalation) => this.#offer(life, uplink, escalation),
      openUplink: (publish, onAway) => this.#openUplink(life, publish, onAway),
    });
    const begun = life.heard(() => {
      this.#house = house;
    });
    house.start().then(
      begun,
      life.heard((error: unknown) => this.#witness.violated(`did not start: ${String(error)}`)),
    );
  }

  #openUplink(
    life: Life,
    publish: (event: CascadeEvent) => void,
    onAway: (isAway: boolean) => void,
  ): Promise<CountedUplink> {
    const bootedAtMs = this.#bootedAtMs;
    return createUplink(CONFIG, {
      ...life.time,
      run: life.run,
      stateDir: null,
      random: this.#chance(`jitter of ${life.run}`).random,
      machineClock: {
        bootId: `boot-${this.#boots}`,
        uptimeMs: () => this.time.nowMs - bootedAtMs,
        wallMs: life.time.clock.wallMs,
      },
      openStore: async () => {
        const store = await this.disk.open(life);
        this.#isStoreOpen = true;
        return store;
      },
      newSocket: this.farEnd.socketFor(life),
      ...MAKERS,
      publish,
      onAway,
    });
  }

  /** Switches something by a broker that may be away, or not answer. */
  async #act(life: Life, action: string, signal: AbortSignal): Promise<void> {
    await life.sleep(50);
    if (this.switches === 'away') throw new CatnapError('UPLINK_UNAVAILABLE', 'the broker is away');
    if (this.switches === 'mute') await new Promise((_, reject) => signal.addEventListener('abort', reject));
    this.#witness.note(`switched: ${action}`);
    if (action === 'lamp.on') this.#witness.answered('lamp.on', this.#orders.at(this.time.nowMs).startMs);
  }

  #befallLater(fault: Fault, chance: Chance): void {
    const meanMs = (fault.everyHours * HOUR_MS) / (this.options.often ?? 1);
    this.time.timer(chance.wait(meanMs), () => {
      if (this.#isQuiet) return;
      this.#met[fault.name] = (this.#met[fault.name] ?? 0) + 1;
      this.#witness.note(`begins: ${fault.name}`);
      const end = fault.begin(this, chance);
      const over = (): void => {
        if (!this.#ends.delete(over)) return;
        this.#witness.note(`ends: ${fault.name}`);
        end();
        this.#befallLater(fault, chance);
      };
      this.#ends.add(over);
      this.time.timer(chance.wait(fault.lastsSeconds * 1000), over);
    });
  }

  /** Further sources, so that the way to the cloud has enough to do. */
  #offerLater(source: string, chance: Chance): void {
    this.time.timer(chance.isTrue(0.1) ? 200 : chance.wait(EVERY_MS), () => {
      if (this.#isQuiet) return;
      this.#offerAs(source, chance);
      this.#offerLater(source, chance);
    });
  }

  #offerAs(source: string, chance: Chance): void {
    const [life, uplink] = [this.#life, this.#house?.uplink ?? null];
    // A process that is not there hears nothing.
    if (life === null || uplink === null) return;
    this.#offer(life, uplink, escalationOf(life.run, source, this.#witness.fates.size, chance));
  }

  #offer(life: Life, uplink: CountedUplink, escalation: Escalation): void {
    const { key, source } = escalation;
    this.#witness.offered(key, source);
    const accepted = life.heard(() => {
      this.#witness.accepted(key);
      if (!this.#isStoreOpen) this.#witness.excused(key, 'waits in memory');
    });
    const failed = life.heard((error: unknown) => this.#witness.violated(`${key}: ${String(error)}`));
    uplink.offer(escalation).then(accepted, failed);
  }

  #look(): void {
    if (this.time.waiting > MOST_TIMERS) this.#witness.violated(`${this.time.waiting} timers`);
    if (this.farEnd.openCount > 2) this.#witness.violated(`${this.farEnd.openCount} connections`);
    if (this.time.nowMs < this.#nextLookMs) return;
    this.#nextLookMs = this.time.nowMs + LOOK_MS;
    const { count = 0, bytes = 0 } = this.#house?.uplink?.stats().waiting ?? {};
    const { maxCount, maxBytes } = CONFIG.outbox;
    if (count > maxCount) this.#witness.violated(`${count} wait, of ${maxCount}`);
    if (bytes > maxBytes) this.#witness.violated(`${bytes} bytes wait, of ${maxBytes}`);
  }

  /** All faults are over: what was accepted has to be delivered, and all that was unwell is well. */
  async #comeToRest(): Promise<void> {
    this.#isQuiet = true;
    for (const end of [...this.#ends]) end();
    this.farEnd.weather = { kind: 'fair' };
    const witness = this.#witness;
    const untilMs = this.time.nowMs + QUIET_MS;
    while (this.time.nowMs < untilMs && witness.owed.length > 0) {
      await this.time.advance(HOUR_MS, () => this.#look());
    }
    // One more, so that whoever is unwell has something to do.
    this.#offerAs('garden', this.#chance('last offer'));
    await this.time.advance(HOUR_MS, () => this.#look());
    const [run, dropped] = [this.#life?.run ?? '', this.#house?.journal.dropped ?? 0];
    witness.read(this.disk.textBelow('journal'), run, dropped);
    for (const key of witness.owed) witness.violated(`${key}: lost`);
    for (const component of witness.unwell) witness.violated(`${component}, and no fault any more`);
  }
}

function escalationOf(run: string, source: string, count: number, chance: Chance): Escalation {
  const isVoice = source !== 'garden';
  const detection = `${source}/d${count}`;
  return {
    key: `${run}/${detection}`,
    detection,
    source,
    sample: 16_000 * count,
    wallTime: '2026-01-01T00:00:00.000Z',
    label: isVoice ? 'computer' : 'anomaly',
    reasons: [isVoice ? 'no-match' : 'unknown-fault'],
    trail: [],
    priority: isVoice ? 0 : 5,
    features: {},
    answeredHere: false,
    transcript: isVoice ? 'what is the weather like tomorrow' : null,
    summary: isVoice ? null : { channels: ['flow'], note: 'x'.repeat(Math.floor(chance.between(10, 2000))) },
    clip: null,
  };
}
