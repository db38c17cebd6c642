import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Breaker, type BreakerBounds } from '../../core/breaker.js';
import type { Abstention, Recogniser, Stage, Window } from '../../core/cascade/stage.js';
import type { Clock } from '../../core/clock.js';
import type { ErrorCode } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type { HeavyReply, HeavyRequest } from './heavy-protocol.js';
import { type Answer, type HeavyLink, RemoteRecogniser, RemoteStage, RemoteStream } from './heavy-remote.js';

export interface HeavyProcessOptions {
  /** Sleeps after this long without work. */
  readonly warmMs: number;
  /** Added to the budget of a question that finds the process asleep: starting and loading. */
  readonly wakeMs: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly onHealth: (health: Health) => void;
  /** Told the id of every process that is started, null when it is gone. */
  readonly onChild?: (pid: number | null) => void;
  /** Script of the child; a test has its own. */
  readonly script?: string;
  readonly breaker?: BreakerBounds;
}

/** Five crashes or time-outs in a minute; asked again after half a minute. */
const BREAKER: BreakerBounds = { failures: 5, windowMs: 60_000, halfOpenAfterMs: 30_000 };
/** The build's child, also when this file runs from `src`: a child cannot run TypeScript. */
const SCRIPT = fileURLToPath(new URL('../../../dist/runtime/heavy-child.js', import.meta.url));

interface Question {
  readonly name: string;
  readonly settle: (answer: Answer, cpuMs: number) => void;
}

/**
 * The heavy stages' own process, which exists only from a wake or prefetch until it was idle for a while. It can
 * be killed at any moment: a question past its budget is abandoned with the process (SIGKILL, for inference
 * blocks its thread and cannot be interrupted), and a crash is an abstention.
 */
export class HeavyProcess {
  readonly #options: HeavyProcessOptions;
  readonly #breaker: Breaker;
  readonly #questions = new Map<number, Question>();
  readonly #loaded = new Set<string>();
  readonly #unloadable = new Map<string, ErrorCode>();
  readonly #descriptions = new Map<string, unknown>();
  #child: ChildProcess | null = null;
  #sleep: NodeJS.Timeout | null = null;
  #asked = 0;
  #state: Health['state'] = 'ok';
  #disposed = false;

  constructor(options: HeavyProcessOptions) {
    this.#options = options;
    this.#breaker = new Breaker(options.breaker ?? BREAKER, options.clock);
  }

  /** The child's process id; null while asleep. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * A stage that lives in the process; the child's factory understands the serialisable `description`.
   * `budgetMs` holds once it is awake.
   */
  stage(name: string, budgetMs: number, description: unknown): Stage {
    return new RemoteStage(this.#link(name, budgetMs, description));
  }

  /** A streaming stage that lives in the process; see {@link RemoteStream}. */
  stream(name: string, budgetMs: number, description: unknown): Stage {
    return new RemoteStream(this.#link(name, budgetMs, description));
  }

  /** A recogniser that lives in the process, as {@link stage}. */
  recogniser(name: string, budgetMs: number, description: unknown): Recogniser {
    return new RemoteRecogniser(this.#link(name, budgetMs, description));
  }

  /** Ends the process now to give its memory back; it wakes again when it is asked. */
  shed(): void {
    this.#breaker.abandoned();
    this.#end('STAGE_UNAVAILABLE');
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    this.#end('STAGE_UNAVAILABLE');
    await gone;
  }

  #link(name: string, ownBudgetMs: number, description: unknown): HeavyLink {
    this.#descriptions.set(name, description);
    return {
      name,
      ownBudgetMs,
      wakeMs: () => (this.#loaded.has(name) ? 0 : this.#options.wakeMs),
      prepare: () => this.#load(name),
      ask: (window, fresh, signal, onCpu) => this.#ask({ name, window, fresh }, signal, onCpu),
    };
  }

  #ask(
    question: { readonly name: string; readonly window: Window; readonly fresh: boolean },
    signal: AbortSignal,
    onCpu: (cpuMs: number) => void,
  ): Promise<Answer> {
    const { name } = question;
    const broken = this.#unloadable.get(name);
    if (this.#child !== null && broken !== undefined) return Promise.resolve(abstain(name, broken));
    const child = this.#wake();
    if (child === null) return Promise.resolve(abstain(name, 'STAGE_UNAVAILABLE'));
    this.#stayAwake(null);
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      const onAbort = (): void => this.#fail('STAGE_TIMEOUT', `${name} was asked for longer than its budget`);
      const settle = (answer: Answer, cpuMs: number): void => {
        signal.removeEventListener('abort', onAbort);
        this.#questions.delete(id);
        if (this.#questions.size === 0) this.#stayAwake(this.#options.warmMs);
        onCpu(cpuMs);
        resolve(answer);
      };
      this.#questions.set(id, { name, settle });
      signal.addEventListener('abort', onAbort, { once: true });
      this.#sendLoad(child, name);
      send(child, { kind: 'ask', id, ...question });
    });
  }

  #load(name: string): void {
    const child = this.#wake();
    if (child === null) return;
    this.#sendLoad(child, name);
    if (this.#questions.size === 0) this.#stayAwake(this.#options.warmMs + this.#options.wakeMs);
  }

  #sendLoad(child: ChildProcess, name: string): void {
    if (this.#loaded.has(name)) return;
    send(child, { kind: 'load', name, description: this.#descriptions.get(name) });
  }

  /** The running child, a new one, or null where the breaker forbids one. */
  #wake(): ChildProcess | null {
    if (this.#child !== null) return this.#child;
    if (this.#disposed || !this.#breaker.allows()) return null;
    const child = fork(this.#options.script ?? SCRIPT, [], {
      serialization: 'advanced',
      // In a group of its own: Ctrl-C in a terminal is the worker's to answer.
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#options.onChild?.(child.pid ?? null);
    child.on('message', (reply: HeavyReply) => this.#child === child && this.#onReply(reply));
    child.on('error', () => this.#child === child && this.#crashed('could not be started'));
    child.on('exit', (code, signal) => {
      if (this.#child === child) this.#crashed(`ended with ${signal ?? `exit code ${code}`}`);
    });
    return child;
  }

  #onReply(reply: HeavyReply): void {
    switch (reply.kind) {
      case 'loaded':
        this.#loaded.add(reply.name);
        if (this.#questions.size === 0) this.#stayAwake(this.#options.warmMs);
        return;
      case 'unloadable':
        this.#unloadable.set(reply.name, reply.code);
        this.#become('degraded', reply.code, reply.detail);
        for (const question of [...this.#questions.values()]) {
          if (question.name === reply.name) question.settle(abstain(reply.name, reply.code), 0);
        }
        return;
      case 'answer':
        this.#breaker.succeeded();
        if (this.#unloadable.size === 0) this.#become('ok', 'OK', 'answers');
        this.#questions.get(reply.id)?.settle(reply.answer, reply.cpuMs);
        return;
      default:
        reply satisfies never;
    }
  }

  #crashed(how: string): void {
    this.#fail('STAGE_CRASHED', `the heavy process ${how}`);
    // Awake again for the next question, unless that is what brings it down.
    if (!this.#breaker.isOpen && this.#wake() !== null) this.#stayAwake(this.#options.warmMs);
  }

  #fail(code: ErrorCode, detail: string): void {
    this.#breaker.failed();
    if (this.#breaker.isOpen) this.#become('down', 'STAGE_UNAVAILABLE', `${detail}; too many failures`);
    else this.#become('degraded', code, detail);
    this.#end(code);
  }

  /** Ends the child, if any, and answers every open question with an abstention. */
  #end(code: ErrorCode): void {
    const child = this.#child;
    this.#child = null;
    this.#stayAwake(null);
    this.#loaded.clear();
    this.#unloadable.clear();
    if (child !== null) {
      child.kill('SIGKILL');
      this.#options.onChild?.(null);
    }
    for (const { name, settle } of [...this.#questions.values()]) settle(abstain(name, code), 0);
    this.#stayAwake(null);
  }

  /** Lets the child sleep after `ms`; null keeps it awake. */
  #stayAwake(ms: number | null): void {
    if (this.#sleep !== null) clearTimeout(this.#sleep);
    this.#sleep = ms === null ? null : setTimeout(() => this.shed(), ms);
  }

  #become(state: Health['state'], code: Health['code'], detail: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onHealth({ state, code, detail });
  }
}

/** Its loss shows as the child's exit; a failed send needs no second handling. */
function send(child: ChildProcess, request: HeavyRequest): void {
  if (child.connected) child.send(request, () => {});
}

function abstain(stage: string, code: ErrorCode): Abstention {
  return { kind: 'abstain', stage, code };
}
