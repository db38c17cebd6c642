import type { Escalation } from '../core/cascade/escalation.js';
import { CatnapError, EXIT, exitCodeOf } from '../core/errors.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { Config } from '../runtime/config.js';
import { createGuardrail } from '../runtime/guardrails.js';
import { createJudge } from '../runtime/judges.js';
import { loadAskRouter } from '../runtime/learnt-asks.js';
import { createProvider } from '../runtime/providers.js';
import { STOP_DEADLINE_MS } from '../runtime/stopping.js';
import type { CountedUplink } from '../uplink/counted-uplink.js';
import { decodeStored } from '../uplink/queue/records.js';
import { createUplink, type UplinkDeps } from '../uplink/uplink.js';
import { SimulatedBoard } from './board.js';
import type { Chance } from './chance.js';
import { isToldRight, SimulatedConfiguration } from './configuration.js';
import type { Device } from './device.js';
import { SimulatedDisk } from './disk.js';
import { type Reaction, SimulatedFarEnd } from './far-end.js';
import type { HeavyState } from './heavy.js';
import { House } from './house.js';
import { Life } from './life.js';
import { Sounds } from './sounds.js';
import type { VirtualTime } from './virtual-time.js';
import type { Witness } from './witness.js';

const HOUR_MS = 3_600_000;
const ORDER_EVERY_MS = 15 * 60_000;
const FAULT_EVERY_MS = 3 * HOUR_MS;
/** As the unit in docs/pi has it: a while after each end, but not after what a restart would not mend. */
const RESTART_MS = 3_000;
const REBOOT_MS = 40_000;
const MICROPHONE_HZ = 5;
const BOARD_HZ = 1;
/** Share of the memory that is free when all is well. */
export const ALL_MEMORY = 0.5;

/** Providers, guardrails and judges of any kind. */
const MAKERS: Pick<UplinkDeps, 'createProvider' | 'createGuardrail' | 'createJudge' | 'loadAskRouter'> = {
  loadAskRouter: (path) => loadAskRouter('.', path),
  createJudge: (config) => createJudge(config, { folder: '.' }),
  createProvider: (config, edges) => createProvider(config, { ...edges, folder: '.' }),
  createGuardrail: (config, edges) => createGuardrail(config, { ...edges, folder: '.' }),
};

/** What is loaded when it is first needed is loaded before: that takes time which is not virtual. */
export async function loadEverything({ uplink }: Config, time: VirtualTime): Promise<void> {
  await import('../sources/serial/serial-line.js');
  const { time: its } = new Life(time, 'none');
  const nothing = { ...its, run: 'none', stateDir: null, publish: () => {}, ...MAKERS };
  const machineClock = { bootId: '', uptimeMs: () => 0, wallMs: () => 0 };
  await createUplink(uplink, { ...nothing, machineClock });
}

/** The machine with what is attached to it, and the processes that run on it one after the other. */
export class Machine {
  readonly disk: SimulatedDisk;
  readonly farEnd: SimulatedFarEnd;
  readonly configuration = new SimulatedConfiguration();
  readonly config = this.configuration.read();
  readonly devices: Readonly<Record<'kitchen' | 'hall' | 'pump', Device>>;
  readonly board: SimulatedBoard;
  readonly reactions: ((key: string) => Reaction | null)[] = [];
  heavyState: HeavyState = 'ok';
  switches: 'ok' | 'away' | 'mute' = 'ok';
  /** Share of the memory that is left. */
  freeMemory = ALL_MEMORY;
  descriptors: 'some' | 'none' = 'some';
  tinyWeights: 'whole' | 'corrupt' = 'whole';
  readonly #orders: Sounds;
  readonly #hasDescriptors = (): boolean => this.descriptors === 'some';
  #life: Life | null = null;
  #house: House | null = null;
  #isStoreOpen = false;
  #lives = 0;
  #boots = 1;
  #bootedAtMs = 0;

  constructor(
    readonly time: VirtualTime,
    private readonly witness: Witness,
    private readonly chance: (name: string) => Chance,
  ) {
    this.disk = new SimulatedDisk(chance('disk').random);
    this.#orders = new Sounds('order', ORDER_EVERY_MS, chance('orders'));
    const faults = new Sounds('fault', FAULT_EVERY_MS, chance('faults of the pump'));
    this.devices = {
      kitchen: deviceAt(MICROPHONE_HZ, this.#orders, 1),
      hall: deviceAt(MICROPHONE_HZ, this.#orders, 0.95),
      pump: deviceAt(BOARD_HZ, faults, 1),
    };
    this.board = new SimulatedBoard(time, this.devices.pump);
    this.farEnd = new SimulatedFarEnd(time, {
      onDone: (key, source) => witness.done(key, source),
      onSpent: (spent) => witness.spent(spent),
    });
    this.farEnd.react = (key) => {
      for (const react of this.reactions.toReversed()) {
        const reaction = react(key);
        if (reaction !== null) return reaction;
      }
      return 'answer';
    };
  }

  /** What runs now; null while nothing does. */
  get house(): House | null {
    return this.#house;
  }

  /** The run of the present process, or of the last one. */
  get run(): string {
    return `run-${this.#lives}`;
  }

  /** The process is killed, and started again by who supervises it. */
  crash(): void {
    this.#kill();
    this.time.timer(RESTART_MS, () => this.start());
  }

  /** The same with the whole machine. */
  cutPower(): void {
    this.#kill();
    this.disk.cutPower();
    this.#boots++;
    this.#bootedAtMs = this.time.nowMs;
    this.time.timer(REBOOT_MS, () => this.start());
  }

  /** SIGTERM, and a second one so much later if not before it has ended; then it is started again. */
  terminate(againMs: number | null): void {
    const [life, house] = [this.#life, this.#house];
    if (life === null || house === null) return;
    this.witness.note('SIGTERM');
    const ended = life.heard(() => {
      this.witness.ended();
      this.crash();
    });
    house.stop().then(ended, (error: unknown) => this.witness.violated(`did not stop: ${String(error)}`));
    life.timer(STOP_DEADLINE_MS, () => this.crash());
    if (againMs !== null) life.timer(againMs, () => this.crash());
  }

  /** Its main thread does nothing any more, until a worker sees that. */
  stall(): void {
    this.witness.recovery.ended();
    this.#house?.stall();
  }

  /** A stored upload rots. */
  rot(): void {
    const record = this.disk.rot('q!');
    const stored = record === null ? null : decodeStored(record);
    if (stored !== null) this.witness.excused(stored.upload.key, 'has rotted');
  }

  /** Starts the process unless it runs. */
  start(): void {
    if (this.#life !== null) return;
    let config: Config;
    try {
      config = this.configuration.read();
    } catch (error) {
      this.witness.note(`exit ${exitCodeOf(error)}`);
      if (!isToldRight(error)) this.witness.violated(`configuration: ${String(error)}`);
      return;
    }
    const life = new Life(this.time, `run-${++this.#lives}`);
    this.#life = life;
    this.witness.began(life.run);
    const house = this.#houseOf(life, config);
    const begun = life.heard(() => {
      this.#house = house;
    });
    const failed = life.heard((error: unknown) => this.witness.violated(`did not start: ${String(error)}`));
    house.start().then(begun, failed);
  }

  /** Offers something as a further source does, in the process that runs. */
  offer(escalationOf: (run: string) => Escalation): void {
    const [life, uplink] = [this.#life, this.#house?.uplink ?? null];
    // A process that is not there hears nothing.
    if (life === null || uplink === null) return;
    const escalation = escalationOf(life.run);
    const failed = life.heard((error: unknown) =>
      this.witness.violated(`${escalation.key}: ${String(error)}`),
    );
    this.#offer(life, uplink, escalation).catch(failed);
  }

  /** When the next order is said, or the present one was. */
  get orderMs(): number {
    return this.#orders.at(this.time.nowMs).startMs;
  }

  #kill(): void {
    this.#life?.kill();
    if (this.disk.state !== 'ok') this.#leaveBehind();
    this.witness.recovery.ended();
    this.#life = null;
    this.#house = null;
    this.#isStoreOpen = false;
    this.disk.forgetProcess();
    this.farEnd.disconnectAll();
  }

  /** A disk that cannot be written keeps uploads whose end was told. */
  #leaveBehind(): void {
    for (const record of this.disk.recordsBelow('q!')) {
      const stored = decodeStored(record);
      if (stored !== null) this.witness.mayComeAgain(stored.upload.key);
    }
  }

  #houseOf(life: Life, config: Config): House {
    return new House({
      life,
      config,
      disk: this.disk,
      places: {
        devices: this.devices,
        board: this.board,
        hasDescriptors: this.#hasDescriptors,
        isTinyWhole: () => this.tinyWeights === 'whole',
      },
      heavyState: () => (this.#hasDescriptors() ? this.heavyState : 'unspawnable'),
      freeMemory: () => this.freeMemory,
      chance: this.chance,
      act: (action, signal) => this.#act(life, action, signal),
      told: (event) => this.witness.told(life.run, event),
      offer: (uplink, escalation) => this.#offer(life, uplink, escalation),
      openUplink: (main, publish, onAway) => this.#openUplink(main, config, publish, onAway),
      violated: (what) => this.witness.violated(what),
      ended: life.heard((error: unknown) => this.#ended(error)),
    });
  }

  /** The process has ended by itself. */
  #ended(error: unknown): void {
    const code = exitCodeOf(error);
    this.witness.note(`exit ${code}: ${String(error)}`);
    if (code === EXIT.config) this.#kill();
    else this.crash();
  }

  #openUplink(
    main: Life,
    { uplink }: Config,
    publish: (event: CascadeEvent) => void,
    onAway: (isAway: boolean) => void,
  ): Promise<CountedUplink> {
    const bootedAtMs = this.#bootedAtMs;
    return createUplink(uplink, {
      ...main.time,
      run: main.run,
      stateDir: null,
      random: this.chance(`jitter of ${main.run}`).random,
      machineClock: {
        bootId: `boot-${this.#boots}`,
        uptimeMs: () => this.time.nowMs - bootedAtMs,
        wallMs: main.time.clock.wallMs,
      },
      openStore: async () => {
        const store = await this.disk.open(main, this.#hasDescriptors);
        this.#isStoreOpen = true;
        return store;
      },
      newSocket: this.farEnd.socketFor(main, this.#hasDescriptors),
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
    this.witness.note(`switched: ${action}`);
    if (action === 'lamp.on') this.witness.answered('lamp.on', this.orderMs);
  }

  async #offer(life: Life, uplink: CountedUplink, escalation: Escalation): Promise<void> {
    const { key, source } = escalation;
    this.witness.offered(key, source);
    await uplink.offer(escalation);
    if (life.isOver) return;
    this.witness.accepted(key);
    if (!this.#isStoreOpen) this.witness.excused(key, 'waits in memory');
  }
}

function deviceAt(rateHz: number, sounds: Sounds, nearness: number): Device {
  return {
    rateHz,
    wrong: [],
    get state() {
      return this.wrong.at(-1) ?? 'ok';
    },
    overrunSamples: 0,
    tiny: 'ok',
    badHops: 0,
    level: (nowMs) => sounds.level(nowMs, nearness),
    soundMs: (nowMs) => sounds.at(nowMs),
  };
}
