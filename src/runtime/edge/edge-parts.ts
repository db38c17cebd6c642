import type { Health } from '../../core/events/health.js';
import { sleep } from '../../core/waiting.js';
import { EdgeHouse, type Speaker } from '../../edge/house.js';
import { edgeTopics } from '../../edge/topics.js';
import { createBroker } from '../../egress/broker.js';
import type { Passed } from '../../egress/way-out.js';
import type { UplinkWayOut } from '../../uplink/egress.js';
import { edgeBrokerSettings } from '../brokers.js';
import { type Config, remotePathsOf } from '../config.js';
import { type EdgeReport, HeavyHost, type HeavyThreadEdge, startHeavyThread } from '../heavy/heavy-host.js';
import { systemClock, systemTime } from '../process/system-clock.js';

/** What the edge tier needs of a run. */
export interface EdgePlace {
  readonly config: Config;
  readonly folder: string;
  readonly wayOut: UplinkWayOut;
  /** Writes down what was asked or told elsewhere. */
  readonly passed: (passed: Passed) => void;
  readonly tell: (component: string, health: Health) => void;
}

/** What a run shares with other machines of the house, as its configuration says; without it, nothing is loaded. */
export class EdgeParts {
  /** Other devices, and who looks after them; null: none. */
  readonly house: EdgeHouse | null;
  readonly #place: EdgePlace;

  constructor(place: EdgePlace) {
    this.#place = place;
    this.house = this.#createHouse();
  }

  /** The heavy process, in front of which workers are asked where a cascade says so. */
  createHeavy(): HeavyHost {
    const edge = this.#heavyEdge();
    return new HeavyHost(
      () => startHeavyThread(edge),
      (told) => this.#take(told),
    );
  }

  /** Whether this device acts on a wake word by itself; null where nobody else may have heard it. */
  isMine(detection: string): Promise<boolean> | null {
    const { house } = this;
    if (house === null || !house.hasCompany) return null;
    // What it was heard with is told right after the event.
    return sleep(systemTime.timer, 0).then(() => house.isMine(detection));
  }

  open(speakers: readonly Speaker[]): void {
    this.house?.open(speakers);
  }

  async close(): Promise<void> {
    await this.house?.close();
  }

  /** Where workers are asked; null where no cascade asks any, or nothing may leave. */
  #heavyEdge(): HeavyThreadEdge | null {
    const { config, folder } = this.#place;
    const { edge, name, uplink, cascades, sources } = config;
    const used = sources.flatMap(({ cascade }) => cascades[cascade] ?? []);
    const broker = edgeBrokerSettings(config, folder);
    if (edge === null || broker === null || uplink.offline) return null;
    if (used.every((cascade) => remotePathsOf(cascade).length === 0)) return null;
    return { device: name, broker, topic: edge.topic, egress: uplink.egress };
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

  #take(told: EdgeReport): void {
    switch (told.kind) {
      case 'left':
        this.#place.wayOut.count(told.passage);
        return;
      case 'passed':
        this.#place.passed(told.passed);
        return;
      case 'edge-health':
        this.#place.tell('edge/workers', told.health);
        return;
      default:
        told satisfies never;
    }
  }
}
