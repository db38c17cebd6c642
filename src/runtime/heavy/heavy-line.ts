import type { Abstention, Recogniser, Stage } from '../../core/cascade/stage.js';
import type { ErrorCode } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type { HeavyRole, LineReply, LineRequest } from './heavy-protocol.js';
import {
  type Answer,
  type HeavyHandle,
  type RemoteCost,
  RemoteRecogniser,
  RemoteStage,
  RemoteStream,
} from './heavy-remote.js';

/** A source's line to the heavy process. */
export interface HeavyLineOptions {
  readonly send: (request: LineRequest) => void;
  /** Added to the budget of a question that finds its stage not loaded: starting and loading. */
  readonly wakeMs: number;
  /** Added to every budget: what other sources asked before may have to be done first. */
  readonly waitMs: number;
  readonly onHealth: (health: Health) => void;
}

/** A stream that is late abstains and is let be; one that works on a single hop for this long hangs. */
const STREAM_LIMIT_MS = 5000;

/** What is asked of the process, but for who asks it. */
type Asked = Omit<Extract<LineRequest, { kind: 'ask' }>, 'kind' | 'id'>;

/** What a handle is of. */
interface Hosted extends Pick<Asked, 'name' | 'as' | 'budgetMs'> {
  readonly description: unknown;
}

interface Question {
  readonly name: string;
  readonly settle: (answer: Answer, cost: RemoteCost) => void;
}

/**
 * What one source sees of the heavy process that all sources share: stages and recognisers that abstain when they
 * cannot be asked.
 */
export class HeavyLine {
  readonly #options: HeavyLineOptions;
  readonly #questions = new Map<number, Question>();
  readonly #loaded = new Set<string>();
  #asked = 0;
  #closed = false;

  constructor(options: HeavyLineOptions) {
    this.#options = options;
  }

  /**
   * A stage that lives in the process, shared by the sources that describe it alike; the child's factory
   * understands the serialisable `description`. `budgetMs` holds once it is begun.
   * @param as what tells it from another of this name that is described otherwise; a second one takes its place
   */
  stage(name: string, budgetMs: number, description: unknown, as = name): Stage {
    return new RemoteStage(this.#handle('stage', { name, as, budgetMs, description }));
  }

  /** A streaming stage that lives in the process; see {@link RemoteStream}. */
  stream(name: string, budgetMs: number, description: unknown, as = name): Stage {
    return new RemoteStream(this.#handle('stream', { name, as, budgetMs, description }));
  }

  /** A recogniser that lives in the process, as {@link stage}. */
  recogniser(name: string, budgetMs: number, description: unknown, as = name): Recogniser {
    return new RemoteRecogniser(this.#handle('recogniser', { name, as, budgetMs, description }));
  }

  /** Gives the process's memory back now. */
  shed(): void {
    this.#send({ kind: 'shed' });
  }

  /** Takes what came over the line. */
  receive(reply: LineReply): void {
    switch (reply.kind) {
      case 'loaded':
        this.#loaded.add(reply.as);
        return;
      case 'asleep':
        this.#loaded.clear();
        return;
      case 'answer':
        this.#questions.get(reply.id)?.settle(reply.answer, reply);
        return;
      case 'health':
        this.#options.onHealth(reply.health);
        return;
      default:
        reply satisfies never;
    }
  }

  /** What is asked goes over the line again. */
  reopen(): void {
    this.#closed = false;
  }

  /** Nothing goes over the line any more: what is asked, and will be until it is opened again, abstains. */
  close(): void {
    this.#closed = true;
    this.#loaded.clear();
    for (const { name, settle } of [...this.#questions.values()])
      settle(abstain(name, 'STAGE_UNAVAILABLE'), { cpuMs: 0, memoryMb: null });
  }

  #handle(role: HeavyRole, { name, as, budgetMs, description }: Hosted): HeavyHandle {
    const load = (): void => this.#send({ kind: 'load', name, as, description, role });
    const { wakeMs, waitMs } = this.#options;
    return {
      name,
      ownBudgetMs: budgetMs,
      waitMs: () => waitMs + (this.#loaded.has(as) ? 0 : wakeMs),
      prepare: load,
      ask: (window, fresh, signal, onCost) => {
        if (!this.#loaded.has(as)) load();
        const limitMs = role === 'stream' ? Math.max(budgetMs, STREAM_LIMIT_MS) : budgetMs;
        return this.#ask({ name, as, budgetMs: limitMs, window, fresh }, signal, onCost);
      },
    };
  }

  #ask(question: Asked, signal: AbortSignal, onCost: (cost: RemoteCost) => void): Promise<Answer> {
    const { name } = question;
    if (this.#closed) return Promise.resolve(abstain(name, 'STAGE_UNAVAILABLE'));
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      const onAbort = (): void => this.#send({ kind: 'abandon', id });
      const settle = (answer: Answer, cost: RemoteCost): void => {
        signal.removeEventListener('abort', onAbort);
        this.#questions.delete(id);
        onCost(cost);
        resolve(answer);
      };
      this.#questions.set(id, { name, settle });
      signal.addEventListener('abort', onAbort, { once: true });
      this.#send({ kind: 'ask', id, ...question });
    });
  }

  #send(request: LineRequest): void {
    if (!this.#closed) this.#options.send(request);
  }
}

function abstain(stage: string, code: ErrorCode): Abstention {
  return { kind: 'abstain', stage, code };
}
