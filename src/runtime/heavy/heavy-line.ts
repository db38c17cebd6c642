import type { Abstention, Recogniser, Stage } from '../../core/cascade/stage.js';
import type { ErrorCode } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type {
  EachWithout,
  HeavyAnswer,
  HeavyRole,
  LineQuestion,
  LineReply,
  LineRequest,
  RemoteCost,
} from './heavy-protocol.js';
import { type HeavyHandle, RemoteRecogniser, RemoteStage, RemoteStream } from './heavy-remote.js';

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

/** What is asked of the process, not numbered yet. */
type Asked = EachWithout<LineQuestion, 'id'>;

/** What a handle is of. */
interface Hosted extends Pick<LineQuestion, 'name' | 'as' | 'budgetMs'> {
  readonly description: unknown;
}

/**
 * What one source sees of the heavy process that all sources share: stages and recognisers that abstain when they
 * cannot be asked.
 */
export class HeavyLine {
  readonly #options: HeavyLineOptions;
  /** By their number, whom to tell the answer to; null: it is not to be had. */
  readonly #questions = new Map<number, (answer: HeavyAnswer | null) => void>();
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
      case 'word-end':
        this.#questions.get(reply.id)?.(reply);
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
    for (const settle of [...this.#questions.values()]) settle(null);
  }

  #handle(role: HeavyRole, { name, as, budgetMs, description }: Hosted): HeavyHandle {
    const load = (): void => this.#send({ kind: 'load', name, as, description, role });
    const { wakeMs, waitMs } = this.#options;
    const limitMs = role === 'stream' ? Math.max(budgetMs, STREAM_LIMIT_MS) : budgetMs;
    const asked = { name, as, budgetMs: limitMs };
    const loaded = (): void => {
      if (!this.#loaded.has(as)) load();
    };
    return {
      name,
      ownBudgetMs: budgetMs,
      waitMs: () => waitMs + (this.#loaded.has(as) ? 0 : wakeMs),
      prepare: load,
      ask: async (window, fresh, signal, onCost) => {
        loaded();
        const answer = await this.#ask({ kind: 'ask', ...asked, window, fresh }, signal, onCost);
        return answer?.kind === 'answer' ? answer.answer : abstain(name, 'STAGE_UNAVAILABLE');
      },
      askEnd: async (window, label, signal, onCost) => {
        loaded();
        const answer = await this.#ask({ kind: 'ask-end', ...asked, window, label }, signal, onCost);
        return answer?.kind === 'word-end' ? answer.endSample : null;
      },
    };
  }

  #ask(
    question: Asked,
    signal: AbortSignal,
    onCost: (cost: RemoteCost) => void,
  ): Promise<HeavyAnswer | null> {
    if (this.#closed) return Promise.resolve(null);
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      const onAbort = (): void => this.#send({ kind: 'abandon', id });
      this.#questions.set(id, (answer) => {
        signal.removeEventListener('abort', onAbort);
        this.#questions.delete(id);
        if (answer !== null) onCost(answer);
        resolve(answer);
      });
      signal.addEventListener('abort', onAbort, { once: true });
      this.#send({ ...question, id });
    });
  }

  #send(request: LineRequest): void {
    if (!this.#closed) this.#options.send(request);
  }
}

function abstain(stage: string, code: ErrorCode): Abstention {
  return { kind: 'abstain', stage, code };
}
