import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { type Check, type Finding, ok, problem, warning } from '../core/finding.js';
import * as z from '../core/zod.js';
import { createWayOut, type WayOut } from '../egress/way-out.js';
import { loadEngine } from '../engines/load.js';
import { shippedModel } from '../models/manifest.js';
import { moonshineWeights } from '../models/moonshine.js';
import { sileroWeights } from '../models/silero.js';
import { actionKindOf } from '../runtime/actions.js';
import type { Config } from '../runtime/config.js';
import { actionPlace, actionsOf } from '../runtime/configured-actions.js';
import { providerKindOf } from '../runtime/providers.js';
import { type SinkConfig, sinkKindOf } from '../runtime/sinks.js';
import { type SourceConfig, sourceKindOf, sourceKindsWith } from '../runtime/sources.js';
import { createRecogniser, createStage } from '../runtime/stages.js';
import type { VoiceConfig } from '../voice/config.js';
import { voiceStages } from '../voice/plan.js';
import { checkInstalled } from './spare-builds.js';

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
    ...['wake-tiny', 'wake-heavy', 'wake-speech', 'commands'].map((name) => ({
      name: `model ${name}`,
      run: () => checkModel(name),
    })),
    { name: 'model silero-vad', run: () => carried(sileroWeights) },
    { name: 'model moonshine', run: () => carried(moonshineWeights) },
  ];
}

/** What whoever has no configuration yet may want to know: whether there is what `catnap init` would have it watch. */
export function unconfiguredChecks(): Check[] {
  const [kind] = sourceKindsWith('question');
  const run = async (): Promise<Finding> => {
    const { id, settings } = await kind.question(async (_, fallback) => fallback);
    const source = kind.schema(z).parse({ id, kind: kind.kind, ...settings });
    const { level, detail, remedy } = await checkSource(source, '.');
    return level === 'problem' ? warning(detail, remedy ?? '') : ok(detail);
  };
  return [{ name: kind.kind, run }];
}

/**
 * What this configuration needs of the machine.
 * @param folder what its relative paths are relative to
 */
export function configChecks(config: Config, folder: string): Check[] {
  const sources = config.sources.map((source) => ({
    name: `source ${source.id}`,
    run: () => checkSource(source, folder),
  }));
  const { dashboard, sinks, uplink } = config;
  const gate = createWayOut(uplink.offline);
  return [
    ...sources,
    ...voiceCascades(config).map(([name, cascade]) => ({
      name: `cascade ${name}`,
      run: () => checkVoice(cascade),
    })),
    ...sinks.map((sink, index) => ({
      name: `sink ${index} (${sink.kind})`,
      run: () => checkSink(sink, folder),
    })),
    { name: 'state folder', run: () => checkStateFolder(config.stateDir) },
    ...(dashboard.enabled
      ? [{ name: 'dashboard', run: () => checkPort(dashboard.host, dashboard.port) }]
      : []),
    ...(uplink.offline || uplink.providers.length === 0
      ? [{ name: 'cloud', run: () => ok('off: nothing leaves this device') }]
      : uplink.providers.map((provider) => ({
          name: `cloud ${provider.name}`,
          run: () =>
            providerKindOf(provider).check?.(provider, { folder }, gate) ??
            ok('nothing to look at from here'),
        }))),
    ...actionChecks(config, folder, gate),
  ];
}

async function checkSink(sink: SinkConfig, folder: string): Promise<Finding> {
  return (await sinkKindOf(sink).check?.(sink, { folder })) ?? ok('needs nothing of this machine');
}

async function checkSource(source: SourceConfig, folder: string): Promise<Finding> {
  return (await sourceKindOf(source).check?.(source, { folder })) ?? ok('needs nothing of this machine');
}

/** What the configured actions need; those that need nothing are not mentioned. */
function actionChecks(config: Config, folder: string, gate: WayOut): Check[] {
  const place = actionPlace(config, folder);
  return actionsOf(config).flatMap(([where, action]) => {
    const kind = actionKindOf(action);
    if (kind.check === undefined) return [];
    return [
      { name: `action of ${where}`, run: async () => (await kind.check?.(action, place, gate)) ?? ok('') },
    ];
  });
}

/** Those that a source is judged by. */
function voiceCascades({ sources, cascades }: Config): [name: string, VoiceConfig][] {
  const names = new Set(sources.map(({ cascade }) => cascade));
  return Object.entries(cascades).flatMap(([name, cascade]) =>
    cascade.kind === 'voice' && names.has(name) ? [[name, cascade]] : [],
  );
}

/** Loads everything the cascade would, as a start would. */
async function checkVoice(config: VoiceConfig) {
  const { tiny, heavy, endpointer, recogniser, words } = voiceStages(config);
  for (const spec of [tiny, heavy, endpointer]) {
    if (spec !== null) await (await createStage(spec)).dispose();
  }
  if (recogniser !== null) await (await createRecogniser(recogniser)).dispose();
  return ok(`hears ${words.join(', ')}`);
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

async function checkModel(name: string) {
  const model = shippedModel(name);
  const formats = (['onnx', 'tflite'] as const).filter(
    (format) => model.manifest.files[format] !== undefined,
  );
  for (const format of formats) await (await loadEngine(model, format)).dispose();
  return ok(
    `version ${model.manifest.version}, loads as ${formats.join(' and ')} with the shapes of its manifest`,
  );
}

/** Weights of a third party that Catnap carries: there, and the ones meant. */
function carried(read: () => unknown) {
  read();
  return ok('there, as its checksum says');
}

function checkStateFolder(folder: string) {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true });
  accessSync(path, constants.W_OK);
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const detail = `${path}, ${Math.round(free / 1024 / 1024)} MiB free`;
  return free >= MIN_FREE_BYTES
    ? ok(detail)
    : warning(detail, 'free some space: events are evicted when it runs out');
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
