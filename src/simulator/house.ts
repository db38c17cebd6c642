import type { MessagePort } from 'node:worker_threads';
import { createLocalActions } from '../actions/local.js';
import { type ActionRunner, createActionRunner } from '../actions/runner.js';
import type { Escalation } from '../core/cascade/escalation.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { Health } from '../core/events/health.js';
import { EventStamp } from '../core/events/stamp.js';
import { every } from '../core/waiting.js';
import { createEventBus, type EventBus } from '../events/bus.js';
import { type Journal, openJournal } from '../events/journal.js';
import { HeavyProcess } from '../runtime/heavy/heavy-process.js';
import type { LineRequest } from '../runtime/heavy/heavy-protocol.js';
import { MainSignals } from '../runtime/worker/main-signals.js';
import { Neighbourhood } from '../runtime/worker/neighbourhood.js';
import { SourceHost } from '../runtime/worker/source-host.js';
import type { WorkerOrder, WorkerOutput } from '../runtime/worker/worker-protocol.js';
import type { CountedUplink } from '../uplink/counted-uplink.js';
import type { Chance } from './chance.js';
import type { Device } from './device.js';
import type { SimulatedDisk } from './disk.js';
import { type HeavyState, SimulatedHeavy } from './heavy.js';
import type { Life } from './life.js';
import { type Listening, pipelineOn } from './pipeline.js';
import { linePair, SimulatedThread } from './thread.js';

/** What stands around a house, whoever lives in it. */
export interface HouseEdges {
  readonly life: Life;
  readonly disk: SimulatedDisk;
  readonly devices: Readonly<Record<string, Device>>;
  readonly heavyState: () => HeavyState;
  readonly chance: (name: string) => Chance;
  /** Switches something; rejects where it cannot be reached. */
  readonly act: (action: string, signal: AbortSignal) => Promise<void>;
  readonly told: (event: CascadeEvent) => void;
  readonly offer: (uplink: CountedUplink, escalation: Escalation) => void;
  readonly openUplink: (
    publish: (event: CascadeEvent) => void,
    onAway: (isAway: boolean) => void,
  ) => Promise<CountedUplink>;
}

const LISTENING: readonly Listening[] = [
  { source: 'kitchen', kind: 'order' },
  { source: 'hall', kind: 'order' },
  { source: 'pump', kind: 'fault' },
];

const VOICES = new Set(LISTENING.filter(({ kind }) => kind === 'order').map(({ source }) => source));
const BEAT_MS = 1_000;
const WARM_MS = 20_000;
const WAKE_MS = 15_000;
/** Events that the journal keeps: enough for a few days. */
const JOURNAL_EVENTS = 5_000;
const ANSWERING = {
  sources: LISTENING.map(({ source: id, kind: cascade }) => ({ id, cascade })),
  cascades: { order: { kind: 'voice' }, fault: { kind: 'sensor', allClear: { kind: 'switch' } } },
} as const;

/** One process of Catnap with its threads, wired as `catnap run` wires it, on edges that are simulated. */
export class House {
  readonly bus: EventBus;
  readonly journal: Journal;
  readonly threads = new Map<string, SimulatedThread>();
  uplink: CountedUplink | null = null;
  readonly #edges: HouseEdges;
  readonly #stamp: EventStamp;
  readonly #neighbourhood: Neighbourhood;
  readonly #heavy: HeavyProcess;
  readonly #actions: ActionRunner;
  readonly #signals = new MainSignals();
  readonly #hosts: readonly SourceHost[];

  constructor(edges: HouseEdges) {
    this.#edges = edges;
    const { life, disk, heavyState, act, told } = edges;
    const { time, timer, run } = life;
    this.bus = createEventBus({ historyEvents: 200 });
    const files = disk.files(life);
    const kept = { folder: 'journal', maxEvents: JOURNAL_EVENTS, flushMs: 2_000 };
    this.journal = openJournal({ ...kept, timer, files });
    this.bus.attach('journal', this.journal);
    this.bus.subscribe(life.heard(told));
    this.#stamp = new EventStamp('catnap', run, time.clock);
    this.#neighbourhood = new Neighbourhood(time, VOICES, () => this.#hosts);
    this.#heavy = new HeavyProcess({
      ...time,
      wakeMs: WAKE_MS,
      startChild: () => new SimulatedHeavy(life, heavyState),
    });
    const doing = { dryRun: false, timeoutMs: 10_000, maxRunning: 4 };
    const nowhere = { mqttUrl: null, mqttUsername: null, mqttPassword: null, mqttCaFile: null };
    this.#actions = createActionRunner(
      { ...doing, ...nowhere },
      { timer, plan: async ({ name }) => ({ what: name, act: (signal) => act(name, signal) }) },
    );
    const maker = { publish: (event: CascadeEvent) => this.bus.publish(event), clock: time.clock, run };
    this.bus.subscribe(createLocalActions(ANSWERING, () => ({ kind: 'switch' }), this.#actions, maker));
    this.#hosts = LISTENING.map((listening) => this.#host(listening));
  }

  /** Opens the uplink, then listens. */
  async start(): Promise<void> {
    const { life, openUplink } = this.#edges;
    const onAway = (isAway: boolean): void => this.#orderAll({ kind: 'cloud', isAway });
    this.uplink = await openUplink((event) => this.bus.publish(event), onAway);
    every(life.timer, BEAT_MS, () => this.#signals.beat());
    for (const host of this.#hosts) void host.run();
  }

  #host({ source, kind }: Listening): SourceHost {
    const { life, devices, chance } = this.#edges;
    const host: SourceHost = new SourceHost({
      ...life.time,
      source,
      spec: { source, kind },
      run: life.run,
      mainSignals: this.#signals,
      random: chance(`restarts of ${source} in ${life.run}`).random,
      startWorker: (start) => {
        const jitter = chance(`openings of ${start.ids} in ${life.run}`);
        const thread = new SimulatedThread(life, start, (its) => pipelineOn(its, devices, jitter));
        this.threads.set(source, thread);
        return thread;
      },
      openHeavy: () => this.#openHeavy(source),
      onReport: (report) => this.#take(host, report),
      onHealth: (health) => {
        if (health.state === 'down') this.#neighbourhood.lost(source);
        this.#tell(`${source}/worker`, health);
      },
      onForgotten: (component, health) => this.#tell(component, health),
    });
    return host;
  }

  #openHeavy(source: string): MessagePort {
    const [here, there] = linePair(this.#edges.life);
    const line = this.#heavy.open({ source, warmMs: WARM_MS, tell: (reply) => here.postMessage(reply) });
    here.on('message', (request: LineRequest) => line.receive(request));
    here.on('close', () => line.close());
    return there;
  }

  #take(host: SourceHost, report: WorkerOutput): void {
    switch (report.kind) {
      case 'event':
        this.#neighbourhood.told(host, report.event);
        this.bus.publish(report.event);
        return;
      case 'word':
        this.#neighbourhood.heard(report.word);
        return;
      case 'claim':
        this.#neighbourhood.claim(host, report.detection);
        return;
      case 'escalation':
        if (this.uplink !== null) this.#edges.offer(this.uplink, report.escalation);
        return;
      case 'prepare':
        this.uplink?.prepare();
        return;
      default:
    }
  }

  #tell(component: string, health: Health): void {
    this.bus.publish({ type: 'health', ...this.#stamp.next(null), component, ...health });
  }

  #orderAll(order: WorkerOrder): void {
    for (const host of this.#hosts) host.order(order);
  }
}
