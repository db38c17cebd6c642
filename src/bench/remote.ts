import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { StageSpec } from '../core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../core/cascade/stage.js';
import { mulberry32 } from '../core/random.js';
import { sleep } from '../core/waiting.js';
import { voiceSchema } from '../runtime/config.js';
import { EdgeLine } from '../runtime/edge/edge-line.js';
import { openEdge } from '../runtime/edge/open-edge.js';
import { HeavyLine } from '../runtime/heavy/heavy-line.js';
import { HeavyProcess, type OpenLine } from '../runtime/heavy/heavy-process.js';
import { planCascade } from '../runtime/plan.js';
import { processCpuMs, systemTime, systemTimer } from '../runtime/process/system-clock.js';
import { quantileOrNull } from './statistics.js';

/** What asking elsewhere costs, and what is lost of it when things are killed. */
export interface RemoteFigures {
  /** Of the heavy wake stage, each question asked here and there in turn: medians, and what there is on top. */
  readonly questions: number;
  readonly hereMs: { readonly p50: number | null; readonly p99: number | null };
  readonly remoteMs: { readonly p50: number | null; readonly p99: number | null };
  readonly addedMs: { readonly p50: number | null; readonly p99: number | null };
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
  /** Answers of another question than was asked. */
  readonly wrong: number;
}

const RATE_HZ = 16_000;
/** What verification is shown: 2.5 s. */
const WINDOW_SAMPLES = 40_000;
const HOP_SAMPLES = 512;
const TOPIC = 'catnap-bench';
const never = new AbortController().signal;

/** Runs Mosquitto and workers of its own on loopback. @param cli script that `worker` is a command of */
export async function benchRemote(
  { questions, events, port }: { readonly questions: number; readonly events: number; readonly port: number },
  cli: string,
): Promise<RemoteFigures> {
  const place = new Place(port, cli);
  try {
    await place.start();
    const latency = await latencies(place, questions);
    return { questions, ...latency, kills: await kills(place, events) };
  } finally {
    await place.end();
  }
}

async function latencies(place: Place, questions: number) {
  const config = voiceSchema.parse({ kind: 'voice', heavy: { remote: { waitMs: 30_000, local: false } } });
  const { stages } = await planCascade(config, { source: 'bench', stateDir: null });
  const { heavy } = stages;
  if (heavy === null) throw new Error('the voice cascade has a heavy stage');
  const { remote: _, ...here } = heavy;
  const device = place.device('bench');
  const [local, remote] = [device.stage(here, 'here'), device.stage(heavy, 'remote')];
  await sleep(systemTimer, 3000);
  const times: { hereMs: number; remoteMs: number }[] = [];
  const cpuMs = { here: 0, remote: 0 };
  for (let i = 0; i < questions + 10; i++) {
    const window = noise(i, WINDOW_SAMPLES);
    const own = await timed(local, window);
    const far = await timed(remote, window);
    // The first load models.
    if (i < 10) continue;
    times.push({ hereMs: own.ms, remoteMs: far.ms });
    cpuMs.here += own.cpuMs + (local.remoteCpuMs?.() ?? 0);
    cpuMs.remote += far.cpuMs;
  }
  const of = (values: readonly number[]) => ({
    p50: quantileOrNull(values, 0.5),
    p99: quantileOrNull(values, 0.99),
  });
  return {
    hereMs: of(times.map(({ hereMs }) => hereMs)),
    remoteMs: of(times.map(({ remoteMs }) => remoteMs)),
    addedMs: of(times.map(({ hereMs, remoteMs }) => remoteMs - hereMs)),
    deviceCpuMs: { here: cpuMs.here / questions, remote: cpuMs.remote / questions },
  };
}

async function timed(stage: Stage, window: Window) {
  const startCpuMs = processCpuMs();
  const startMs = systemTime.clock.monotonicMs();
  await stage.decide(window, never);
  const ms = systemTime.clock.monotonicMs() - startMs;
  return { ms, cpuMs: processCpuMs() - startCpuMs };
}

/** Silero VAD answers in a millisecond: what is measured here is the way, not the work. */
async function kills(place: Place, events: number): Promise<KillFigures> {
  const spec = {
    kind: 'silero',
    name: 'silero',
    budgetMs: 5000,
    remote: { waitMs: 10_000, local: true, signal: 'voice' },
  };
  const tally = { answeredRemote: 0, stoodIn: 0, lost: 0, wrong: 0 };
  const ask = async (name: string): Promise<void> => {
    const stage = place.device(name).stage(spec as StageSpec, name);
    for (let i = 0; i < events / 2; i++) {
      const decision = await stage.decide(noise(i, HOP_SAMPLES), never);
      count(decision, tally);
      place.asked += 1;
    }
  };
  const over = { isOver: false };
  const killing = place.kill(events, over);
  await Promise.all([ask('kitchen'), ask('hall')]);
  over.isOver = true;
  const { workersKilled, brokersKilled } = await killing;
  return { questions: place.asked, workersKilled, brokersKilled, ...tally };
}

function count(
  decision: Decision,
  tally: { answeredRemote: number; stoodIn: number; lost: number; wrong: number },
): void {
  if (decision.kind === 'abstain') tally.lost += 1;
  else if (decision.degraded === true) tally.stoodIn += 1;
  else tally.answeredRemote += 1;
  if (decision.stage !== 'silero') tally.wrong += 1;
}

/** The broker, the workers and the devices of a bench. */
class Place {
  asked = 0;
  readonly #workers = new Map<string, ChildProcess>();
  readonly #closing: (() => Promise<void>)[] = [];
  #broker: ChildProcess | null = null;

  constructor(
    private readonly port: number,
    private readonly cli: string,
  ) {}

  async start(): Promise<void> {
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
  }

  async #startBroker(): Promise<void> {
    this.#broker = spawn('mosquitto', ['-p', `${this.port}`], { stdio: 'ignore' });
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
