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
  /** Told how the process is, and what of the source's own cannot be loaded. */
  readonly onHealth: (health: Health) => void;
}

/** Who asks over a source's line beside its own cascade, and may name its stages alike. */
export interface Beside {
  /** What its stages are called after their names. */
  readonly mark: string;
  /** Told what of its own cannot be loaded. */
  readonly onHealth: (health: Health) => void;
}

/** A stream that is late abstains and is let be; one that works on a single hop for this long hangs. */
const STREAM_LIMIT_MS = 5000;

/** What is asked of the process, not numbered yet. */
type Asked = EachWithout<LineQuestion, 'id'>;

/** What a handle is of. */
interface Hosted extends Pick<LineQuestion, 'name' | 'budgetMs'> {
  readonly description: unknown;
}

const OK: Health = { state: 'ok', code: 'OK', detail: 'answers' };
/** The mark of the source's own cascade. */
const OWN = '';

/** Somebody who asks, and what was told last. */
interface Party {
  readonly onHealth: (health: Health) => void;
  told: Health;
}

/** What cannot be loaded, and whose it is, by the mark. */
interface Unloadable {
  readonly mark: string;
  readonly health: Health;
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
  /** By the mark: the source's own cascade, which has none, and who asks beside it. */
  readonly #parties = new Map<string, Party>();
  /** By what is asked for: the mark of who does. */
  readonly #marks = new Map<string, string>();
  readonly #unloadable = new Map<string, Unloadable>();
  #process: Health = OK;
  #asked = 0;
  #closed = false;

  constructor(options: HeavyLineOptions) {
    this.#options = options;
    this.#parties.set(OWN, { onHealth: options.onHealth, told: OK });
  }

  /**
   * A stage that lives in the process, shared by the sources that describe it alike; the child's factory
   * understands the serialisable `description`. `budgetMs` holds once it is begun. A second one of this name takes its
   * place.
   * @param beside who asks, where that is not the source's own cascade
   */
  stage(name: string, budgetMs: number, description: unknown, beside?: Beside): Stage {
    return new RemoteStage(this.#handle('stage', { name, budgetMs, description }, beside));
  }

  /** A streaming stage that lives in the process; see {@link RemoteStream}. */
  stream(name: string, budgetMs: number, description: unknown, beside?: Beside): Stage {
    return new RemoteStream(this.#handle('stream', { name, budgetMs, description }, beside));
  }

  /** A recogniser that lives in the process, as {@link stage}. */
  recogniser(name: string, budgetMs: number, description: unknown, beside?: Beside): Recogniser {
    return new RemoteRecogniser(this.#handle('recogniser', { name, budgetMs, description }, beside));
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
        this.#unloadable.delete(reply.as);
        this.#tell(this.#markOf(reply.as));
        return;
      case 'unloadable': {
        const { as, code, detail } = reply;
        this.#unloadable.set(as, { mark: this.#markOf(as), health: { state: 'degraded', code, detail } });
        this.#tell(this.#markOf(as));
        return;
      }
      case 'asleep':
        this.#loaded.clear();
        return;
      case 'answer':
      case 'word-end':
        this.#questions.get(reply.id)?.(reply);
        return;
      case 'health':
        this.#process = reply.health;
        this.#tell(OWN);
        return;
      default:
        reply satisfies never;
    }
  }

  /** What is asked goes over the line again. */
  reopen(): void {
    this.#process = OK;
    this.#closed = false;
  }

  /** Nothing goes over the line any more: what is asked, and will be until it is opened again, abstains. */
  close(): void {
    this.#closed = true;
    this.#loaded.clear();
    for (const settle of [...this.#questions.values()]) settle(null);
  }

  #markOf(as: string): string {
    return this.#marks.get(as) ?? OWN;
  }

  /** Tells how what somebody asks is, where that has changed: as the process, or as what of it cannot be loaded. */
  #tell(mark: string): void {
    const party = this.#parties.get(mark);
    const broken = [...this.#unloadable.values()].find((each) => each.mark === mark);
    const health = mark === OWN && this.#process.state !== 'ok' ? this.#process : (broken?.health ?? OK);
    if (party === undefined || (party.told.state === health.state && party.told.code === health.code)) return;
    party.told = health;
    party.onHealth(health);
  }

  #handle(role: HeavyRole, { name, budgetMs, description }: Hosted, beside?: Beside): HeavyHandle {
    const { mark, onHealth } = beside ?? { mark: OWN, onHealth: this.#options.onHealth };
    const as = `${name}${mark}`;
    this.#marks.set(as, mark);
    // What was told of another that was called so is not known of this one.
    this.#unloadable.delete(as);
    if (this.#parties.get(mark)?.onHealth !== onHealth) this.#parties.set(mark, { onHealth, told: OK });
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
