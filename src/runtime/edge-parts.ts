import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import type { Health, News } from '../core/events/health.js';
import { every } from '../core/waiting.js';
import { Keeper, sha256Of } from '../edge/fleet/keeper.js';
import { FleetMember, type RollOutEdges } from '../edge/fleet/member.js';
import { EdgeHouse } from '../edge/house.js';
import { edgeTopics } from '../edge/topics.js';
import { createBroker } from '../egress/broker.js';
import type { Passed } from '../egress/way-out.js';
import type { EventBus } from '../events/bus.js';
import type { UplinkWayOut } from '../uplink/egress.js';
import { edgeBrokerSettings } from './brokers.js';
import type { CascadePlan } from './build.js';
import { type Config, remotePathsOf } from './config.js';
import { FleetTally, modelsOf, thresholdsOf } from './fleet-facts.js';
import { type EdgeReport, HeavyHost, type HeavyThread, type HeavyThreadEdge } from './heavy/heavy-host.js';
import type { ConfigFile } from './live-words.js';
import { systemClock, systemTime } from './process/system-clock.js';

/** What the edge tier needs of a run. */
export interface EdgePlace {
  readonly config: Config;
  readonly folder: string;
  readonly wayOut: UplinkWayOut;
  /** Writes down what was asked or told elsewhere. */
  readonly passed: (passed: Passed) => void;
  readonly tell: (component: string, health: Health) => void;
  readonly bus: EventBus;
  readonly version: string;
  /** By source: what each goes by now. */
  readonly plans: readonly CascadePlan[];
  /** Where the configuration stands; without it nothing can be rolled out. */
  readonly file?: ConfigFile;
  /** Ends this run, for one that goes by what the files say now. */
  readonly again: () => void;
}

/** Changes of how it is are told after this, together. */
const SOON_MS = 200;

/** What a run shares with other machines of the house, where its configuration says so; else it connects to nobody. */
export class EdgeParts {
  /** Other devices, and who looks after them; null: none. */
  readonly house: EdgeHouse | null;
  readonly #place: EdgePlace;
  readonly #keeper: Keeper | null;
  readonly #endings: (() => void)[] = [];

  constructor(place: EdgePlace) {
    this.#place = place;
    const { file, config } = place;
    const mayTake = config.edge?.fleet.accept === true && file !== undefined;
    this.#keeper = mayTake ? new Keeper(resolve(file.path)) : null;
    this.house = this.#createHouse();
  }

  /** The heavy process, in front of which workers are asked where a cascade says so; `serve` has a thread run it. */
  createHeavy(serve: (edge: HeavyThreadEdge | null) => HeavyThread): HeavyHost {
    const edge = this.#heavyEdge();
    return new HeavyHost(
      () => serve(edge),
      (told) => this.#take(told),
    );
  }

  /** Whether this device acts on a wake word by itself; null where nobody else may have heard it. */
  isMine(detection: string): Promise<boolean> | null {
    const { house } = this;
    if (house === null || !house.hasCompany) return null;
    return house.isMine(detection);
  }

  /** Once everything runs. */
  open(): void {
    const { house } = this;
    if (house === null) return;
    house.open(this.#place.config.edge?.fleet.enabled === true ? [this.#join(house)] : []);
  }

  async close(): Promise<void> {
    for (const end of this.#endings) end();
    await this.house?.close();
  }

  /** Says what this device is and how it is, and takes what is rolled out where it may. */
  #join(house: EdgeHouse): FleetMember {
    const { config, version, plans, bus } = this.#place;
    const { name, edge, sources } = config;
    const ids = sources.map(({ id }) => id);
    const tally = new FleetTally();
    const since = new Date(systemClock.wallMs()).toISOString();
    const rollOut = this.#rollOut();
    const member = new FleetMember({
      house,
      topics: edgeTopics(edge?.topic ?? ''),
      device: name,
      rollOut,
      about: () => ({
        name,
        version,
        since,
        machine: `${process.platform} ${process.arch}, Node ${process.versions.node}`,
        company: edge?.neighbours ?? null,
        accepts: rollOut !== null,
        pending: this.#keeper?.isPending ?? false,
        config: this.#configDigest(),
        models: plans.flatMap((plan, index) => modelsOf(ids[index] ?? '', plan)),
        thresholds: Object.fromEntries(plans.map((plan, index) => [ids[index] ?? '', thresholdsOf(plan)])),
      }),
      state: () => tally.state(bus, ids, systemClock.wallMs()),
    });
    let cancelSoon: (() => void) | null = null;
    const tellSoon = (): void => {
      cancelSoon ??= systemTime.timer(SOON_MS, () => {
        cancelSoon = null;
        member.tell();
      });
    };
    this.#endings.push(
      bus.subscribe((event) => {
        tally.take(event);
        if (event.type === 'health') tellSoon();
      }),
      every(systemTime.timer, edge?.fleet.everyMs ?? 0, () => member.tell()),
      () => cancelSoon?.(),
    );
    return member;
  }

  /** What is not confirmed in time is taken back. */
  #rollOut(): RollOutEdges | null {
    const { file, config, again } = this.#place;
    const keeper = this.#keeper;
    if (keeper === null || file === undefined) return null;
    if (keeper.isPending)
      this.#endings.push(
        systemTime.timer(config.edge?.fleet.confirmMs ?? 0, () => {
          if (keeper.isPending && keeper.back()) again();
        }),
      );
    return { configFile: resolve(file.path), keeper, check: (text) => this.#check(file, text), again };
  }

  /** A configuration for this device, and no other. */
  #check(file: ConfigFile, text: string): void {
    const { name } = file.check(text);
    const own = this.#place.config.name;
    if (name !== own)
      throw new CatnapError(
        'CONFIG_INVALID',
        `name: expected "${own}", found "${name}"; write name: \${CATNAP_NAME} in what goes to several devices`,
      );
  }

  #configDigest(): string | null {
    const { file } = this.#place;
    return file === undefined ? null : sha256Of(readFileSync(file.path));
  }

  /** Where workers are asked; null where no cascade asks any, or nothing may leave. */
  #heavyEdge(): HeavyThreadEdge | null {
    const { config, folder, version } = this.#place;
    const { edge, name, uplink, cascades, sources } = config;
    const used = sources.flatMap(({ cascade }) => cascades[cascade] ?? []);
    const broker = edgeBrokerSettings(config, folder);
    if (edge === null || broker === null || uplink.offline) return null;
    if (used.every((cascade) => remotePathsOf(cascade).length === 0)) return null;
    return { device: name, version, broker, topic: edge.topic, egress: uplink.egress };
  }

  #createHouse(): EdgeHouse | null {
    const { config, folder, wayOut, passed, tell } = this.#place;
    const { edge, name, uplink } = config;
    const broker = edgeBrokerSettings(config, folder);
    if (edge === null || broker === null || uplink.offline) return null;
    if (edge.neighbours === null && !edge.fleet.enabled) return null;
    return new EdgeHouse({
      ...systemTime,
      clock: systemClock,
      broker: createBroker(broker, wayOut, systemTime.timer),
      wayOut,
      topics: edgeTopics(edge.topic),
      device: name,
      company: edge.neighbours,
      mayTell: (source, label) => wayOut.edgeOf('voice', source, label, 'label'),
      onPassed: passed,
      onHealth: (health) => tell('edge/house', health),
    });
  }

  /** What is said of one worker is a component of its own, which what is said of all does not cover. */
  #tellWorkers({ condition, ...health }: News): void {
    this.#place.tell(condition === undefined ? 'edge/workers' : `edge/workers-${condition}`, health);
  }

  #take(told: EdgeReport): void {
    switch (told.kind) {
      case 'left':
        this.#place.wayOut.count(told.passage);
        return;
      case 'passed':
        this.#place.passed(told.passed);
        return;
      case 'edge-health':
        this.#tellWorkers(told.health);
        return;
      default:
        told satisfies never;
    }
  }
}
