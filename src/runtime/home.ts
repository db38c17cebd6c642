import type { Clock, Time } from '../core/clock.js';
import type { EventOf } from '../core/events/events.js';
import { createPublisher } from '../core/events/stamp.js';
import type { StageThresholds } from '../core/thresholds.js';
import type { Muted, RunCommand } from '../dashboard/commands.js';
import { createDesk } from '../dashboard/desk.js';
import type { Broker } from '../egress/broker.js';
import type { EventBus } from '../events/bus.js';
import type { HomeFacts } from '../home/mqtt/topics.js';
import type { UplinkWayOut } from '../uplink/egress.js';
import type { CascadePlan } from './build.js';
import type { Config } from './config.js';
import { houseFactsOf } from './house-facts.js';

/** What the house is told from, and who does what it asks for. */
export interface HomeParts extends Time {
  readonly clock: Clock;
  readonly config: Config;
  readonly version: string;
  readonly run: string;
  /** By source: what each goes by now. */
  readonly plans: readonly CascadePlan[];
  readonly broker: Broker | null;
  readonly wayOut: UplinkWayOut;
  readonly bus: EventBus;
  readonly muted: () => readonly Muted[];
  readonly isOffline: () => boolean;
  readonly thresholds: (source: string) => StageThresholds;
  readonly runCommand: RunCommand;
}

/** What speaks with the house. */
export interface Home {
  close(): Promise<void>;
}

const NOBODY: Home = { close: async () => {} };

/** Speaks with the house as the configuration says; what it does without costs nothing. */
export async function openHome(parts: HomeParts): Promise<Home> {
  const { config, broker, bus, clock, run, runCommand } = parts;
  const { mqtt } = config.home;
  if (mqtt === null || broker === null) return NOBODY;
  const component = 'home/mqtt';
  const deps = { publish: bus.publish.bind(bus), clock, run };
  const publish = createPublisher(component, deps);
  const tell = (health: Pick<EventOf<'health'>, 'state' | 'code' | 'detail'>): void =>
    publish({ type: 'health', component, ...health });
  if (config.uplink.offline) {
    tell({ state: 'down', code: 'EGRESS_DENIED', detail: `${broker.host}: offline, nothing may leave` });
    return NOBODY;
  }
  const { MqttHome } = await import('../home/mqtt/mqtt-home.js');
  const openCounter = createDesk({ ...deps, component: 'home', runCommand });
  const home = new MqttHome({
    ...parts,
    config: mqtt,
    broker,
    facts: () => factsOf(parts),
    counter: openCounter(broker.host),
    onHealth: tell,
  });
  home.open();
  return home;
}

function factsOf({ config, version, plans, thresholds }: HomeParts): HomeFacts {
  const house = houseFactsOf(config, plans);
  const sources = config.sources.map(({ id }, index) => {
    const kind = plans[index]?.kind ?? 'voice';
    return { id, kind, words: house.words[id] ?? [], thresholds: thresholds(id) };
  });
  return {
    name: house.device,
    version,
    sources,
    intents: house.sentences.map(({ intent }) => intent),
    hasCloud: config.uplink.providers.length > 0,
  };
}
