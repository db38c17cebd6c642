import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cascadeEventSchema } from '../../src/core/events/event-schema.js';
import type { CascadeEvent, CascadeEventType, EventOf } from '../../src/core/events/events.js';
import { temporaryFolder } from './temporary-folder.js';
import { root } from './tools.js';

/** Writes a configuration into a folder of its own, with its state beside it, and returns its path. */
export function writeConfig(yaml: string, stateDir?: string): string {
  const folder = temporaryFolder();
  const path = join(folder, 'catnap.yaml');
  writeFileSync(path, `stateDir: ${stateDir ?? `${folder}/state`}\n${yaml}`);
  return path;
}

const POLL_MS = 50;
/** A loaded machine may take long to start; nothing here measures time. */
const PATIENCE_MS = 100_000;

export interface DaemonOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where state is kept; beside the configuration when left out. */
  readonly stateDir?: string;
  /** What runs Node, as `['prlimit', '--nofile=64']`. */
  readonly under?: readonly string[];
}

/** Catnap as a process, seen from outside: what it prints and how it ends. */
export class Daemon {
  readonly child: ChildProcess;
  /** Events it printed (`--json`). */
  readonly events: CascadeEvent[] = [];
  stderr = '';
  readonly #closed: Promise<unknown>;
  readonly #looks = new Set<() => void>();

  constructor(args: readonly string[], { env, under = [] }: DaemonOptions = {}) {
    const [command = '', ...rest] = [...under, process.execPath, join(root, 'dist/cli.js'), ...args];
    this.child = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#closed = once(this.child, 'close');
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('expected pipes');
    stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.#look();
    });
    createInterface({ input: stdout }).on('line', (line) => {
      this.events.push(cascadeEventSchema.parse(JSON.parse(line)));
      this.#look();
    });
  }

  /** Starts `catnap run` with a configuration. */
  static run(yaml: string, options: DaemonOptions = {}): Daemon {
    return new Daemon(['run', '--json', writeConfig(yaml, options.stateDir)], options);
  }

  /** The first event of a type that fits, printed already or soon. */
  async event<T extends CascadeEventType>(
    type: T,
    fits: (event: EventOf<T>) => boolean = () => true,
    timeoutMs = PATIENCE_MS,
  ): Promise<EventOf<T>> {
    const find = () =>
      this.events.find((event): event is EventOf<T> => event.type === type && fits(event as EventOf<T>));
    await this.until(() => find() !== undefined, `no event ${type}`, timeoutMs);
    return find() as EventOf<T>;
  }

  /** The health transition of a component into a state. */
  health(
    component: string,
    state: EventOf<'health'>['state'],
    timeoutMs = PATIENCE_MS,
  ): Promise<EventOf<'health'>> {
    return this.event('health', (event) => event.component === component && event.state === state, timeoutMs);
  }

  /** Health transitions of a component so far. */
  transitions(component: string): readonly string[] {
    return this.events.flatMap((event) =>
      event.type === 'health' && event.component === component ? [event.state] : [],
    );
  }

  /** Waits for a condition on what was printed or done. */
  async until(condition: () => boolean, complaint: string, timeoutMs = PATIENCE_MS): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const done = (settle: () => void): void => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#looks.delete(look);
        settle();
      };
      const look = (): void => {
        if (condition()) done(resolve);
      };
      const fail = (why: string): void => {
        const seen = this.events
          .map((event) => JSON.stringify(event))
          .slice(-10)
          .join('\n');
        done(() => reject(new Error(`${complaint} ${why}; printed:\n${seen}\n${this.stderr}`)));
      };
      const timer = setTimeout(() => fail(`within ${timeoutMs} ms`), timeoutMs);
      void this.#closed.then(() => {
        look();
        fail('before it ended');
      });
      const poll = setInterval(look, POLL_MS);
      this.#looks.add(look);
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** What Prometheus is told. */
  async metrics(): Promise<string> {
    const url = /dashboard at (http:\S+)/.exec(this.stderr)?.[1];
    return (await fetch(`${url}/metrics`)).text();
  }

  /** Resolves with the exit code, or the signal that ended it. */
  async exit(): Promise<number | NodeJS.Signals | null> {
    await this.#closed;
    return this.child.exitCode ?? this.child.signalCode;
  }

  /** Ends it however it stands. */
  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.#closed;
  }

  #look(): void {
    for (const look of [...this.#looks]) look();
  }
}
