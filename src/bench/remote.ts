import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageSpec } from '../core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../core/cascade/stage.js';
import { mulberry32 } from '../core/random.js';
import { sleep } from '../core/waiting.js';
import type * as z from '../core/zod.js';
import { voiceSchema } from '../runtime/config.js';
import { EdgeLine } from '../runtime/edge/edge-line.js';
import { openEdge } from '../runtime/edge/open-edge.js';
import { HeavyLine } from '../runtime/heavy/heavy-line.js';
import { HeavyProcess, type OpenLine } from '../runtime/heavy/heavy-process.js';
import { voicePlan } from '../runtime/plan.js';
import { processCpuMs, systemTime, systemTimer } from '../runtime/process/system-clock.js';
import { version } from '../runtime/process/version.js';
import { createStage } from '../runtime/stages.js';
import { quantileOrNull } from './statistics.js';

interface Quantiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** What asking elsewhere costs, and what is lost of it when things are killed. */
export interface RemoteFigures {
  /** Of the heavy wake stage, each question asked here and there in turn: medians, and what there is on top. */
  readonly questions: number;
  readonly hereMs: Quantiles;
  readonly remoteMs: Quantiles;
  readonly addedMs: Quantiles;
  /** CPU that a question takes on the device, in milliseconds. */
  readonly deviceCpuMs: { readonly here: number; readonly remote: number };
  readonly kills: KillFigures;
}

/** Questions of two devices to two workers, of which one is killed now and then, as is the broker. */
export interface KillFigures {
  readonly questions: number;
  readonly workersKilled: number;
  readonly brokersKilled: number;
  /** By a worker; by this device in its stead; by nobody. */
  readonly answeredRemote: number;
  readonly stoodIn: number;
  readonly lost: number;
  /** Answers other than what the stage says of the same samples here. */
  readonly wrong: number;
  /** Of all questions, also of those that waited because a worker or the broker was killed. */
  readonly answerMs: Quantiles;
}

const UNHURRIED_MS = 60_000;
const RATE_HZ = 16_000;
/** What verification is shown: 2.5 s. */
const WINDOW_SAMPLES = 40_000;
const HOP_SAMPLES = 512;
const TOPIC = 'catnap-bench';
const never = new AbortController().signal;

/**
 * Runs Mosquitto and workers of its own on loopback.
 * @param cli script that `worker` is a command of
 * @param onQuestion called after each, of both parts
 */
export async function benchRemote(
  { questions, events, port }: { readonly questions: number; readonly events: number; readonly port: number },
  cli: string,
  onQuestion: () => void,
): Promise<RemoteFigures> {
  const place = new Place(port, cli);
  try {
    await place.start();
    const latency = await latencies(place, questions, onQuestion);
    return { questions, ...latency, kills: await kills(place, events, onQuestion) };
  } finally {
    await place.end();
  }
}

async function latencies(place: Place, questions: number, onQuestion: () => void) {
  const { heavy } = await plannedOf({ heavy: { remote: { waitMs: 30_000, local: false } } });
  if (heavy === null) throw new Error('the voice cascade has a heavy stage');
  // On a busy machine a stage past its budget would be ended, and loading again be what is measured.
  const unhurried = { ...heavy, budgetMs: UNHURRIED_MS };
  const { remote: _, ...here } = unhurried;
  const device = place.device('bench');
  const [local, remote] = [device.stage(here, 'here'), device.stage(unhurried, 'remote')];
  await sleep(systemTimer, 3000);
  const times: { hereMs: number; remoteMs: number }[] = [];
  const cpuMs = { here: 0, remote: 0 };
  for (let i = 0; i < questions + 10; i++) {
    const window = noise(i, WINDOW_SAMPLES);
    const own = await timed(local, window);
    const far = await timed(remote, window);
    // The first load models.
    if (i < 10) continue;
    onQuestion();
    times.push({ hereMs: own.ms, remoteMs: far.ms });
    cpuMs.here += own.cpuMs + (local.remoteCpuMs?.() ?? 0);
    cpuMs.remote += far.cpuMs;
  }
  return {
    hereMs: quantilesOf(times.map(({ hereMs }) => hereMs)),
    remoteMs: quantilesOf(times.map(({ remoteMs }) => remoteMs)),
    addedMs: quantilesOf(times.map(({ hereMs, remoteMs }) => remoteMs - hereMs)),
    deviceCpuMs: { here: cpuMs.here / questions, remote: cpuMs.remote / questions },
  };
}

/** The stages of the standard voice cascade with some settings of its own. */
function plannedOf(settings: Partial<z.input<typeof voiceSchema>>) {
  return voicePlan(voiceSchema.parse({ kind: 'voice', ...settings }));
}

async function timed(stage: Stage, window: Window) {
  const startCpuMs = processCpuMs();
  const startMs = systemTime.clock.monotonicMs();
  const decision = await stage.decide(window, never);
  const ms = systemTime.clock.monotonicMs() - startMs;
  return { decision, ms, cpuMs: processCpuMs() - startCpuMs };
}

/** Silero VAD answers in a millisecond: what is measured here is the way, not the work. */
async function kills(place: Place, events: number, onEvent: () => void): Promise<KillFigures> {
  const { endpointer } = await plannedOf({ utterance: { remote: { waitMs: 10_000 } } });
  if (endpointer === null) throw new Error('the voice cascade has an end-pointer');
  const spec = { ...endpointer, budgetMs: UNHURRIED_MS };
  const tally = { answeredRemote: 0, stoodIn: 0, lost: 0, wrong: 0 };
  const ms: number[] = [];
  const ask = async (name: string, first: number): Promise<void> => {
    const stage = place.device(name).stage(spec, name);
    const right = await createStage(spec);
    for (let i = first; i < events; i += 2) {
      const window = noise(i, HOP_SAMPLES);
      const { decision, ms: tookMs } = await timed(stage, window);
      count(decision, await right.decide(window, never), tally);
      ms.push(tookMs);
      place.asked += 1;
      onEvent();
    }
    await right.dispose?.();
  };
  const over = { isOver: false };
  const killing = place.kill(events, over);
  await Promise.all([ask('kitchen', 0), ask('hall', 1)]);
  over.isOver = true;
  const killed = await killing;
  return { questions: place.asked, ...killed, ...tally, answerMs: quantilesOf(ms) };
}

function count(
  decision: Decision,
  right: Decision,
  tally: { answeredRemote: number; stoodIn: number; lost: number; wrong: number },
): void {
  if (decision.kind === 'abstain') {
    tally.lost += 1;
    return;
  }
  if (decision.degraded === true) tally.stoodIn += 1;
  else tally.answeredRemote += 1;
  if (right.kind === 'abstain' || decision.score !== right.score) tally.wrong += 1;
}

function quantilesOf(values: readonly number[]): Quantiles {
  return { p50: quantileOrNull(values, 0.5), p99: quantileOrNull(values, 0.99) };
}

/** The broker, the workers and the devices of a bench. */
class Place {
  asked = 0;
  readonly #workers = new Map<string, ChildProcess>();
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'catnap-bench-'));
  readonly #conf = join(this.#folder, 'mosquitto.conf');
  #broker: ChildProcess | null = null;

  constructor(
    private readonly port: number,
    private readonly cli: string,
  ) {}

  /** Without `set_tcp_nodelay` a question waits some 40 ms for the acknowledgement of the answer before it. */
  async start(): Promise<void> {
    const lines = [`listener ${this.port} 127.0.0.1`, 'allow_anonymous true', 'set_tcp_nodelay true', ''];
    writeFileSync(this.#conf, lines.join('\n'));
    await this.#startBroker();
    for (const name of ['first', 'second']) this.#startWorker(name);
    await sleep(systemTimer, 4000);
  }

  /** A worker ten times, the broker four times, evenly over the questions. */
  async kill(events: number, over: { isOver: boolean }) {
    const done = { workersKilled: 0, brokersKilled: 0 };
    for (let turn = 1; turn <= 14 && !over.isOver; turn++) {
      while (this.asked < (turn * events) / 16 && !over.isOver) await sleep(systemTimer, 20);
      if (turn % 4 === 0) {
        await gone(this.#broker);
        await this.#startBroker();
        done.brokersKilled += 1;
        continue;
      }
      const name = turn % 2 === 0 ? 'first' : 'second';
      await gone(this.#workers.get(name) ?? null);
      this.#startWorker(name);
      done.workersKilled += 1;
    }
    return done;
  }

  device(device: string): { stage(spec: StageSpec, name: string): Stage } {
    const heavy = new HeavyProcess({ ...systemTime, wakeMs: 60_000 });
    const login = { username: null, password: null, caFile: null, certFile: null, keyFile: null };
    const rule = {
      name: 'bench',
      kinds: ['voice'],
      sources: ['*'],
      labels: ['*'],
      allow: [],
      edge: true,
    } as const;
    const way = openEdge(
      {
        device,
        version,
        topic: TOPIC,
        broker: { url: `mqtt://127.0.0.1:${this.port}`, ...login, connectMs: 5000, folder: '.', protocol: 5 },
        egress: { rules: [{ ...rule, atLimit: 'hold' }], redact: { names: [], patterns: [] } },
      },
      () => {},
    );
    let opened: OpenLine | null = null;
    const line = new HeavyLine({
      send: (request) => opened?.receive(request),
      wakeMs: 60_000,
      waitMs: 0,
      onHealth: () => {},
    });
    const client = { source: 'mic', warmMs: 600_000, tell: line.receive.bind(line) };
    opened = new EdgeLine(client, heavy, way);
    this.#closing.push(async () => {
      await way.asker.close();
      await heavy.dispose();
    });
    return {
      stage: (spec, name) => {
        const stage = line.stage(name, spec.budgetMs, { kind: 'stage', spec });
        stage.prepare?.();
        return stage;
      },
    };
  }

  async end(): Promise<void> {
    for (const close of this.#closing) await close();
    for (const worker of this.#workers.values()) await gone(worker);
    await gone(this.#broker);
    rmSync(this.#folder, { recursive: true });
  }

  async #startBroker(): Promise<void> {
    this.#broker = spawn('mosquitto', ['-c', this.#conf], { stdio: 'ignore' });
    for (;;) {
      const socket = connect(this.port, '127.0.0.1');
      const isUp = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'close').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      if (isUp) return;
      await sleep(systemTimer, 50);
    }
  }

  #startWorker(name: string): void {
    const args = ['worker', '--broker', `mqtt://127.0.0.1:${this.port}`, '--name', name, '--topic', TOPIC];
    this.#workers.set(name, spawn(process.execPath, [this.cli, ...args], { stdio: 'ignore' }));
  }
}

async function gone(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Noise that a seed makes, in steps of 16 bits as a microphone's. */
function noise(seed: number, samples: number): Window {
  const random = mulberry32(seed);
  const data = Float32Array.from({ length: samples }, () => Math.floor(random() * 4096 - 2048) / 32_768);
  const about = { detection: `mic/d${seed}`, label: 'alexa' };
  const noticed = new Map([['alexa', 0.5]]);
  return { source: 'mic', startSample: 0, rateHz: RATE_HZ, channels: 1, data, noticed, about };
}
