import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import type { Time } from '../core/clock.js';
import { type Check, type Finding, type Findings, ok, problem, warning } from '../core/finding.js';
import * as z from '../core/zod.js';
import { checkWorkers } from '../edge/check.js';
import { edgeTopics } from '../edge/topics.js';
import { createBroker } from '../egress/broker.js';
import { createWayOut, type WayOut } from '../egress/way-out.js';
import { checkBroker } from '../home/mqtt/check.js';
import { looksOf } from '../models/choose.js';
import { actionKindOf } from '../runtime/actions.js';
import { createBrokers, edgeBrokerSettings } from '../runtime/brokers.js';
import type { CascadePlan } from '../runtime/build.js';
import { type CascadeConfig, type Config, choicesOf, remotePathsOf } from '../runtime/config.js';
import { actionPlace, actionsOf } from '../runtime/configured-actions.js';
import { guardrailKindOf } from '../runtime/guardrails.js';
import { planCascade } from '../runtime/plan.js';
import { version } from '../runtime/process/version.js';
import { providerKindOf } from '../runtime/providers.js';
import { type SinkConfig, sinkKindOf } from '../runtime/sinks.js';
import { type SourceConfig, sourceKindOf, sourceKindsWith } from '../runtime/sources.js';
import { createRecogniser, createStage, stageChecks } from '../runtime/stages.js';
import type { CheckEdges } from '../sources/source-kind.js';
import { findingsOf } from './check.js';
import { checkMemory } from './memory.js';
import { type RunningCatnap, runningCatnap } from './running.js';
import { checkInstalled } from './spare-builds.js';

/** Nothing is kept of what is learnt. */
const DOCTOR_PLACE = { source: 'doctor', stateDir: null } as const;
const MIN_NODE = [20, 19] as const;
/** Enough for the outbox and journal at their default caps, and to write a state file beside its old version. */
const MIN_FREE_BYTES = 256 * 1024 * 1024;
/** Before this the clock of a board without a battery has not been set. */
const SANE_WALL_MS = Date.UTC(2026, 0, 1);

/** Everything that can be looked at without a configuration. */
export function machineChecks(nowMs: number): Check[] {
  return [
    { name: 'node', run: checkNode },
    { name: 'clock', run: () => checkClock(nowMs) },
    { name: 'installed', run: () => checkInstalled() },
    ...stageChecks(),
  ];
}

/** What whoever has no configuration yet may want to know: whether there is what `catnap init` would have it watch. */
export function unconfiguredChecks(time: Time): Check[] {
  const [kind] = sourceKindsWith('question');
  const run = async (): Promise<Findings> => {
    const { id, settings } = await kind.question(async (_, fallback) => fallback);
    const source = kind.schema(z).parse({ id, kind: kind.kind, ...settings });
    const found = await checkSource(source, { folder: '.', ...time, wayOut: createWayOut(true) });
    return found.map((each) => (each.level === 'problem' ? warning(each.detail, each.remedy ?? '') : each));
  };
  return [{ name: kind.kind, run }];
}

/**
 * What this configuration needs of the machine.
 * @param folder what its relative paths are relative to
 */
export function configChecks(config: Config, folder: string, time: Time): Check[] {
  const { dashboard, sinks, uplink } = config;
  const running = whenAsked(async () =>
    dashboard.enabled && dashboard.port !== 0 ? runningCatnap(dashboard.host, dashboard.port) : null,
  );
  const wayOut = createWayOut(uplink.offline);
  return [
    ...config.sources.map((source) => ({
      name: `source ${source.id}`,
      run: async () => {
        const found = await checkSource(source, { folder, ...time, wayOut });
        const beside = await running();
        return found.map((each) => besideRunning(each, beside));
      },
    })),
    ...cascadesOf(config).flatMap(([name, cascade]) => [
      { name: `cascade ${name}`, run: () => checkCascade(cascade) },
      ...looksOf(choicesOf(cascade)).map((look) => ({ ...look, name: `cascade ${name} ${look.name}` })),
    ]),
    { name: 'memory', run: async () => checkMemory(await plansOf(config), kindsOf(config)) },
    ...sinks.map((sink, index) => ({
      name: `sink ${index} (${sink.kind})`,
      run: () => checkSink(sink, folder),
    })),
    { name: 'state folder', run: () => checkStateFolder(config.stateDir) },
    ...(dashboard.enabled
      ? [{ name: 'dashboard', run: async () => checkDashboard(dashboard, await running()) }]
      : []),
    ...(uplink.offline || uplink.providers.length === 0
      ? [{ name: 'cloud', run: () => ok('off: nothing leaves this device') }]
      : uplink.providers.map((provider) => ({
          name: `cloud ${provider.name}`,
          run: () =>
            providerKindOf(provider).check?.(provider, { folder }, wayOut) ??
            ok('nothing to look at from here'),
        }))),
    ...uplink.guardrails.flatMap((guardrail) => {
      const kind = guardrailKindOf(guardrail);
      const run = async () => (await kind.check?.(guardrail, { folder }, wayOut)) ?? ok('');
      return kind.check === undefined ? [] : [{ name: `guardrail ${guardrail.name}`, run }];
    }),
    ...actionChecks(config, folder, wayOut),
    ...homeChecks(config, folder, wayOut, time),
    ...edgeChecks(config, folder, wayOut, time),
  ];
}

/** Looks once, when somebody first wants to know. */
function whenAsked<Answer>(look: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | null = null;
  return () => {
    answer ??= look();
    return answer;
  };
}

async function checkSink(sink: SinkConfig, folder: string): Promise<Finding> {
  return (await sinkKindOf(sink).check?.(sink, { folder })) ?? ok('needs nothing of this machine');
}

function checkSource(source: SourceConfig, edges: CheckEdges): Promise<readonly Finding[]> {
  return findingsOf(
    async () => (await sourceKindOf(source).check?.(source, edges)) ?? ok('needs nothing of this machine'),
  );
}

/** What the configured actions need; those that need nothing are not mentioned. */
function actionChecks(config: Config, folder: string, wayOut: WayOut): Check[] {
  const place = actionPlace(config, folder);
  const all = actionsOf(config).filter(({ action }) => action.kind !== 'log');
  const dry = warning('dry run: what would be done is only told', 'set actions.dryRun to false');
  const acting: Check[] =
    all.length > 0 && config.actions.dryRun ? [{ name: 'actions', run: () => dry }] : [];
  const checks = all.flatMap(({ where, action }) => {
    const kind = actionKindOf(action);
    if (kind.check === undefined) return [];
    return [
      { name: `action of ${where}`, run: async () => (await kind.check?.(action, place, wayOut)) ?? ok('') },
    ];
  });
  return [...acting, ...checks];
}

function homeChecks(config: Config, folder: string, wayOut: WayOut, { timer }: Time): Check[] {
  if (config.home.mqtt === null) return [];
  const run = async (): Promise<Finding> => {
    if (config.uplink.offline) return ok('off: nothing leaves this device');
    const { home } = createBrokers(config, folder, wayOut, timer);
    return home === null ? ok('') : checkBroker(home);
  };
  return [{ name: 'home mqtt', run }];
}

function edgeChecks(config: Config, folder: string, wayOut: WayOut, { timer }: Time): Check[] {
  const settings = edgeBrokerSettings(config, folder);
  if (config.edge === null || settings === null) return [];
  const topics = edgeTopics(config.edge.topic);
  const isAsked = cascadesOf(config).some(([, cascade]) => remotePathsOf(cascade).length > 0);
  const run = async (): Promise<Finding> =>
    config.uplink.offline
      ? ok('off: nothing leaves this device')
      : checkWorkers(createBroker(settings, wayOut, timer), topics, { version, isAsked, timer });
  return [{ name: 'edge', run }];
}

/** Those that a source is judged by. */
function cascadesOf({ sources, cascades }: Config): [name: string, CascadeConfig][] {
  const names = new Set(sources.map(({ cascade }) => cascade));
  return Object.entries(cascades).filter(([name]) => names.has(name));
}

/** By source, what its cascade is. */
function kindsOf({ sources, cascades }: Config): readonly CascadeConfig['kind'][] {
  return sources.flatMap(({ cascade }) => cascades[cascade]?.kind ?? []);
}

function plansOf(config: Config): Promise<readonly CascadePlan[]> {
  const plans = cascadesOf(config).map(([, cascade]) => planCascade(cascade, DOCTOR_PLACE));
  return Promise.all(plans);
}

/** Loads everything the cascade would, as a start would; what there is to learn is learnt and not kept. */
async function checkCascade(config: CascadeConfig) {
  const plan = await planCascade(config, DOCTOR_PLACE);
  const { tiny, heavy } = plan.stages;
  const [endpointer, recogniser] =
    plan.kind === 'voice' ? [plan.stages.endpointer, plan.stages.recogniser] : [null, null];
  for (const spec of [tiny, heavy, endpointer]) {
    if (spec !== null) await (await createStage(spec)).dispose();
  }
  if (recogniser !== null) await (await createRecogniser(recogniser)).dispose();
  if (plan.kind === 'voice') return ok(`hears ${plan.stages.words.join(', ')}`);
  return ok(`watches with ${heavy === null ? tiny.name : `${tiny.name} and ${heavy.name}`}`);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  const detail = `Node ${process.versions.node}, ${process.platform} ${process.arch}`;
  return recent ? ok(detail) : problem(detail, `install Node ${MIN_NODE.join('.')} or newer`);
}

function checkClock(nowMs: number) {
  const detail = new Date(nowMs).toISOString();
  return nowMs > SANE_WALL_MS
    ? ok(detail)
    : warning(detail, 'the clock is not set: check the network time service; detection works all the same');
}

function checkStateFolder(folder: string) {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  accessSync(path, constants.W_OK);
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const detail = `${path}, ${Math.round(free / 1024 / 1024)} MiB free`;
  return free >= MIN_FREE_BYTES
    ? ok(detail)
    : warning(detail, 'free some space: events are evicted when it runs out');
}

/** A device that the Catnap that runs listens to is nobody else's problem. */
function besideRunning(finding: Finding, running: RunningCatnap | null): Finding {
  const isTaken = finding.level === 'problem' && /\bbusy\b|cannot lock/i.test(finding.detail);
  return isTaken && running !== null ? ok(`in use by the Catnap that runs, at ${running.url}`) : finding;
}

function checkDashboard({ host, port }: Config['dashboard'], running: RunningCatnap | null) {
  return running === null
    ? checkPort(host, port)
    : ok(`Catnap runs already, at ${running.url}: ${running.status}`);
}

function checkPort(host: string, port: number) {
  return new Promise<ReturnType<typeof ok>>((settle) => {
    const server = createServer()
      .once('error', (error: NodeJS.ErrnoException) =>
        settle(
          problem(
            `${host}:${port}: ${error.code ?? error.message}`,
            'stop what listens there or choose another port',
          ),
        ),
      )
      .listen(port, host, () =>
        server.close(() => settle(ok(port === 0 ? `${host}, any free port` : `${host}:${port} is free`))),
      );
  });
}
