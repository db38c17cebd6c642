import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { fieldsOf } from '../actions/fields.js';
import { slotsIn } from '../actions/placeholders.js';
import type { ActionRunner } from '../actions/runner.js';
import type { Escalation, SpeechStreams } from '../core/cascade/escalation.js';
import { detectionOf } from '../core/cascade/escalation.js';
import type { Clock, Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { Health, HealthCode } from '../core/events/health.js';
import { type BareEvent, createPublisher } from '../core/events/stamp.js';
import { sleep } from '../core/waiting.js';
import type { Passed } from '../egress/way-out.js';
import { Accounts } from './accounts/accounts.js';
import { Budget } from './accounts/budget.js';
import type { UplinkConfig } from './config.js';
import type { CountedUplink, UplinkStats } from './counted-uplink.js';
import { Courier } from './courier.js';
import { createUplinkWayOut, type UplinkWayOut } from './egress.js';
import { createGuard, type Guard, type Guarded } from './guardrails/guard.js';
import type { Guardrail, GuardrailConfig, GuardrailEdges } from './guardrails/guardrail-kind.js';
import type { Judge, JudgeConfig } from './judges/judge-kind.js';
import { createPanel, type Panel } from './judges/panel.js';
import { Ladder } from './ladder.js';
import { type Answer, createAnswerCheck } from './providers/answer.js';
import type { NewSocket } from './providers/connection.js';
import type { Provider } from './providers/provider.js';
import type { ProviderEdges } from './providers/provider-kind.js';
import type { ProviderConfig } from './providers/settings.js';
import { Outbox } from './queue/outbox.js';
import { rank, type Standing } from './queue/rank.js';
import { serveRequests } from './queue/requests.js';
import { type MachineClock, SteadyClock } from './queue/steady-clock.js';
import { createMemoryStore, openLevelStore, type Store } from './queue/store.js';
import type { Upload } from './queue/upload.js';
import { createConfiguredRouter, type LearntRouter } from './routing.js';
import { CloudSpeechStreams } from './speech-streams.js';
import { Upstream } from './upstream.js';
import { nothingDone, WaitingUplink } from './waiting-uplink.js';

/** What an uplink needs of its surroundings. */
export interface UplinkDeps {
  /** Takes verdicts, answer parts, losses and health. Never throws. */
  readonly publish: (event: CascadeEvent) => void;
  readonly clock: Clock;
  readonly timer: Timer;
  /** What outlives a restart of the process; budgets and ages are told by it. */
  readonly machineClock: MachineClock;
  /** Makes a provider of its kind; rejects with `CONFIG_INVALID` for what its schema could not see. */
  readonly createProvider: (config: ProviderConfig, edges: ProviderEdges) => Promise<Provider>;
  /** Makes a guardrail of its kind; rejects with `CONFIG_INVALID` for what its schema could not see. */
  readonly createGuardrail: (config: GuardrailConfig, edges: GuardrailEdges) => Promise<Guardrail>;
  /** Makes a judge of its kind; throws `CONFIG_INVALID` for what its schema could not see. */
  readonly createJudge: (config: JudgeConfig) => Judge;
  /** Reads what was learnt of whom to ask first; throws `CONFIG_INVALID` for what it cannot use. */
  readonly loadAskRouter: (path: string) => LearntRouter;
  /** Numbers from 0 to 1 for the jitter of retries; replaceable for runs that must repeat. */
  readonly random?: () => number;
  /** Identifies the run in the events' `measured` block. */
  readonly run: string;
  /** Folder that outbox, budget and audit are kept in; null keeps them in memory, as replays do. */
  readonly stateDir: string | null;
  /** Runs what checked answers ask for; without one they ask in vain. */
  readonly actions?: Pick<ActionRunner, 'run'>;
  /** Begins as after {@link CountedUplink.setOffline}. */
  readonly isOffline?: boolean;
  /** Told when the cloud cannot be asked any more, for whatever reason, and when it can again. */
  readonly onAway?: (isAway: boolean) => void;
  /** The way out, where others send through it too. */
  readonly wayOut?: UplinkWayOut;
  /** Name look-up, replaceable in tests. */
  readonly lookup?: LookupFunction;
  /** How a far end is reached; over the network when left out. */
  readonly newSocket?: NewSocket;
  /** Opens the store, as {@link openLevelStore}; in `stateDir` when left out. */
  readonly openStore?: (onDamage: (detail: string) => void) => Promise<Store>;
}

const FAILURES_TO_OPEN = 5;
const MENDING_PAUSE_MS = 300_000;

/** Folder of the uplink's store below the state folder. */
export const UPLINK_STORE = 'uplink';

/**
 * Makes the uplink of a configuration and sends on what an earlier run left in the outbox. Throws `CONFIG_INVALID`
 * for what the schema could not see, `STATE_INVALID` when another process has the state folder. On a disk that cannot
 * be written it waits in memory until it can.
 */
export async function createUplink(config: UplinkConfig, deps: UplinkDeps): Promise<CountedUplink> {
  const publish = createPublisher('uplink', deps);
  const outboxHealth: OutboxHealth = { code: 'OK' };
  const open = () => openUplink(config, deps, publish, outboxHealth);
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof CatnapError) || error.code !== 'STORE_FULL') throw error;
    const { timer, onAway = () => {} } = deps;
    const told = (code: HealthCode, detail: string) => tellOutbox(outboxHealth, code, detail, publish);
    const waiting = { open, nothing: nothingDone(config), timer, publish, tellOutbox: told, onAway };
    return new WaitingUplink(waiting, error);
  }
}

async function openUplink(
  config: UplinkConfig,
  deps: UplinkDeps,
  publish: (event: BareEvent) => void,
  outboxHealth: OutboxHealth,
): Promise<CountedUplink> {
  const damaged = (detail: string) => tellOutbox(outboxHealth, 'STORE_CORRUPT', detail, publish);
  const wayOut =
    deps.wayOut ??
    createUplinkWayOut(config.egress, config.offline, createConfiguredRouter(config, deps.loadAskRouter));
  const providers = await createProviders(config, deps, wayOut);
  const check = createAnswerCheck(config.answerSchema, Object.keys(config.actions));
  let tellAccounts: GuardrailEdges['onPassage'] = () => {};
  const guardrails = await createGuardrails(config, deps, wayOut, publish, (passed) => tellAccounts(passed));
  const store = await (deps.openStore ?? storeIn(deps.stateDir))(damaged);
  const steady = await SteadyClock.open(store, deps.machineClock);
  const outbox = await Outbox.open(store, {
    limits: config.outbox,
    maxDeadLetters: config.outbox.maxDeadLetters,
    clock: deps.clock,
    steady,
    laterMs: config.routing.laterMs,
    onLoss: ({ key }, outcome) => {
      const detection = detectionOf(key, deps.run);
      publish({ type: 'undelivered', detection, outcome, ...LOSSES[outcome] });
    },
    onDamage: (lost) => damaged(`outbox: ${lost} uploads were lost to damage of the disk`),
  });
  const budget = await Budget.open(store, config.budget, steady);
  const accounts = new Accounts(store, budget, deps.clock, config.maxAuditRows, (row) => {
    const { key, provider, bytesUp } = row;
    const detection = detectionOf(key, deps.run);
    publish({ type: 'sent', detection, provider, parts: row.parts.split(' '), bytesUp });
  });
  tellAccounts = (passed) => void accounts.passed(passed);
  const uplink = new OutboxUplink({
    config,
    deps,
    publish,
    wayOut,
    providers,
    guard: createGuard(check, guardrails),
    panel: createPanelOf(config, deps),
    store,
    outbox,
    outboxHealth,
    budget,
    accounts,
  });
  if (deps.stateDir !== null) await uplink.serveRequests(deps.stateDir);
  return uplink;
}

const LOSSES = {
  evicted: { code: 'STORE_FULL', detail: 'made room for something else' },
  expired: { code: 'UPLINK_TIMEOUT', detail: 'waited longer than it may' },
} as const;

/** Makes the providers before anything is opened; offline there are none. */
function createProviders(config: UplinkConfig, deps: UplinkDeps, wayOut: UplinkWayOut) {
  const { prompts, answerSchema, actions, deadlines } = config;
  const { clock, timer, lookup, newSocket } = deps;
  const dial = {
    connectTimeoutMs: deadlines.connectMs,
    heartbeatMs: deadlines.heartbeatMs,
    wayOut,
    clock,
    timer,
    ...(lookup === undefined ? {} : { lookup }),
    ...(newSocket === undefined ? {} : { newSocket }),
  };
  // The slots that an action's texts name are what the model has to give.
  const tools = Object.entries(actions).map(([name, action]) => ({ name, parameters: slotsIn(action) }));
  const edges = { dial, prompts, answerSchema, tools };
  const configured = config.offline ? [] : config.providers;
  return Promise.all(
    configured.map(async (provider) => {
      const { voice = prompts.voice, sensor = prompts.sensor } = provider.prompts;
      const persona = { ...edges, prompts: { voice, sensor } };
      return [await deps.createProvider(provider, persona), provider] as const;
    }),
  );
}

function createPanelOf({ judges }: UplinkConfig, { createJudge }: UplinkDeps): Panel | null {
  const seated = judges.map((config) => ({ config, judge: createJudge(config) }));
  return seated.length === 0 ? null : createPanel(seated);
}

/** Makes the guardrails before anything is opened. */
function createGuardrails(
  { guardrails }: UplinkConfig,
  { clock, timer, createGuardrail }: UplinkDeps,
  wayOut: UplinkWayOut,
  publish: (event: BareEvent) => void,
  onPassage: GuardrailEdges['onPassage'],
): Promise<readonly Guarded[]> {
  return Promise.all(
    guardrails.map(async (config) => {
      const component = `guardrail/${config.name}`;
      const onHealth = (health: Health) => publish({ type: 'health', component, ...health });
      const edges = { clock, timer, wayOut, onPassage, onHealth };
      return { config, guardrail: await createGuardrail(config, edges) };
    }),
  );
}

function storeIn(stateDir: string | null): NonNullable<UplinkDeps['openStore']> {
  if (stateDir === null) return async () => createMemoryStore();
  return (onDamage) => openLevelStore(join(stateDir, UPLINK_STORE), onDamage);
}

interface Parts {
  readonly config: UplinkConfig;
  readonly deps: UplinkDeps;
  readonly publish: (event: BareEvent) => void;
  readonly wayOut: UplinkWayOut;
  readonly providers: readonly (readonly [Provider, ProviderConfig])[];
  readonly guard: Guard;
  readonly panel: Panel | null;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly outboxHealth: OutboxHealth;
  readonly budget: Budget;
  readonly accounts: Accounts;
}

class OutboxUplink implements CountedUplink {
  readonly #upstreams: readonly Upstream[];
  readonly #courier: Courier;
  readonly #speechStreams: CloudSpeechStreams;
  #isAway = false;
  /** Nobody is to be asked, for somebody said so. */
  #isOffline: boolean;
  /** Takes no more; the store is open still. */
  #isClosing = false;
  #closed = false;
  #stopServing: () => void = () => {};

  constructor(private readonly parts: Parts) {
    const { config, deps, wayOut, outbox, accounts, guard, panel } = parts;
    this.#isOffline = deps.isOffline ?? false;
    this.#upstreams = parts.providers.map(([provider, its]) => this.#upstream(provider, its));
    const ranked = () => (this.#isOffline ? [] : rank(this.#upstreams, standingOf, config.weights));
    const { clock, timer } = deps;
    this.#speechStreams = new CloudSpeechStreams({
      wayOut,
      accounts,
      outbox,
      clock,
      timer,
      upstreams: ranked,
      onRoom: () => this.#courier.pump(),
    });
    const publish = (event: BareEvent) => this.#publish(event);
    const names = (key: string) => detectionOf(key, deps.run);
    const ladder = new Ladder({
      accounts,
      guard,
      panel,
      ranked,
      showsParts: config.guardrails.length === 0 && panel === null,
      asksAhead: config.asksAhead,
      prompts: config.prompts,
      clock,
      publish,
      detectionOf: names,
      isClosing: () => this.#isClosing,
      onRoom: () => this.#courier.pump(),
      onLeftOver: (work) => this.#courier.follow(work),
    });
    this.#courier = new Courier({
      outbox,
      wayOut,
      accounts,
      ladder,
      upstreams: this.#upstreams,
      ranked,
      speechStreams: this.#speechStreams,
      prompts: config.prompts,
      clock,
      timer,
      publish,
      detectionOf: names,
      onAnswer: (upload, answer) => this.#act(upload, answer),
    });
    this.#lookAway();
    this.#courier.pump();
  }

  get speechStreams(): SpeechStreams | null {
    return this.parts.config.duplex ? this.#speechStreams : null;
  }

  async offer(escalation: Escalation): Promise<void> {
    if (this.#isClosing) throw new CatnapError('UPLINK_UNAVAILABLE', 'uplink: closed');
    if (await this.#keep(escalation)) this.#courier.askAboutSpeech(escalation.key);
    else this.#speechStreams.abandon(escalation.key);
    this.#courier.pump();
  }

  /** Puts an escalation into the outbox, or says why not. True when it is there. */
  async #keep(escalation: Escalation): Promise<boolean> {
    const { config, wayOut, outbox, outboxHealth, publish } = this.parts;
    const { detection } = escalation;
    if (this.#upstreams.length === 0 || this.#isOffline) {
      const isOffline = config.offline || this.#isOffline;
      const detail = isOffline ? 'offline: nothing may leave' : 'no provider is configured';
      publish({ type: 'undelivered', detection, outcome: 'unanswered', code: 'UPLINK_NONE', detail });
      return false;
    }
    const admission = wayOut.admit(escalation);
    if (admission.kind === 'denied') {
      const { why } = admission;
      publish({
        type: 'undelivered',
        detection,
        outcome: 'denied',
        code: 'EGRESS_DENIED',
        detail: why,
      });
      return false;
    }
    const { routing } = admission.upload;
    if (routing.route === 'settle') {
      await this.parts.accounts.refused(admission.upload, admission.upload.rule, 'settled', routing.because);
      publish({
        type: 'undelivered',
        detection,
        outcome: 'settled',
        code: 'EGRESS_DENIED',
        detail: routing.because,
      });
      return false;
    }
    try {
      await outbox.put(admission.upload);
      tellOutbox(outboxHealth, 'OK', 'the outbox takes escalations', publish);
      return true;
    } catch (error) {
      if (!(error instanceof CatnapError)) throw error;
      // Detection goes on without the disk; what could not be kept is told.
      const detail = error.message;
      tellOutbox(outboxHealth, error.code, detail, publish);
      publish({ type: 'undelivered', detection, outcome: 'dropped', code: error.code, detail });
      return false;
    }
  }

  /** Lets `catnap outbox` change the outbox while this has it. */
  async serveRequests(stateDir: string): Promise<void> {
    const { outbox } = this.parts;
    const serving = serveRequests(stateDir, async ({ command, key }) => {
      await (command === 'retry' ? outbox.retry(key) : outbox.drop(key));
      this.#courier.pump();
    });
    // Only `catnap outbox` goes without where the disk has no room for the folder.
    this.#stopServing = await serving.catch(() => () => {});
  }

  prepare(): void {
    if (!this.#isClosing && !this.#isOffline) this.#upstreams.find(({ waitMs }) => waitMs === 0)?.prepare();
  }

  setOffline(isOffline: boolean): void {
    if (isOffline === this.#isOffline) return;
    this.#isOffline = isOffline;
    this.#lookAway();
    if (!isOffline) {
      this.#courier.pump();
      return;
    }
    this.#speechStreams.close();
    for (const upstream of this.#upstreams) upstream.hangUp();
  }

  async passed(passed: Passed): Promise<void> {
    if (!this.#closed) await this.parts.accounts.passed(passed);
  }

  stats(): UplinkStats {
    const { outbox, store, wayOut, budget } = this.parts;
    return {
      outbox: outbox.totals,
      waiting: { count: outbox.count, bytes: outbox.bytes },
      store: { ...store.counters },
      bytesOut: { ...wayOut.bytesOut },
      upstreams: Object.fromEntries(this.#upstreams.map(({ name, counters }) => [name, { ...counters }])),
      budget: budget.uses(),
    };
  }

  async close(deadlineMs: number, last?: Promise<unknown>): Promise<void> {
    this.#speechStreams.close();
    const settled = new AbortController();
    const late = sleep(this.parts.deps.timer, deadlineMs, settled.signal);
    await Promise.race([this.#courier.settle(), late]);
    settled.abort();
    this.#isClosing = true;
    this.#stopServing();
    this.#courier.stop();
    for (const upstream of this.#upstreams) upstream.close();
    await this.#courier.settle();
    await last;
    this.#closed = true;
    await this.parts.outbox.forgetOwed();
    await this.parts.store.close();
  }

  #upstream(provider: Provider, its: ProviderConfig): Upstream {
    const { config, deps } = this.parts;
    const { deadlines, retry } = config;
    const { clock, timer, random } = deps;
    return new Upstream(provider, its, {
      retry,
      deadlines,
      failuresToOpen: FAILURES_TO_OPEN,
      mendingPauseMs: MENDING_PAUSE_MS,
      clock,
      timer,
      ...(random === undefined ? {} : { random }),
      onReady: () => this.#courier.pump(),
      onWaste: (bytes) => void this.parts.accounts.speculated(its.name, its, bytes),
      onHealth: (health) => this.#publish({ type: 'health', component: `uplink/${its.name}`, ...health }),
    });
  }

  /** Publishes, and tells when with it the cloud went or came back. */
  #publish(event: BareEvent): void {
    this.parts.publish(event);
    if (event.type === 'health') this.#lookAway();
  }

  #lookAway(): void {
    if (this.#upstreams.length === 0) return;
    const cannotAsk = this.#isOffline || this.#courier.isOverBudget;
    const isAway = cannotAsk || this.#upstreams.every((upstream) => upstream.isAway);
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    this.parts.deps.onAway?.(isAway);
  }

  #act(upload: Upload, answer: Answer): void {
    const { config, deps, publish } = this.parts;
    if (answer.action === null || deps.actions === undefined) return;
    const { name, parameters } = answer.action;
    const detection = detectionOf(upload.key, deps.run);
    if (upload.answeredHere) {
      const detail = 'the local answer was acted on while the cloud was away';
      publish({ type: 'action', detection, action: name, outcome: 'skipped', detail });
      return;
    }
    const action = config.actions[name];
    // The answer check has refused every other name.
    if (action === undefined) return;
    const fields = fieldsOf(name, { ...upload, at: upload.wallTime });
    const request = { detection, name, action, slots: parameters, fields };
    void deps.actions.run(request).then((outcome) => publish({ type: 'action', ...outcome }));
  }
}

/** What was told of the outbox last. */
interface OutboxHealth {
  code: HealthCode;
}

/** Tells what is new of the outbox: what was lost to damage is over with the next that it takes. */
function tellOutbox(
  health: OutboxHealth,
  code: HealthCode,
  detail: string,
  publish: (event: BareEvent) => void,
): void {
  if (code === health.code) return;
  health.code = code;
  const state = code === 'OK' ? 'ok' : 'degraded';
  publish({ type: 'health', component: 'uplink/outbox', state, code, detail });
}

/** A typical question: a few hundred tokens in, a few dozen out. */
const TYPICAL = { inputTokens: 600, outputTokens: 80 };

function standingOf({ config, latencyMs }: Upstream): Standing {
  const { perCall, perMillionInputTokens, perMillionOutputTokens } = config.price;
  const { inputTokens, outputTokens } = TYPICAL;
  const money = perCall + (inputTokens * perMillionInputTokens + outputTokens * perMillionOutputTokens) / 1e6;
  return { money, quality: config.quality, latencyMs };
}
