import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createLocalActions } from '../actions/local.js';
import type { ActionRunner } from '../actions/runner.js';
import { CatnapError, EXIT, exitCodeOf } from '../core/errors.js';
import type { CascadeEvent, Sink } from '../core/events/events.js';
import type { Health } from '../core/events/health.js';
import { EventStamp } from '../core/events/stamp.js';
import { every } from '../core/waiting.js';
import { type Dashboard, type DashboardOptions, startDashboard } from '../dashboard/server.js';
import { createEventBus, type EventBus } from '../events/bus.js';
import { type PowerWatch, watchPower } from '../meter/power-watch.js';
import type { CountedUplink } from '../uplink/counted-uplink.js';
import { createUplinkWayOut, type UplinkWayOut } from '../uplink/egress.js';
import { createUplink } from '../uplink/uplink.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import { type Brokers, createBrokers } from './brokers.js';
import { type CascadePlan, mayAskHeavy } from './build.js';
import { type Config, cascadeNameOf } from './config.js';
import { openActions } from './configured-actions.js';
import { watchDrift } from './drift.js';
import { earlierEvents, followLabels } from './earlier-events.js';
import { EdgeParts } from './edge-parts.js';
import type { HeavyHost } from './heavy/heavy-host.js';
import { type Home, openHome } from './home.js';
import { houseFactsOf } from './house-facts.js';
import { type KeptClips, openClips } from './kept-clips.js';
import { LiveRouting } from './live-routing.js';
import { type ConfigFile, LiveWords } from './live-words.js';
import { wasOffline } from './page/offline-switch.js';
import { PageHouse } from './page-house.js';
import { plannedOf, planShadow } from './plans.js';
import { readAvailableShare, watchMemory } from './process/memory-watch.js';
import { systemClock, systemTime, systemTimer } from './process/system-clock.js';
import { connectServiceManager, type ServiceManager } from './process/systemd.js';
import type { ShadowPlan } from './shadow-cascade.js';
import { openSinks } from './sinks.js';
import type { SourceChange, SourceSpec } from './source-worker.js';
import { STOP_DEADLINE_MS, stopInOrder } from './stopping.js';
import { attachTelemetry } from './telemetry.js';
import { Threads } from './threads.js';
import { uplinkEdges } from './uplink-edges.js';
import { MainSignals } from './worker/main-signals.js';
import { type HostedSource, SourceHosts } from './worker/source-hosts.js';
import { type HostedWyoming, planWyoming } from './wyoming.js';

export interface MainOptions {
  readonly config: Config;
  /** What relative paths in the configuration are relative to. */
  readonly folder: string;
  readonly version: string;
  /** Where the configuration stands and is read again: the words that it has are followed. */
  readonly file?: ConfigFile;
  /** More takers of events, by name; closed at the end. */
  readonly sinks?: Readonly<Record<string, Sink>>;
  /** Told once everything runs: where the dashboard is, null without one. */
  readonly onReady?: (dashboardUrl: string | null) => void;
  /** Told what went wrong and is no event. */
  readonly onError: (where: string, error: unknown) => void;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const BEAT_MS = 1000;
/** How often the file of the configuration is looked at. */
const LOOK_MS = 1000;

/**
 * Runs a configuration until its recordings are over, a source fails for good, or a signal asks it to end.
 * The first SIGTERM, SIGINT or SIGHUP brings what is under way to its end, a second of the former two ends at once.
 * @returns the exit code, or that it is to be run again by what its files say now; what kept it from starting is
 *   thrown.
 */
export async function runCatnap(options: MainOptions): Promise<number | 'again'> {
  const runtime = await Runtime.start(options);
  let stopping = false;
  let onSignal: NodeJS.SignalsListener = () => {};
  const signalled = new Promise<number>((resolve) => {
    // A terminal that is closed may say so twice: its shell does, and the kernel.
    onSignal = (signal) => (stopping && signal !== 'SIGHUP' ? process.exit(EXIT.tempFail) : resolve(EXIT.ok));
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
  const code = await Promise.race([signalled, runtime.over(), runtime.again()]);
  stopping = true;
  const cancel = systemTimer(STOP_DEADLINE_MS, () => process.exit(code === 'again' ? EXIT.tempFail : code));
  await runtime.stop();
  cancel();
  for (const signal of SIGNALS) process.off(signal, onSignal);
  return code;
}

async function openBus(options: MainOptions, signals: MainSignals): Promise<EventBus> {
  const { config, sinks = {}, onError } = options;
  const bus = createEventBus({
    historyEvents: config.dashboard.historyEvents,
    earlier: await earlierEvents(config, onError),
    onError,
    onWatched: (watched) => {
      signals.watched = watched;
    },
  });
  for (const [name, sink] of Object.entries(sinks)) bus.attach(name, sink);
  return bus;
}

async function attachSinks({ config, folder, onError }: MainOptions, bus: EventBus, run: string) {
  const opened = await openSinks(config, resolve(config.stateDir), { folder, timer: systemTimer, onError });
  for (const [name, sink] of opened) bus.attach(name, sink);
  await watchDrift(bus, config, { clock: systemClock, run, onError });
}

async function openDashboard(
  { config: { dashboard, sources: configured }, version, onError }: MainOptions,
  parts: Pick<DashboardOptions, 'bus' | 'run' | 'uplink' | 'muted' | 'runCommand' | 'house' | 'clipOf'> & {
    /** Null: not one was opened yet. */
    readonly starting: () => readonly string[] | null;
  },
): Promise<Dashboard | null> {
  if (!dashboard.enabled) return null;
  const sources = configured.map(({ id }) => id);
  return startDashboard({
    ...systemTime,
    ...parts,
    sources,
    starting: () => parts.starting() ?? sources,
    config: dashboard,
    version,
    onError: (error) => onError('dashboard', error),
  });
}

function houseOf({ config, file }: MainOptions, plans: readonly CascadePlan[]) {
  return houseFactsOf(config, plans, file !== undefined);
}

/** What decides on all that would leave for a provider. */
function gateOf({ config: { uplink }, folder }: MainOptions): Pick<Opened, 'routing' | 'wayOut'> {
  const routing = new LiveRouting(uplink, folder);
  return { routing, wayOut: createUplinkWayOut(uplink.egress, uplink.offline, routing.route) };
}

/** What is opened before a run is. */
interface Opened {
  readonly uplink: CountedUplink;
  readonly routing: LiveRouting;
  readonly wayOut: UplinkWayOut;
  readonly brokers: Brokers;
  readonly actions: ActionRunner;
  readonly dashboard: Dashboard | null;
  readonly service: ServiceManager;
  readonly clips: KeptClips | null;
  readonly plans: readonly CascadePlan[];
  readonly shadows: readonly (ShadowPlan | null)[];
  readonly wyoming: HostedWyoming | null;
}

/** Everything one run holds open. */
class Runtime {
  readonly #options: MainOptions;
  readonly #bus: EventBus;
  readonly #stamp: EventStamp;
  readonly #run: string;
  readonly #uplink: CountedUplink;
  readonly #routing: LiveRouting;
  readonly #wayOut: UplinkWayOut;
  readonly #brokers: Brokers;
  readonly #actions: ActionRunner;
  readonly #dashboard: Dashboard | null;
  readonly #service: ServiceManager;
  readonly #hosts: SourceHosts;
  readonly #edge: EdgeParts;
  readonly #restart = new AbortController();
  readonly #heavy: HeavyHost;
  /** End what is done every so often. */
  readonly #cancels: (() => void)[] = [];
  readonly #page: PageHouse;
  readonly #clips: KeptClips | null;
  /** By source: what it goes by now. */
  readonly #plans: CascadePlan[];
  /** By source: what listens beside it. */
  readonly #shadows: (ShadowPlan | null)[];
  /** What the configuration says of cascades, as it was read last. */
  #written: Pick<Config, 'cascades' | 'shadow' | 'stateDir'>;
  #comparing: Promise<void> | null = null;
  #power: PowerWatch | null = null;
  #home: Home | null = null;

  private constructor(options: MainOptions, run: string, bus: EventBus, signals: MainSignals, open: Opened) {
    this.#options = options;
    this.#bus = bus;
    this.#run = run;
    this.#stamp = new EventStamp('catnap', run, systemClock);
    this.#uplink = open.uplink;
    [this.#routing, this.#wayOut] = [open.routing, open.wayOut];
    this.#brokers = open.brokers;
    [this.#plans, this.#shadows] = [[...open.plans], [...open.shadows]];
    this.#written = options.config;
    this.#actions = open.actions;
    this.#dashboard = open.dashboard;
    this.#service = open.service;
    this.#clips = open.clips;
    this.#edge = this.#createEdge(open);
    const threads = new Threads(signals, open.plans);
    this.#heavy = this.#edge.createHeavy(threads.serveHeavy);
    this.#hosts = this.#openHosts(open, threads);
    this.#page = new PageHouse({
      config: options.config,
      file: options.file ?? null,
      plans: this.#plans,
      bus,
      publish: (event) => bus.publish({ ...event, ...this.#stamp.next(null) }),
      exchange: async (index, plan) => void (await this.#exchange(index, plan)),
      onMute: (source, isMuted, health) => this.#mute(source, isMuted, health),
      onOffline: (isOffline, health) => {
        this.#uplink.setOffline(isOffline);
        this.#tell('uplink/offline', health);
      },
    });
    process.on('exit', () => this.#heavy.kill());
    this.#every(BEAT_MS, () => signals.beat());
    this.#every(LOOK_MS, followLabels(options.config, bus, options.onError));
  }

  /** @throws CatnapError `PORT_IN_USE`, `CONFIG_INVALID`. */
  static async start(options: MainOptions): Promise<Runtime> {
    const { config } = options;
    const planned = await plannedOf(config);
    const wyoming = await planWyoming(config, options.version);
    const [run, intents] = [randomUUID(), new IntentMatcher(config.intents)];
    const [signals, stateDir] = [new MainSignals(), resolve(config.stateDir)];
    const bus = await openBus(options, signals);
    const clips = openClips(config, { stateDir, folder: options.folder }, run, (event) => bus.publish(event));
    let uplink: CountedUplink | null = null;
    let runtime: Runtime | null = null;
    const started = (): Runtime => {
      if (runtime !== null) return runtime;
      throw new CatnapError('SOURCE_UNAVAILABLE', 'Catnap is still starting: try again');
    };
    const dashboard = await openDashboard(options, {
      bus,
      run,
      uplink: () => uplink?.stats() ?? null,
      house: () => houseOf(options, runtime === null ? planned.plans : runtime.#plans),
      clipOf: async (file) => (await clips?.read(file)) ?? null,
      starting: () => (runtime === null ? null : runtime.#hosts.starting),
      muted: () => (runtime === null ? [] : runtime.#page.mutes.list()),
      runCommand: async (command, by) => started().#page.runCommand(command, by),
    });
    await attachSinks(options, bus, run);
    const gate = gateOf(options);
    await attachTelemetry(options, bus, gate.wayOut, run);
    const brokers = createBrokers(config, options.folder, gate.wayOut, systemTimer);
    const actions = await openActions(config, options.folder, systemTimer, {
      wayOut: gate.wayOut,
      broker: brokers.actions,
      clock: systemClock,
      onPassage: (passed) => void uplink?.passed(passed),
      sendToBoard: async (source, command) => started().#hosts.command(source, command),
    });
    const actionOf = (intent: string) => intents.actionOf(intent);
    const maker = { publish: (event: CascadeEvent) => bus.publish(event), clock: systemClock, run };
    const isMine = (detection: string) => (runtime === null ? null : runtime.#edge.isMine(detection));
    bus.subscribe(createLocalActions(config, actionOf, actions, { ...maker, isMine }));
    let isCloudAway = false;
    const onAway = (isAway: boolean): void => {
      isCloudAway = isAway;
      if (runtime !== null) runtime.#hosts.orderAll({ kind: 'cloud', isAway });
    };
    uplink = await createUplink(config.uplink, {
      ...maker,
      ...uplinkEdges(options.folder),
      stateDir,
      isOffline: wasOffline(stateDir),
      wayOut: gate.wayOut,
      actions,
      onAway,
    });
    const service = await connectServiceManager(process.env);
    const open = { uplink, ...gate, brokers, actions, dashboard, service, clips, wyoming, ...planned };
    runtime = new Runtime(options, run, bus, signals, open);
    if (isCloudAway) onAway(true);
    runtime.#followWords();
    return runtime;
  }

  /** Resolves with the exit code when every recording is over, or at the first source that failed for good. */
  async over(): Promise<number> {
    this.#cancels.push(
      watchMemory(systemTimer, {
        readShare: readAvailableShare,
        shed: () => this.#hosts.orderAll({ kind: 'shed' }),
        tell: (component, health) => this.#tell(component, health),
      }),
    );
    await this.#watchPower();
    if (this.#service.watchdogEveryMs !== null) {
      this.#every(this.#service.watchdogEveryMs, () => this.#service.notify('WATCHDOG=1'));
    }
    this.#say('catnap', 'online');
    this.#page.restore(this.#options.onError);
    for (const shadow of this.#shadows) await this.#compare(shadow);
    this.#home = await this.#openHome();
    this.#edge.open();
    void this.#hosts.started().then(() => this.#service.notify('READY=1'));
    this.#options.onReady?.(this.#dashboard?.url ?? null);
    try {
      await this.#hosts.run();
      return EXIT.ok;
    } catch (error) {
      this.#options.onError('source', error);
      return exitCodeOf(error);
    }
  }

  /** Resolves when the files of the configuration are to be gone by anew. */
  async again(): Promise<'again'> {
    await once(this.#restart.signal, 'abort');
    return 'again';
  }

  #createEdge({ uplink, wayOut }: Pick<Opened, 'uplink' | 'wayOut'>): EdgeParts {
    return new EdgeParts({
      ...this.#options,
      wayOut,
      passed: (passed) => void uplink.passed(passed),
      tell: (component, health) => this.#tell(component, health),
      bus: this.#bus,
      plans: this.#plans,
      again: () => this.#restart.abort(),
    });
  }

  #openHome(): Promise<Home> {
    const { config, version } = this.#options;
    return openHome({
      ...systemTime,
      config,
      version,
      run: this.#run,
      plans: this.#plans,
      broker: this.#brokers.home,
      wayOut: this.#wayOut,
      bus: this.#bus,
      muted: () => this.#page.mutes.list(),
      isOffline: () => this.#page.offline.isOn,
      thresholds: (source) => this.#page.thresholds.of(source),
      runCommand: this.#page.runCommand,
    });
  }

  #mute(source: string, isOn: boolean, health: Health): void {
    this.#hosts.order(source, { kind: 'mute', isOn });
    this.#tell(`${source}/mute`, health);
    this.#dashboard?.showMuted(this.#page.mutes.list());
  }

  /** Brings what is under way to its end, then closes everything in the order of the signal's way. */
  async stop(): Promise<void> {
    this.#service.notify('STOPPING=1');
    await stopInOrder(
      { hosts: this.#hosts, actions: this.#actions, heavy: this.#heavy, uplink: this.#uplink },
      (where, closing) => this.#settle(where, closing),
    );
    await this.#settle('clips', this.#clips?.close() ?? Promise.resolve());
    this.#tell('catnap', { state: 'down', code: 'OK', detail: 'offline' });
    await this.#settle('home', this.#home?.close() ?? Promise.resolve());
    await this.#settle('edge', this.#edge.close());
    await this.#settle('brokers', this.#brokers.close());
    for (const cancel of this.#cancels) cancel();
    await this.#settle('page', this.#page.close());
    this.#power?.stop();
    await this.#settle('sinks', this.#bus.close());
    if (this.#dashboard !== null) await this.#settle('dashboard', this.#dashboard.close());
  }

  #openHosts({ plans, wyoming }: Pick<Opened, 'plans' | 'wyoming'>, threads: Threads): SourceHosts {
    const { config, onError } = this.#options;
    const sources = config.sources.map((source, i): HostedSource => {
      const plan = plans[i] as CascadePlan;
      const { warmMs } = plan.config.heavy;
      return {
        id: source.id,
        isVoice: plan.kind === 'voice',
        isOpened: true,
        startWorker: threads.startSource(source, plan),
        spec: this.#specOf(source, plan, this.#shadows[i] ?? null),
        openHeavy: mayAskHeavy(config, plan) ? () => this.#heavy.open(source.id, warmMs) : null,
      };
    });
    if (wyoming !== null) {
      const openHeavy = () => this.#heavy.open(wyoming.id, wyoming.warmMs);
      const startWorker = threads.startWyoming();
      sources.push({ ...wyoming, isVoice: true, isOpened: false, startWorker, openHeavy });
    }
    return new SourceHosts({
      ...systemTime,
      run: this.#run,
      sources,
      publish: (event) => this.#bus.publish(event),
      telemetry: (reading) => this.#bus.telemetry(reading),
      tell: (component, health) => this.#tell(component, health),
      onLeft: (passage) => this.#wayOut.count(passage),
      keepClip: (key, clip) => this.#clips?.keep(key, clip),
      uplink: () => this.#uplink,
      elsewhere: this.#edge.house,
      onError,
    });
  }

  #specOf(source: Config['sources'][number], cascade: CascadePlan, shadow: ShadowPlan | null): SourceSpec {
    const { config, folder } = this.#options;
    const { intents, meter, uplink, cascades } = config;
    const { offline, duplex } = uplink;
    const voices = config.sources.filter((each) => cascades[each.cascade]?.kind === 'voice');
    const hasCompany = cascade.kind === 'voice' && (voices.length > 1 || this.#edge.house !== null);
    const keepsClips = this.#clips === null ? null : [config.clips.of].flat();
    return { source, cascade, shadow, intents, meter, folder, offline, duplex, hasCompany, keepsClips };
  }

  /** What of the file of the configuration is followed without a restart. */
  #followWords(): void {
    const { config, file, onError } = this.#options;
    if (file === undefined) return;
    const words = new LiveWords({
      config,
      file,
      plans: this.#plans,
      exchange: async (index, plan, written) => {
        this.#written = written;
        const source = await this.#exchange(index, plan);
        if (source === null) return;
        if (plan.kind === 'voice')
          this.#say(`${source}/words`, `listens for ${plan.stages.words.join(', ')}`);
        this.#say(`${source}/cascade`, `goes by ${cascadeNameOf(written.sources, source)}`);
      },
      route: (routing) => {
        const detail = this.#routing.follow(routing);
        if (detail !== null) this.#say('uplink/routing', detail);
      },
      onError: (error) => onError('words', error),
    });
    this.#every(LOOK_MS, () => void words.look());
  }

  /** Has a source go by another plan from now on; its id, or null where it does so already. */
  async #exchange(index: number, plan: CascadePlan): Promise<string | null> {
    const source = this.#options.config.sources[index] as Config['sources'][number];
    const shadow = await planShadow(this.#written, source.id, plan);
    const isSame = isDeepStrictEqual(plan, this.#plans[index]);
    if (isSame && isDeepStrictEqual(shadow, this.#shadows[index])) return null;
    await this.#compare(shadow);
    const change: SourceChange = { cascade: plan, shadow, isSame };
    await this.#hosts.exchange(source.id, this.#specOf(source, plan, shadow), change);
    this.#plans[index] = plan;
    this.#shadows[index] = shadow;
    this.#dashboard?.showHouse(houseOf(this.#options, this.#plans));
    return source.id;
  }

  /** Compares what listens beside a source with it; most runs have nothing to compare, and read no journal for it. */
  async #compare(shadow: ShadowPlan | null): Promise<void> {
    if (shadow === null) return;
    const { config, onError } = this.#options;
    const { watchShadow } = await import('./watch-shadow.js');
    this.#comparing ??= watchShadow(this.#bus, config, { clock: systemClock, run: this.#run, onError });
    await this.#comparing;
  }

  /** Prices CPU time by the board's own draw where a sensor tells it; each restarted worker learns it anew. */
  async #watchPower(): Promise<void> {
    this.#power = await watchPower(this.#options.config.meter, {
      ...systemTime,
      onPower: (power) => this.#hosts.orderAll({ kind: 'power', power }),
    });
  }

  #tell(component: string, health: Health): void {
    this.#bus.publish({ type: 'health', ...this.#stamp.next(null), component, ...health });
  }

  #say(component: string, detail: string): void {
    this.#tell(component, { state: 'ok', code: 'OK', detail });
  }

  #every(ms: number, work: () => void): void {
    this.#cancels.push(every(systemTimer, ms, work));
  }

  /** Waits for one part to close; what goes wrong there must not keep the others from closing. */
  async #settle(where: string, closing: Promise<unknown>): Promise<void> {
    try {
      await closing;
    } catch (error) {
      this.#options.onError(where, error);
    }
  }
}
