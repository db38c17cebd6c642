import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RemoteTerms } from '../../src/core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../../src/core/cascade/stage.js';
import type { News } from '../../src/core/events/health.js';
import { EdgeHouse } from '../../src/edge/house.js';
import { edgeTopics } from '../../src/edge/topics.js';
import { createBroker } from '../../src/egress/broker.js';
import { createWayOut, type Passed } from '../../src/egress/way-out.js';
import { planModule } from '../../src/own/own-stage.js';
import { EdgeLine } from '../../src/runtime/edge/edge-line.js';
import { openEdge } from '../../src/runtime/edge/open-edge.js';
import type { EdgeReport } from '../../src/runtime/heavy/heavy-host.js';
import { HeavyLine } from '../../src/runtime/heavy/heavy-line.js';
import { HeavyProcess, type OpenLine } from '../../src/runtime/heavy/heavy-process.js';
import { systemClock, systemTime } from '../../src/runtime/process/system-clock.js';
import { version as catnapVersion } from '../../src/runtime/process/version.js';
import type { EgressRule } from '../../src/uplink/egress.js';
import { root } from './tools.js';

export const TOYS = join(root, 'test/support/toys');

/** `catnap worker` as a process. */
export class Worker {
  readonly child: ChildProcess;
  said = '';

  constructor(port: number, name: string, more: readonly string[] = []) {
    const args = [
      'worker',
      '--broker',
      `mqtt://127.0.0.1:${port}`,
      '--name',
      name,
      '--models',
      TOYS,
      ...more,
    ];
    this.child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr?.on('data', (data) => {
      this.said += String(data);
    });
  }

  async serves(): Promise<void> {
    while (!this.said.includes('serves at')) await once(this.child.stderr as NodeJS.ReadableStream, 'data');
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await once(this.child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }
}

/** What of a device asks workers: a source's line, the process of its own, and the way to the broker. */
export class Asking {
  readonly passed: Passed[] = [];
  readonly health: News[] = [];
  readonly heavy = new HeavyProcess({ ...systemTime, wakeMs: 60_000 });
  readonly #way: ReturnType<typeof openEdge>;
  readonly #line: OpenLine;
  readonly line: HeavyLine;

  constructor(
    port: number,
    device: string,
    rules: readonly Partial<EgressRule>[] = [{ edge: true }],
    version: string = catnapVersion,
  ) {
    const rule = {
      name: 'house',
      kinds: ['voice', 'sensor'],
      sources: ['*'],
      labels: ['*'],
      allow: [],
      edge: false,
    };
    this.#way = openEdge(
      {
        device,
        version,
        topic: 'catnap-edge',
        broker: brokerAt(port),
        egress: {
          rules: rules.map((more) => ({ ...rule, atLimit: 'hold', ...more }) as EgressRule),
          redact: { names: [], patterns: [] },
        },
      },
      (told) => this.#take(told),
    );
    let opened: OpenLine | null = null;
    this.line = new HeavyLine({
      send: (request) => opened?.receive(request),
      wakeMs: 60_000,
      waitMs: 0,
      onHealth: () => {},
    });
    opened = new EdgeLine(
      { source: 'mic', warmMs: 60_000, tell: (reply) => this.line.receive(reply) },
      this.heavy,
      this.#way,
    );
    this.#line = opened;
  }

  /** A toy, which takes `workMs` where it can be told to, asked by these terms. */
  async stage(workMs: number, terms: Partial<RemoteTerms> = {}, toy = 'toy-slow-heavy.mjs'): Promise<Stage> {
    const remote: RemoteTerms = { waitMs: 10_000, local: true, signal: 'voice', ...terms };
    const settings = { kind: 'module', path: join(TOYS, toy), options: { workMs } } as const;
    const place = { budgetMs: 5000, words: null, thresholds: null, statePath: null };
    const { spec } = await planModule(settings, 'stage', place);
    return this.line.stage(spec.name, spec.budgetMs, { kind: 'stage', spec: { ...spec, remote } });
  }

  #take(told: EdgeReport): void {
    if (told.kind === 'passed') this.passed.push(told.passed);
    if (told.kind === 'edge-health') this.health.push(told.health);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line.close();
    await this.#way.asker.close();
    await this.heavy.dispose();
  }
}

export function brokerAt(port: number) {
  const login = { username: null, password: null, caFile: null, certFile: null, keyFile: null };
  return { url: `mqtt://127.0.0.1:${port}`, ...login, connectMs: 5000, folder: '.', protocol: 5 } as const;
}

/** A window that begins with a sample of this value, a multiple of 1 / 32,768. */
export function windowOf(value: number, label = 'alexa'): Window {
  const data = new Float32Array(1600).fill(value);
  const about = { detection: `mic/d${Math.round(value * 32_768)}`, label };
  return {
    source: 'mic',
    startSample: 0,
    rateHz: 16_000,
    channels: 1,
    data,
    noticed: new Map([[label, 0.75]]),
    about,
  };
}

export function scoreOf(decision: Decision): number | string {
  return decision.kind === 'abstain' ? decision.code : decision.score;
}

/** A device's line to the others of its house, connected. */
export function houseAt(port: number, device: string): EdgeHouse {
  const house = closedHouseAt(port, device);
  house.open([]);
  return house;
}

/** The same, before it connects. */
export function closedHouseAt(port: number, device: string): EdgeHouse {
  const wayOut = createWayOut(false);
  return new EdgeHouse({
    ...systemTime,
    clock: systemClock,
    broker: createBroker(brokerAt(port), wayOut, systemTime.timer),
    wayOut,
    topics: edgeTopics('catnap-edge'),
    device,
    company: 'house',
    mayTell: () => ({ rule: 'house', mayPass: true }),
    onPassed: () => {},
    onHealth: () => {},
  });
}
