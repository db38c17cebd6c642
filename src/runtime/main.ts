import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createLocalActions } from '../actions/local.js';
import type { ActionRunner } from '../actions/runner.js';
import type { Uplink } from '../core/cascade/escalation.js';
import { CatnapError, EXIT, exitCodeOf } from '../core/errors.js';
import type { CascadeEvent, Sink } from '../core/events/events.js';
import type { Health } from '../core/events/health.js';
import { EventStamp } from '../core/events/stamp.js';
import { every } from '../core/waiting.js';
import type { RunCommand } from '../dashboard/commands.js';
import { type Dashboard, type DashboardOptions, startDashboard } from '../dashboard/server.js';
import type { WayOut } from '../egress/way-out.js';
import { createEventBus, type EventBus } from '../events/bus.js';
import { JOURNAL_FOLDER } from '../events/journal.js';
import { newestEvents } from '../events/journal-reading.js';
import { type PowerWatch, watchPower } from '../meter/power-watch.js';
import type { CountedUplink } from '../uplink/counted-uplink.js';
import { createUplinkWayOut } from '../uplink/egress.js';
import { createRuleRouter } from '../uplink/routing.js';
import { createUplink } from '../uplink/uplink.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import { asksHeavy, type CascadePlan } from './build.js';
import type { Config } from './config.js';
import { openActions } from './configured-actions.js';
import { HeavyHost } from './heavy/heavy-host.js';
import { houseFactsOf } from './house-facts.js';
import { type ConfigFile, LiveWords } from './live-words.js';
import { Mutes } from './page/mutes.js';
import { createRunCommand } from './page/page-commands.js';
import { planCascade } from './plan.js';
import { MemoryWatch, readAvailableShare } from './process/memory-watch.js';
import { systemClock, systemTime, systemTimer } from './process/system-clock.js';
import { connectServiceManager, type ServiceManager } from './process/systemd.js';
import { openSinks } from './sinks.js';
import type { SourceSpec } from './source-worker.js';
import { uplinkEdges } from './uplink-edges.js';
import { MainSignals } from './worker/main-signals.js';
import { Neighbourhood } from './worker/neighbourhood.js';
import { SourceHost } from './worker/source-host.js';
import type { WorkerOrder, WorkerOutput } from './worker/worker-protocol.js';

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

/** From the first signal to the end; what is not flushed then stays where it is. */
const STOP_DEADLINE_MS = 5000;
const SOURCES_DEADLINE_MS = 3500;
/** For the uplink, and for actions beside it. */
const UPLINK_DEADLINE_MS = 1000;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const BEAT_MS = 1000;
/** How often the file of the configuration is looked at. */
const LOOK_MS = 1000;
const MEMORY_EVERY_MS = 5000;
/** Below the state folder: which sources are muted. */
const MUTED_FILE = 'muted.json';

/**
 * Runs a configuration until its recordings are over, a source fails for good, or a signal asks it to end.
 * The first SIGTERM or SIGINT brings what is under way to its end, the second ends at once.
 * @returns the exit code; what kept it from starting is thrown.
 */
export async function runCatnap(options: MainOptions): Promise<number> {
  const runtime = await Runtime.start(options);
  let stopping = false;
  const signalled = new Promise<number>((resolve) => {
    for (const signal of SIGNALS)
      process.on(signal, () => (stopping ? process.exit(EXIT.tempFail) : resolve(EXIT.ok)));
  });
  const code = await Promise.race([signalled, runtime.over()]);
  stopping = true;
  const cancel = systemTimer(STOP_DEADLINE_MS, () => process.exit(code));
  await runtime.stop();
  cancel();
  return code;
}

async function openBus(options: MainOptions, signals: MainSignals): Promise<EventBus> {
  const { config, sinks = {}, onError } = options;
  const bus = createEventBus({
    historyEvents: config.dashboard.historyEvents,
    earlier: await earlierEvents(options),
    onError,
    onWatched: (watched) => {
      signals.watched = watched;
    },
  });
  for (const [name, sink] of Object.entries(sinks)) bus.attach(name, sink);
  return bus;
}

/** What the journal holds of the runs before, as far as a visitor is shown it. */
async function earlierEvents({ config, onError }: MainOptions): Promise<readonly CascadeEvent[]> {
  const { journal, dashboard, stateDir } = config;
  if (!journal.enabled || !dashboard.enabled) return [];
  try {
    return await newestEvents(join(resolve(stateDir), JOURNAL_FOLDER), dashboard.historyEvents);
  } catch (error) {
    onError('journal', error);
    return [];
  }
}

async function attachSinks({ config, folder, onError }: MainOptions, bus: EventBus, stateDir: string) {
  const opened = await openSinks(config, stateDir, { folder, timer: systemTimer, onError });
  for (const [name, sink] of opened) bus.attach(name, sink);
}

async function openDashboard(
  { config: { dashboard }, version, onError }: MainOptions,
  parts: Pick<DashboardOptions, 'bus' | 'run' | 'uplink' | 'muted' | 'runCommand' | 'house'>,
): Promise<Dashboard | null> {
  if (!dashboard.enabled) return null;
  return startDashboard({
    ...systemTime,
    ...parts,
    config: dashboard,
    version,
    onError: (error) => onError('dashboard', error),
  });
}

/** What each source's cascade is made of: a model or module that is not there is told before anything is opened. */
async function plansOf({ sources, cascades, stateDir }: Config): Promise<readonly CascadePlan[]> {
  const plans: CascadePlan[] = [];
  for (const { id, cascade: name } of sources) {
    const cascade = cascades[name];
    if (cascade === undefined) throw new Error(`the schema lets no source name a missing cascade`);
    plans.push(await planCascade(cascade, { source: id, stateDir: resolve(stateDir) }));
  }
  return plans;
}

/** Everything one run holds open. */
class Runtime {
  readonly #options: MainOptions;
  readonly #bus: EventBus;
  readonly #stamp: EventStamp;
  readonly #run: string;
  readonly #uplink: Uplink;
  readonly #wayOut: Pick<WayOut, 'count'>;
  readonly #actions: ActionRunner;
  readonly #dashboard: Dashboard | null;
  readonly #service: ServiceManager;
  readonly #hosts: readonly SourceHost[];
  readonly #voices: ReadonlySet<string>;
  readonly #neighbourhood: Neighbourhood;
  readonly #heavy = new HeavyHost();
  /** End what is done every so often. */
  readonly #cancels: (() => void)[] = [];
  readonly #mutes: Mutes;
  readonly #runCommand: RunCommand;
  #power: PowerWatch | null = null;

  private constructor(
    options: MainOptions,
    run: string,
    bus: EventBus,
    signals: MainSignals,
    open: {
      readonly uplink: Uplink;
      readonly wayOut: Pick<WayOut, 'count'>;
      readonly actions: ActionRunner;
      readonly dashboard: Dashboard | null;
      readonly service: ServiceManager;
      readonly plans: readonly CascadePlan[];
    },
  ) {
    this.#options = options;
    this.#bus = bus;
    this.#run = run;
    this.#stamp = new EventStamp('catnap', run, systemClock);
    this.#uplink = open.uplink;
    this.#wayOut = open.wayOut;
    this.#actions = open.actions;
    this.#dashboard = open.dashboard;
    this.#service = open.service;
    const { sources } = options.config;
    const voices = sources.filter((_, i) => open.plans[i]?.kind === 'voice').map(({ id }) => id);
    this.#voices = new Set(voices);
    this.#neighbourhood = new Neighbourhood(systemTime, this.#voices, () => this.#hosts);
    this.#hosts = sources.map((source, i) => this.#host(source, open.plans[i] as CascadePlan, signals));
    const stateDir = resolve(options.config.stateDir);
    this.#mutes = new Mutes({
      ...systemTime,
      path: join(stateDir, MUTED_FILE),
      onMute: (source, isMuted, health) => this.#mute(source, isMuted, health),
    });
    this.#runCommand = createRunCommand({
      sources: sources.map(({ id }) => id),
      mutes: this.#mutes,
      stateDir,
      history: () => bus.history(),
      publish: (event) => bus.publish({ ...event, ...this.#stamp.next(null) }),
    });
    process.on('exit', () => this.#heavy.kill());
    this.#every(BEAT_MS, () => signals.beat());
    this.#followWords(open.plans);
  }

  /** @throws CatnapError `PORT_IN_USE`, `CONFIG_INVALID`. */
  static async start(options: MainOptions): Promise<Runtime> {
    const { config } = options;
    const plans = await plansOf(config);
    const run = randomUUID();
    const signals = new MainSignals();
    const bus = await openBus(options, signals);
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
      house: houseFactsOf(config, plans),
      muted: () => (runtime === null ? [] : runtime.#mutes.list()),
      runCommand: async (command, by) => started().#runCommand(command, by),
    });
    const stateDir = resolve(config.stateDir);
    await attachSinks(options, bus, stateDir);
    const publish = (event: CascadeEvent): void => bus.publish(event);
    const { egress, offline, routing } = config.uplink;
    const wayOut = createUplinkWayOut(egress, offline, createRuleRouter(routing));
    const actions = await openActions(config, options.folder, systemTimer, {
      wayOut,
      clock: systemClock,
      onPassage: (passed) => void uplink?.passed(passed),
      sendToBoard: async (source, command) => started().sendToBoard(source, command),
    });
    const intents = new IntentMatcher(config.intents);
    const maker = { publish, clock: systemClock, run };
    bus.subscribe(createLocalActions(config, (intent) => intents.actionOf(intent), actions, maker));
    let isCloudAway = false;
    const onAway = (isAway: boolean): void => {
      isCloudAway = isAway;
      if (runtime !== null) runtime.#orderAll({ kind: 'cloud', isAway });
    };
    uplink = await createUplink(config.uplink, {
      ...maker,
      ...uplinkEdges(options.folder),
      stateDir,
      wayOut,
      actions,
      onAway,
    });
    const service = await connectServiceManager(process.env);
    runtime = new Runtime(options, run, bus, signals, {
      uplink,
      wayOut,
      actions,
      dashboard,
      service,
      plans,
    });
    if (isCloudAway) onAway(true);
    return runtime;
  }

  /** Resolves with the exit code when every recording is over, or at the first source that failed for good. */
  async over(): Promise<number> {
    this.#watchMemory();
    await this.#watchPower();
    if (this.#service.watchdogEveryMs !== null) {
      this.#every(this.#service.watchdogEveryMs, () => this.#service.notify('WATCHDOG=1'));
    }
    this.#tell('catnap', { state: 'ok', code: 'OK', detail: 'online' });
    await this.#settle('mute', this.#restoreMutes());
    this.#service.notify('READY=1');
    this.#options.onReady?.(this.#dashboard?.url ?? null);
    try {
      await Promise.all(this.#hosts.map((host) => host.run()));
      return EXIT.ok;
    } catch (error) {
      this.#options.onError('source', error);
      return exitCodeOf(error);
    }
  }

  /** Before any source is opened: what was muted is not heard for a moment, either. */
  async #restoreMutes(): Promise<void> {
    this.#mutes.restore(this.#hosts.map(({ source }) => source));
  }

  #mute(source: string, isOn: boolean, health: Health): void {
    this.#hosts.find((host) => host.source === source)?.order({ kind: 'mute', isOn });
    this.#tell(`${source}/mute`, health);
    this.#dashboard?.showMuted(this.#mutes.list());
  }

  /** Brings what is under way to its end, then closes everything in the order of the signal's way. */
  async stop(): Promise<void> {
    this.#service.notify('STOPPING=1');
    await this.#settle('sources', Promise.all(this.#hosts.map((host) => host.stop(SOURCES_DEADLINE_MS))));
    const acting = this.#settle('actions', this.#actions.close(UPLINK_DEADLINE_MS));
    await Promise.all([
      this.#settle('heavy', this.#heavy.end()),
      this.#settle('uplink', this.#uplink.close(UPLINK_DEADLINE_MS, acting)),
      acting,
    ]);
    this.#tell('catnap', { state: 'down', code: 'OK', detail: 'offline' });
    for (const cancel of this.#cancels) cancel();
    this.#mutes.close();
    this.#power?.stop();
    await this.#settle('sinks', this.#bus.close());
    if (this.#dashboard !== null) await this.#settle('dashboard', this.#dashboard.close());
  }

  /** Sends a command to the board of a source, by the worker that reads it. */
  async sendToBoard(source: string, command: string): Promise<void> {
    const host = this.#hosts.find((each) => each.source === source);
    if (host === undefined)
      throw new CatnapError('USAGE', `${source}: expected a source of the configuration`);
    await host.command(command);
  }

  #specOf(source: Config['sources'][number], cascade: CascadePlan): SourceSpec {
    const { config, folder } = this.#options;
    const { intents, meter, uplink } = config;
    const { offline, duplex } = uplink;
    const hasCompany = cascade.kind === 'voice' && this.#voices.size > 1;
    return { source, cascade, intents, meter, folder, offline, duplex, hasCompany };
  }

  /** Words that are added to or removed from the file of the configuration are listened for without a restart. */
  #followWords(plans: readonly CascadePlan[]): void {
    const { config, file, onError } = this.#options;
    if (file === undefined) return;
    const words = new LiveWords({
      config,
      file,
      plans,
      exchange: async (index, plan) => {
        const source = config.sources[index] as Config['sources'][number];
        await this.#hosts[index]?.exchange(this.#specOf(source, plan), plan);
        const detail = `listens for ${plan.stages.words.join(', ')}`;
        this.#tell(`${source.id}/words`, { state: 'ok', code: 'OK', detail });
      },
      onError: (error) => onError('words', error),
    });
    this.#every(LOOK_MS, () => void words.look());
  }

  #host(source: Config['sources'][number], cascade: CascadePlan, mainSignals: MainSignals): SourceHost {
    const { warmMs } = cascade.config.heavy;
    const spec = this.#specOf(source, cascade);
    const host: SourceHost = new SourceHost({
      ...systemTime,
      source: source.id,
      spec,
      run: this.#run,
      mainSignals,
      ...(asksHeavy(cascade) ? { openHeavy: () => this.#heavy.open(source.id, warmMs) } : {}),
      onReport: (report) => this.#take(host, report),
      onHealth: (health) => {
        if (health.state === 'down') this.#neighbourhood.lost(source.id);
        this.#tell(`${source.id}/worker`, health);
      },
      onForgotten: (component, health) => this.#tell(component, health),
    });
    return host;
  }

  #take(host: SourceHost, report: WorkerOutput): void {
    switch (report.kind) {
      case 'event':
        this.#neighbourhood.told(host, report.event);
        this.#bus.publish(report.event);
        return;
      case 'word':
        this.#neighbourhood.heard(report.word);
        return;
      case 'claim':
        this.#neighbourhood.claim(host, report.detection);
        return;
      case 'telemetry':
        this.#bus.telemetry(report.reading);
        return;
      case 'escalation':
        this.#uplink
          .offer(report.escalation)
          .catch((error: unknown) => this.#options.onError('uplink', error));
        return;
      case 'left':
        this.#wayOut.count(report.passage);
        return;
      case 'prepare':
        this.#uplink.prepare();
        return;
      case 'speech':
        this.#uplink.speechStreams?.begin(report.start);
        return;
      case 'speech-samples':
        this.#uplink.speechStreams?.samples(report.key, report.pcm);
        return;
      case 'speech-abandoned':
        this.#uplink.speechStreams?.abandon(report.key);
        return;
      default:
        report satisfies never;
    }
  }

  #watchMemory(): void {
    const watch = new MemoryWatch();
    this.#every(MEMORY_EVERY_MS, () => {
      const share = readAvailableShare();
      const change = share === null ? 'unchanged' : watch.observe(share);
      if (change === 'short' || change === 'still-short') this.#orderAll({ kind: 'shed' });
      if (change === 'short') this.#tellMemory('degraded', 'short: heavy stages end with each answer');
      if (change === 'ample') this.#tellMemory('ok', 'ample again');
    });
  }

  /** Prices CPU time by the board's own draw where a sensor tells it; each restarted worker learns it anew. */
  async #watchPower(): Promise<void> {
    this.#power = await watchPower(this.#options.config.meter, {
      ...systemTime,
      onPower: (power) => this.#orderAll({ kind: 'power', power }),
    });
  }

  #tellMemory(state: Health['state'], detail: string): void {
    this.#tell('memory', { state, code: state === 'ok' ? 'OK' : 'MEMORY_SHORT', detail });
  }

  #tell(component: string, health: Health): void {
    this.#bus.publish({ type: 'health', ...this.#stamp.next(null), component, ...health });
  }

  #orderAll(order: WorkerOrder): void {
    for (const host of this.#hosts) host.order(order);
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
