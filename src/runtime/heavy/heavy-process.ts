import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Breaker, type BreakerBounds } from '../../core/breaker.js';
import type { Time } from '../../core/clock.js';
import type { ErrorCode } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import { LAUNCH_ENV, LAUNCH_FLAGS } from '../process/launch-flags.js';
import type {
  HeavyAnswer,
  HeavyReply,
  HeavyRequest,
  HeavyRole,
  LineQuestion,
  LineReply,
  LineRequest,
} from './heavy-protocol.js';
import { HeavyQueue, isShort, type Job } from './heavy-queue.js';
import type { Answer } from './heavy-remote.js';

/** How the process of the heavy stages is run. */
export interface HeavyProcessOptions extends Time {
  /** How long starting and loading may take. */
  readonly wakeMs: number;
  /** Told the id of every process that is started, null when it is gone. */
  readonly onChild?: (pid: number | null) => void;
  /** Script of the child; a test has its own. */
  readonly script?: string;
  /** Starts the child; a process of that script when left out. */
  readonly startChild?: () => HeavyChild;
  readonly breaker?: BreakerBounds;
}

/** What is used of a child process. */
export interface HeavyChild {
  readonly pid?: number | undefined;
  readonly connected: boolean;
  send(request: HeavyRequest, sent: () => void): void;
  on(event: 'message', take: (reply: HeavyReply) => void): void;
  on(event: 'error', take: () => void): void;
  on(event: 'exit', take: (code: number | null, signal: string | null) => void): void;
  kill(signal: 'SIGKILL'): void;
}

/** Who asks: a source's worker. */
export interface HeavyClient {
  readonly source: string;
  /** The process stays awake this long after its last work, if nobody wants it longer. */
  readonly warmMs: number;
  readonly tell: (reply: LineReply) => void;
}

/** Where what a source asks goes. */
export interface OpenLine {
  receive(request: LineRequest): void;
  /** The source is gone; what it asked is dropped. */
  close(): void;
}

/** Five crashes or time-outs in a minute; asked again after half a minute. */
const BREAKER: BreakerBounds = { failures: 5, windowMs: 60_000, halfOpenAfterMs: 30_000 };
/** The build's child, also when this file runs from `src`: a child cannot run TypeScript. */
const SCRIPT = fileURLToPath(new URL('../../../dist/runtime/heavy-child.js', import.meta.url));

interface Line extends HeavyClient {
  /** What it calls what, and the key under which that is hosted. */
  readonly keys: Map<string, string>;
  state: Health['state'];
}

/** Why it cannot be loaded. */
interface Broken {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** One stage or recogniser of the process. */
interface Hosted {
  readonly role: HeavyRole;
  readonly description: unknown;
  state: 'absent' | 'awaited' | 'loaded' | Broken;
}

/** What the child was handed. */
interface Handed {
  readonly job: Job;
  /** Whether somebody still waits for it. */
  isAwaited: boolean;
}

/**
 * The heavy stages' own process, which serves all sources and exists only from a wake or prefetch until it was idle
 * for a while. It does one thing at a time, so that each question has its own deadline, and can be killed at any
 * moment: past a budget the process is ended with the question (SIGKILL, for inference blocks its thread and cannot
 * be interrupted), which abstains as at a crash; what waited behind it is asked of the next process. The next short
 * question lies with it already, so that it need not wait for this thread, which hears the sources.
 */
export class HeavyProcess {
  readonly #options: HeavyProcessOptions;
  readonly #breaker: Breaker;
  readonly #lines = new Map<string, Line>();
  readonly #hosted = new Map<string, Hosted>();
  readonly #queue = new HeavyQueue();
  #child: HeavyChild | null = null;
  /** What it works on, and what it goes on with; its answers come in this order. */
  #handed: readonly Handed[] = [];
  #sent = 0;
  #cancelLimit = (): void => {};
  #cancelSleep = (): void => {};
  #disposed = false;

  constructor(options: HeavyProcessOptions) {
    this.#options = options;
    this.#breaker = new Breaker(options.breaker ?? BREAKER, options.clock);
  }

  /** The child's process id; null while asleep. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Stages and recognisers it holds, or would hold once they are asked. */
  get hostedCount(): number {
    return this.#hosted.size;
  }

  /** Lets a source ask, in place of who asked for it before. */
  open(client: HeavyClient): OpenLine {
    const line: Line = { ...client, keys: new Map(), state: 'ok' };
    this.#drop(client.source);
    this.#lines.set(client.source, line);
    const isOpen = (): boolean => this.#lines.get(line.source) === line;
    return {
      receive: (request) => {
        if (isOpen()) this.#receive(line, request);
      },
      close: () => {
        if (isOpen()) this.#drop(line.source);
        if (this.#lines.size === 0) this.#shed();
      },
    };
  }

  /** Resolves when the process is gone. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
    this.#shed();
    await gone;
  }

  #drop(source: string): void {
    this.#lines.delete(source);
    const isIts = (job: Job): boolean => job.kind === 'ask' && job.source === source;
    this.#queue.remove(isIts);
    // Whoever opens a line of this source next numbers its questions alike.
    for (const handed of this.#handed) if (isIts(handed.job)) handed.isAwaited = false;
  }

  #receive(line: Line, request: LineRequest): void {
    switch (request.kind) {
      case 'load':
        this.#host(line, request);
        if (this.#wake() !== null) this.#want(line, request.as);
        break;
      case 'ask':
      case 'ask-end':
        this.#ask(line, request);
        break;
      case 'abandon':
        this.#abandon(line, request.id);
        break;
      case 'shed':
        this.#shed();
        return;
      default:
        request satisfies never;
    }
    this.#work();
  }

  #host(line: Line, { name, as, role, description }: Extract<LineRequest, { kind: 'load' }>): void {
    const key = JSON.stringify([name, role === 'stream' ? line.source : null, description]);
    const before = line.keys.get(as);
    line.keys.set(as, key);
    if (before !== undefined && before !== key) this.#forget(before);
    if (!this.#hosted.has(key)) this.#hosted.set(key, { role, description, state: 'absent' });
  }

  /** What nobody asks any more, for it was described anew. A child that holds it does so until it sleeps. */
  #forget(key: string): void {
    const isUsed = [...this.#lines.values()].some(({ keys }) => [...keys.values()].includes(key));
    if (isUsed) return;
    this.#hosted.delete(key);
    this.#queue.remove((job) => job.kind === 'load' && job.key === key);
  }

  #want(line: Line, as: string): void {
    const key = line.keys.get(as) ?? '';
    const hosted = this.#hosted.get(key);
    if (hosted === undefined) return;
    if (hosted.state === 'loaded') line.tell({ kind: 'loaded', as });
    if (isBroken(hosted.state)) line.tell({ kind: 'unloadable', as, ...hosted.state });
    if (hosted.state !== 'absent') return;
    hosted.state = 'awaited';
    this.#queue.add({ kind: 'load', source: line.source, key });
  }

  #ask(line: Line, { as, budgetMs, ...question }: LineQuestion): void {
    const { id, name } = question;
    const key = line.keys.get(as) ?? '';
    const hosted = this.#hosted.get(key);
    const child = this.#wake();
    if (child === null || hosted === undefined) {
      answer(line, id, name, 'STAGE_UNAVAILABLE');
      return;
    }
    if (isBroken(hosted.state)) {
      answer(line, id, name, hosted.state.code);
      return;
    }
    this.#want(line, as);
    const { source } = line;
    this.#queue.add({ kind: 'ask', source, key, role: hosted.role, question, budgetMs });
  }

  #abandon(line: Line, id: number): void {
    const isIt = (job: Job): boolean =>
      job.kind === 'ask' && job.source === line.source && job.question.id === id;
    this.#refuse(this.#queue.remove(isIt), 'STAGE_TIMEOUT');
    const [running, ahead] = this.#handed;
    if (running?.isAwaited && isIt(running.job)) this.#tooLong();
    if (!ahead?.isAwaited || !isIt(ahead.job)) return;
    ahead.isAwaited = false;
    this.#refuse([ahead.job], 'STAGE_TIMEOUT');
  }

  /** Hands the child its next job, and a short one to go on with, or lets it sleep after a while. */
  #work(): void {
    const child = this.#child;
    if (child === null) return;
    if (this.#handed.length === 0) {
      const job = this.#queue.next((each) => this.#isPossible(each));
      if (job === null) {
        this.#sleepLater();
        return;
      }
      this.#cancelSleep();
      this.#hand(child, job);
      this.#begin(job);
    }
    if (this.#handed.length > 1) return;
    const ahead = this.#queue.next((each) => isShort(each) && this.#isPossible(each));
    if (ahead !== null) this.#hand(child, ahead);
  }

  #isPossible({ kind, key }: Job): boolean {
    return kind === 'load' || this.#hosted.get(key)?.state === 'loaded';
  }

  /** The child works on a job from now on. */
  #begin(job: Job): void {
    const { wakeMs, timer } = this.#options;
    const budgetMs = job.kind === 'ask' ? job.budgetMs : wakeMs;
    this.#cancelLimit = timer(budgetMs, () => this.#tooLong());
  }

  #hand(child: HeavyChild, job: Job): void {
    this.#handed = [...this.#handed, { job, isAwaited: true }];
    const { key } = job;
    if (job.kind === 'load') {
      send(child, { kind: 'load', name: key, description: this.#hosted.get(key)?.description });
      return;
    }
    this.#sent += 1;
    send(child, { ...job.question, id: this.#sent, name: key });
  }

  #tooLong(): void {
    const [running] = this.#handed;
    const name = running === undefined ? 'it' : nameOf(running.job);
    this.#fail('STAGE_TIMEOUT', `${name} took longer than its budget`);
    this.#goOn();
  }

  /** The running child, a new one, or null where the breaker forbids one. */
  #wake(): HeavyChild | null {
    if (this.#child !== null) return this.#child;
    if (this.#disposed || !this.#breaker.allows()) return null;
    const { script, startChild = () => forkHeavy(script) } = this.#options;
    const child: HeavyChild = startChild();
    this.#child = child;
    this.#options.onChild?.(child.pid ?? null);
    child.on('message', (reply) => {
      if (this.#child === child) this.#onReply(reply);
    });
    child.on('error', () => this.#child === child && this.#crashed('could not be started'));
    child.on('exit', (code, signal) => {
      if (this.#child === child) this.#crashed(`ended with ${signal ?? `exit code ${code}`}`);
    });
    return child;
  }

  #onReply(reply: HeavyReply): void {
    const [answered, ahead] = this.#handed;
    this.#cancelLimit();
    this.#handed = ahead === undefined ? [] : [ahead];
    if (ahead !== undefined) this.#begin(ahead.job);
    switch (reply.kind) {
      case 'loaded':
        this.#become(reply.name, 'loaded');
        this.#eachUser(reply.name, (line, as) => line.tell({ kind: 'loaded', as }));
        break;
      case 'unloadable': {
        const { name: key, code, detail } = reply;
        this.#become(key, { code, detail });
        this.#eachUser(key, (line, as) => line.tell({ kind: 'unloadable', as, code, detail }));
        this.#refuse(
          this.#queue.remove((waiting) => waiting.key === key),
          code,
        );
        break;
      }
      case 'answer':
      case 'word-end':
        this.#breaker.succeeded();
        for (const line of this.#lines.values())
          tellHealth(line, { state: 'ok', code: 'OK', detail: 'answers' });
        if (answered !== undefined) this.#tell(answered, reply);
        break;
      default:
        reply satisfies never;
    }
    this.#work();
  }

  #tell({ job, isAwaited }: Handed, answer: HeavyAnswer): void {
    if (job.kind === 'ask' && isAwaited)
      this.#lines.get(job.source)?.tell({ ...answer, id: job.question.id });
  }

  #become(key: string, state: Hosted['state']): void {
    const hosted = this.#hosted.get(key);
    if (hosted !== undefined) hosted.state = state;
  }

  #eachUser(key: string, tell: (line: Line, as: string) => void): void {
    for (const line of this.#lines.values()) {
      for (const [as, its] of line.keys) if (its === key) tell(line, as);
    }
  }

  #crashed(how: string): void {
    this.#fail('STAGE_CRASHED', `the heavy process ${how}`);
    // Awake again for the next question, unless that is what brings it down.
    if (!this.#breaker.isOpen) this.#wake();
    this.#goOn();
  }

  #fail(code: ErrorCode, detail: string): void {
    this.#breaker.failed();
    const health: Health = this.#breaker.isOpen
      ? { state: 'down', code: 'STAGE_UNAVAILABLE', detail: `${detail}; too many failures` }
      : { state: 'degraded', code, detail };
    for (const line of this.#lines.values()) tellHealth(line, health);
    this.#end(code);
  }

  /** Asks the next process what waited behind the job that brought this one down. */
  #goOn(): void {
    if (this.#queue.jobs.length > 0 && this.#wake() === null) {
      this.#refuse(
        this.#queue.remove(() => true),
        'STAGE_UNAVAILABLE',
      );
    }
    for (const { source, key } of this.#queue.jobs) {
      const line = this.#lines.get(source);
      for (const [as, its] of line?.keys ?? []) if (line !== undefined && its === key) this.#want(line, as);
    }
    this.#work();
  }

  #shed(): void {
    this.#breaker.abandoned();
    this.#end('STAGE_UNAVAILABLE');
    this.#refuse(
      this.#queue.remove(() => true),
      'STAGE_UNAVAILABLE',
    );
  }

  /** Ends the child, if any; what it worked on abstains. */
  #end(code: ErrorCode): void {
    const [child, [running, ahead]] = [this.#child, this.#handed];
    this.#child = null;
    this.#handed = [];
    this.#cancelLimit();
    this.#cancelSleep();
    for (const hosted of this.#hosted.values()) hosted.state = 'absent';
    this.#queue.remove(({ kind }) => kind === 'load');
    if (child !== null) {
      child.kill('SIGKILL');
      this.#options.onChild?.(null);
    }
    for (const line of this.#lines.values()) line.tell({ kind: 'asleep' });
    if (ahead?.isAwaited) this.#queue.add(ahead.job);
    if (!running?.isAwaited) return;
    const { job } = running;
    // Whoever waited for what could not be loaded fails with it.
    const failed = job.kind === 'ask' ? [job] : this.#queue.remove(({ key }) => key === job.key);
    this.#refuse(failed, code);
  }

  #refuse(jobs: readonly Job[], code: ErrorCode): void {
    for (const job of jobs) {
      const line = this.#lines.get(job.source);
      if (job.kind === 'ask' && line !== undefined) answer(line, job.question.id, nameOf(job), code);
    }
  }

  #sleepLater(): void {
    this.#cancelSleep();
    const warmMs = Math.max(0, ...[...this.#lines.values()].map((line) => line.warmMs));
    this.#cancelSleep = this.#options.timer(warmMs, () => this.#shed());
  }
}

/** Starts such a process, as `run` does. */
export function forkHeavy(script = SCRIPT): ChildProcess {
  return fork(script, [], {
    serialization: 'advanced',
    // In a group of its own: Ctrl-C in a terminal is the main thread's to answer.
    detached: true,
    execArgv: [...LAUNCH_FLAGS],
    env: { ...LAUNCH_ENV, ...process.env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** Its loss shows as the child's exit; a failed send needs no second handling. */
function send(child: HeavyChild, request: HeavyRequest): void {
  if (child.connected) child.send(request, () => {});
}

function isBroken(state: Hosted['state']): state is Broken {
  return typeof state === 'object';
}

function nameOf({ key }: Job): string {
  return (JSON.parse(key) as [string])[0];
}

function answer(line: Line, id: number, stage: string, code: ErrorCode): void {
  const abstention: Answer = { kind: 'abstain', stage, code };
  line.tell({ kind: 'answer', id, answer: abstention, cpuMs: 0, memoryMb: null });
}

function tellHealth(line: Line, health: Health): void {
  if (line.state === health.state) return;
  line.state = health.state;
  line.tell({ kind: 'health', health });
}
