import { createLocalActions } from '../actions/local.js';
import { type ActionRunner, createActionRunner } from '../actions/runner.js';
import type { Escalation, Uplink } from '../core/cascade/escalation.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { Health } from '../core/events/health.js';
import { EventStamp } from '../core/events/stamp.js';
import { every } from '../core/waiting.js';
import { createEventBus, type EventBus } from '../events/bus.js';
import { type Journal, openJournal } from '../events/journal.js';
import type { Config } from '../runtime/config.js';
import { HeavyProcess } from '../runtime/heavy/heavy-process.js';
import type { LineRequest } from '../runtime/heavy/heavy-protocol.js';
import { watchMemory } from '../runtime/process/memory-watch.js';
import { stopInOrder } from '../runtime/stopping.js';
import { MainSignals } from '../runtime/worker/main-signals.js';
import { type HostedSource, SourceHosts } from '../runtime/worker/source-hosts.js';
import type { WorkerStart } from '../runtime/worker/worker-protocol.js';
import type { CountedUplink } from '../uplink/counted-uplink.js';
import type { Chance } from './chance.js';
import type { SimulatedDisk } from './disk.js';
import { type HeavyState, SimulatedHeavy } from './heavy.js';
import type { Life } from './life.js';
import { type Listening, type Places, pipelineOn } from './pipeline.js';
import { BEAT_MS, linePair, SimulatedThread } from './thread.js';
import { Visitors } from './visitors.js';

/** What stands around a house, whoever lives in it. */
export interface HouseEdges {
  readonly life: Life;
  readonly config: Config;
  readonly disk: SimulatedDisk;
  readonly places: Places;
  readonly heavyState: () => HeavyState;
  readonly freeMemory: () => number;
  readonly chance: (name: string) => Chance;
  /** Switches something; rejects where it cannot be reached. */
  readonly act: (action: string, signal: AbortSignal) => Promise<void>;
  readonly told: (event: CascadeEvent) => void;
  readonly offer: (uplink: CountedUplink, escalation: Escalation) => Promise<void>;
  readonly openUplink: (
    main: Life,
    publish: (event: CascadeEvent) => void,
    onAway: (isAway: boolean) => void,
  ) => Promise<CountedUplink>;
  readonly violated: (what: string) => void;
  /** The process ends by itself: a source failed for good, or a worker found that the main thread stalls. */
  readonly ended: (error: unknown) => void;
}

const LISTENING: readonly Listening[] = [
  { source: 'kitchen', kind: 'order' },
  { source: 'hall', kind: 'order' },
  { source: 'pump', kind: 'fault' },
];
/** As a real one: a few beats. */
const HANG_MS = 3 * BEAT_MS;
const WARM_MS = 20_000;
const WAKE_MS = 15_000;
/** Events that a visitor is shown who comes late. */
export const HISTORY_EVENTS = 200;
/** Events that the journal keeps: enough for a few days. */
export const JOURNAL_EVENTS = 5_000;
const ANSWERING = {
  sources: LISTENING.map(({ source: id, kind: cascade }) => ({ id, cascade })),
  cascades: { order: { kind: 'voice' }, fault: { kind: 'sensor', allClear: { kind: 'switch' } } },
} as const;

/** One process of Catnap with its threads, wired as `catnap run` wires it, on edges that are simulated. */
export class House {
  readonly bus: EventBus;
  readonly journal: Journal;
  readonly threads = new Map<string, SimulatedThread>();
  readonly visitors: Visitors;
  uplink: CountedUplink | null = null;
  readonly #edges: HouseEdges;
  /** The main thread. */
  readonly #main: Life;
  readonly #stamp: EventStamp;
  readonly #heavy: HeavyProcess;
  readonly #heavyChildren = new Set<SimulatedHeavy>();
  readonly #actions: ActionRunner;
  readonly #signals = new MainSignals();
  readonly #hosts: SourceHosts;
  readonly #cancels: (() => void)[] = [];

  constructor(edges: HouseEdges) {
    this.#edges = edges;
    const { life, config, disk, places, told, violated } = edges;
    const { run } = life;
    const main = life.thread();
    this.#main = main;
    const { clock, timer } = main.time;
    this.bus = createEventBus({ historyEvents: HISTORY_EVENTS });
    const kept = { folder: 'journal', maxEvents: JOURNAL_EVENTS, flushMs: 2_000 };
    this.journal = openJournal({
      ...kept,
      timer,
      onError: () => {},
      files: disk.files(main, places.hasDescriptors),
    });
    this.bus.attach('journal', this.journal);
    this.bus.subscribe(life.heard(told));
    const { hasDescriptors } = places;
    this.visitors = new Visitors({
      life: main,
      bus: this.bus,
      config: config.dashboard,
      run,
      hasDescriptors,
      violated,
    });
    this.#stamp = new EventStamp('catnap', run, clock);
    this.#heavy = new HeavyProcess({ ...life.time, wakeMs: WAKE_MS, startChild: () => this.#startHeavy() });
    this.#actions = this.#openActions();
    const publish = (event: CascadeEvent): void => this.bus.publish(event);
    this.bus.subscribe(
      createLocalActions(ANSWERING, () => ({ kind: 'switch' }), this.#actions, { publish, clock, run }),
    );
    this.#hosts = this.#openHosts();
  }

  /** Opens the uplink, then listens. */
  async start(): Promise<void> {
    const { openUplink, ended } = this.#edges;
    const onAway = (isAway: boolean): void => this.#hosts.orderAll({ kind: 'cloud', isAway });
    this.uplink = await openUplink(this.#main, (event) => this.bus.publish(event), onAway);
    const { timer } = this.#main.time;
    this.#cancels.push(
      every(timer, BEAT_MS, () => this.#signals.beat()),
      watchMemory(timer, {
        readShare: this.#edges.freeMemory,
        shed: () => this.#hosts.orderAll({ kind: 'shed' }),
        tell: (component, health) => this.#tell(component, health),
      }),
    );
    this.#tell('catnap', { state: 'ok', code: 'OK', detail: 'online' });
    this.#hosts.run().catch(this.#main.heard(ended));
  }

  /** Ends as after a SIGTERM. */
  async stop(): Promise<void> {
    const { uplink } = this;
    if (uplink === null) return;
    const heavy = { end: () => this.#heavy.dispose() };
    await stopInOrder(
      { hosts: this.#hosts, actions: this.#actions, heavy, uplink },
      async (where, closing) => {
        await closing.catch((error: unknown) => this.#edges.violated(`stop, ${where}: ${String(error)}`));
      },
    );
    this.#tell('catnap', { state: 'down', code: 'OK', detail: 'offline' });
    for (const cancel of this.#cancels) cancel();
    await this.bus.close();
    this.visitors.close();
  }

  /** The main thread does nothing any more. */
  stall(): void {
    this.#main.kill();
  }

  /** The heavy process is killed by somebody. */
  killHeavy(): void {
    for (const child of this.#heavyChildren) child.kill();
  }

  #startHeavy(): SimulatedHeavy {
    const child = new SimulatedHeavy(this.#edges.life, this.#edges.heavyState);
    this.#heavyChildren.add(child);
    child.on('exit', () => this.#heavyChildren.delete(child));
    return child;
  }

  #openActions(): ActionRunner {
    const { act } = this.#edges;
    const doing = { dryRun: false, timeoutMs: 10_000, maxRunning: 4 };
    const nowhere = { mqttUrl: null, mqttUsername: null, mqttPassword: null, mqttCaFile: null };
    return createActionRunner(
      { ...doing, ...nowhere },
      {
        timer: this.#main.timer,
        plan: async ({ name }) => ({ what: name, act: (signal) => act(name, signal) }),
      },
    );
  }

  #openHosts(): SourceHosts {
    const { life, chance, violated } = this.#edges;
    const main = this.#main;
    return new SourceHosts({
      ...main.time,
      run: life.run,
      sources: LISTENING.map((listening) => this.#hosted(listening)),
      publish: (event) => this.bus.publish(event),
      telemetry: () => {},
      tell: (component, health) => this.#tell(component, health),
      onLeft: () => {},
      uplink: () => this.#watchedUplink(),
      onError: (where, error) => violated(`${where}: ${String(error)}`),
      edges: (source) => ({
        random: chance(`restarts of ${source} in ${life.run}`).random,
        hangMs: HANG_MS,
      }),
    });
  }

  #hosted({ source, kind }: Listening): HostedSource {
    const { life } = this.#edges;
    return {
      id: source,
      isVoice: kind === 'order',
      isOpened: true,
      startWorker: (start) => this.#startThread(source, start),
      spec: { source, kind },
      openHeavy: () => {
        const [here, there] = linePair(life);
        const line = this.#heavy.open({ source, warmMs: WARM_MS, tell: (reply) => here.postMessage(reply) });
        here.on('message', (request: LineRequest) => line.receive(request));
        here.on('close', () => line.close());
        return there;
      },
    };
  }

  #startThread(source: string, start: WorkerStart): SimulatedThread {
    const { life, places, chance, ended } = this.#edges;
    const jitter = chance(`openings of ${start.ids} in ${life.run}`);
    const surroundings = { process: life, main: this.#main, signals: this.#signals, aborted: ended };
    const thread = new SimulatedThread(surroundings, start, (its) => pipelineOn(its, places, jitter));
    this.threads.set(source, thread);
    return thread;
  }

  /** The uplink, with who looks at what it is offered. */
  #watchedUplink(): Uplink {
    const { uplink } = this;
    if (uplink === null) throw new Error('nothing is heard before the uplink is there');
    const { speechStreams } = uplink;
    return {
      speechStreams,
      offer: (escalation) => this.#edges.offer(uplink, escalation),
      prepare: () => uplink.prepare(),
      close: (deadlineMs, last) => uplink.close(deadlineMs, last),
    };
  }

  #tell(component: string, health: Health): void {
    this.bus.publish({ type: 'health', ...this.#stamp.next(null), component, ...health });
  }
}
