import { FleetMember } from '../edge/fleet/member.js';
import { EdgeHouse } from '../edge/house.js';
import { encodeQuestion } from '../edge/question.js';
import { encodeReply } from '../edge/reply.js';
import { edgeTopics } from '../edge/topics.js';
import type { Broker, LastingLine, MessageProperties } from '../egress/broker.js';
import { version } from '../runtime/process/version.js';

/** What a fleet asks of its broker in an hour. */
export interface FleetFigures {
  readonly devices: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly retained: number;
  readonly retainedBytes: number;
  /** By what they are for: messages that come in and go out, and their bytes. */
  readonly traffic: Readonly<Record<string, Traffic>>;
}

/** Messages and bytes (topic, payload, properties; without TCP and TLS). */
export interface Traffic {
  inMessages: number;
  inBytes: number;
  outMessages: number;
  outBytes: number;
}

/** How busy a fleet is. */
export interface FleetLoad {
  readonly devices: number;
  /** Devices that may hear the same word. */
  readonly company: number;
  readonly wordsPerHour: number;
  /** Words that more than one device of a company hears. */
  readonly heardBy: number;
  /** How often figures are told. */
  readonly everyMs: number;
  readonly workers: number;
}

/** One for each kind of stage, and those by which it is told and asked alone. */
const WORKER_SUBSCRIPTIONS = 10;
const HOUR_MS = 3_600_000;
const WINDOW_SAMPLES = 40_000;
const UTTERANCE_SAMPLES = 40_000;
/** Description of a verifier or a recogniser, JSON (measured of the shipped ones: 13 and 7 kB). */
const DESCRIPTION_BYTES = { heavy: 13_000, recogniser: 7_000 };
const PACKET_BYTES = 7;
/** From a word to the order behind it, which is what is claimed. */
const SAID_MS = 2000;
/** Until what was told has been taken. */
const told = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * One hour of a fleet: devices, their messages and their sizes are the real ones; the broker is in memory, the time
 * virtual and evenly divided.
 */
export async function benchFleet(load: FleetLoad): Promise<FleetFigures> {
  const broker = new MemoryBroker();
  const topics = edgeTopics('catnap-edge');
  const houses: { house: EdgeHouse; member: FleetMember; company: number }[] = [];
  let nowMs = 0;
  let tellings = 0;
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  for (let index = 0; index < load.devices; index++) {
    const device = `device-${index}`;
    const company = Math.floor(index / load.company);
    const house = new EdgeHouse({
      clock,
      timer: () => () => {},
      broker: broker.client(),
      wayOut: { leave: (_, send) => send() },
      topics,
      device,
      company: `home-${company}`,
      mayTell: () => ({ rule: 'house', mayPass: true }),
      onPassed: () => {},
      onHealth: () => {},
    });
    const member: FleetMember = new FleetMember({
      house,
      topics,
      device,
      about: () => ABOUT,
      state: () => ({ ...STATE, energyJ: tellings }),
      rollOut: null,
    });
    house.open([member]);
    houses.push({ house, member, company });
  }
  broker.workers(load.workers);
  await Promise.resolve();
  broker.forget();
  const sizes = questionSizes();
  for (; nowMs < HOUR_MS; nowMs += load.everyMs) {
    tellings += 1;
    for (const { member } of houses) member.tell();
  }
  for (let word = 0; word < load.devices * load.wordsPerHour; word++) {
    const first = houses[word % load.devices];
    if (first === undefined) continue;
    const near = houses.filter(({ company }) => company === first.company).slice(0, load.heardBy);
    const detection = `mic/d${word}`;
    for (const { house } of near)
      house.heard({ detection, source: 'mic', label: 'alexa', confidence: 0.99, power: 0.001, agoMs: 700 });
    await told();
    nowMs += SAID_MS;
    for (const { house } of near) void house.isMine(detection);
    for (const { asked, answered } of sizes) {
      broker.pass(topics.ask(version, 'wake-heavy'), asked);
      broker.pass(topics.reply('device'), answered);
    }
  }
  return broker.figures(load.devices);
}

/** Sizes of what one word asks of workers: a verification, a recognition, and the reply to each. */
function questionSizes(): readonly { readonly asked: number; readonly answered: number }[] {
  const question = (samples: number, descriptionBytes: number) =>
    encodeQuestion({
      role: 'stage',
      name: 'wake-heavy',
      description: 'x'.repeat(descriptionBytes),
      fresh: true,
      budgetMs: 1500,
      window: {
        source: 'mic',
        startSample: 0,
        rateHz: 16_000,
        channels: 1,
        data: new Float32Array(samples),
      },
    }).length;
  const answered = encodeReply({ answer: { kind: 'empty', stage: 'x'.repeat(120) }, cpuMs: 30 }).length;
  return [
    { asked: question(WINDOW_SAMPLES, DESCRIPTION_BYTES.heavy), answered },
    { asked: question(UTTERANCE_SAMPLES, DESCRIPTION_BYTES.recogniser), answered },
  ];
}

const ABOUT = {
  name: 'device-0000',
  version: '0.1.0',
  since: '2026-01-01T00:00:00.000Z',
  machine: 'linux arm64, Node 20.19.0',
  company: 'home-000',
  accepts: true,
  pending: false,
  config: '0'.repeat(64),
  models: Array.from({ length: 6 }, () => ({
    source: 'mic',
    name: 'wake-heavy',
    version: '1.0.0',
    sha256: '0'.repeat(64),
  })),
  thresholds: { mic: { tiny: { accept: 0.95, reject: 0.0022 }, heavy: { accept: 0.95, reject: 0.5 } } },
};
const STATE = {
  health: 'ok',
  unwell: {},
  drift: [],
  believed: 100,
  refused: 100,
  escalated: 10,
  calledWrong: 1,
  latencyMs: 800,
  energyJ: 0,
  costToday: 0.012345,
};

/** A broker that keeps nothing but what is retained, and counts. */
class MemoryBroker {
  readonly #byTopic = new Map<string, LastingLine[]>();
  readonly #retained = new Map<string, number>();
  #traffic: Record<string, Traffic> = {};
  #sessions = 0;
  #subscriptions = 0;

  client(): Broker {
    return {
      host: 'memory',
      publish: async (topic, payload, retain, _signal, properties) => {
        this.#publish(topic, Buffer.from(payload), retain, properties ?? {});
        return true;
      },
      keep: (line) => {
        this.#sessions += 1;
        for (const topic of line.topics) this.#subscribe(topic, line);
        line.onUp();
      },
      close: async () => {},
    };
  }

  /** Sessions of workers, and of the devices that ask them. */
  workers(count: number): void {
    const devices = this.#sessions;
    this.#sessions += count + devices;
    this.#subscriptions += count * WORKER_SUBSCRIPTIONS + devices * 2;
  }

  /** A message for one. */
  pass(topic: string, bytes: number): void {
    this.#count(topic, bytes + topic.length + PACKET_BYTES, 1);
  }

  forget(): void {
    this.#traffic = {};
  }

  figures(devices: number): FleetFigures {
    return {
      devices,
      sessions: this.#sessions,
      subscriptions: this.#subscriptions,
      retained: this.#retained.size,
      retainedBytes: [...this.#retained.values()].reduce((sum, bytes) => sum + bytes, 0),
      traffic: this.#traffic,
    };
  }

  #subscribe(topic: string, line: LastingLine): void {
    this.#subscriptions += 1;
    // A wildcard stands for the last level here, so that what is before it finds the line.
    const key = topic.replace(/[+#].*$/, '');
    this.#byTopic.set(key, [...(this.#byTopic.get(key) ?? []), line]);
  }

  #publish(topic: string, payload: Buffer, retained: boolean, properties: MessageProperties): void {
    const bytes = payload.length + topic.length + PACKET_BYTES;
    if (retained && payload.length === 0) this.#retained.delete(topic);
    else if (retained) this.#retained.set(topic, bytes);
    const prefix = topic.slice(0, topic.lastIndexOf('/') + 1);
    const lines = [...(this.#byTopic.get(topic) ?? []), ...(this.#byTopic.get(prefix) ?? [])];
    this.#count(topic, bytes, lines.length);
    for (const line of lines) void line.onMessage({ topic, payload, retained: false, properties });
  }

  /** A message that comes in, and goes out to so many. */
  #count(topic: string, bytes: number, receivers: number): void {
    const what = topic.split('/')[1] ?? '';
    const traffic = this.#traffic[what] ?? { inMessages: 0, inBytes: 0, outMessages: 0, outBytes: 0 };
    this.#traffic[what] = traffic;
    traffic.inMessages += 1;
    traffic.inBytes += bytes;
    traffic.outMessages += receivers;
    traffic.outBytes += receivers * bytes;
  }
}
