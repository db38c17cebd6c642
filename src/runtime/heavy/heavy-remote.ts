import type {
  Abstention,
  Decision,
  Recogniser,
  Recognition,
  Stage,
  Window,
} from '../../core/cascade/stage.js';
import type { RemoteCost } from './heavy-protocol.js';

/** What a heavy process answers. */
export type Answer = Decision | Recognition;

/** One stage or recogniser of a heavy process, as whoever asks it sees it. */
export interface HeavyHandle {
  readonly name: string;
  /** Its budget once it is begun. */
  readonly ownBudgetMs: number;
  /** What may go by before: other questions, and starting and loading where it is not loaded. */
  waitMs(): number;
  /** Wakes the process and loads it, ahead of the first question. */
  prepare(): void;
  /** `fresh`: it was reset since it was last asked. `onCost` is told what the answer cost. */
  ask(
    window: Window,
    fresh: boolean,
    signal: AbortSignal,
    onCost: (cost: RemoteCost) => void,
  ): Promise<Answer>;
  /** As {@link Stage.endOf}; null also where that could not be asked. */
  askEnd(
    window: Window,
    label: string,
    signal: AbortSignal,
    onCost: (cost: RemoteCost) => void,
  ): Promise<number | null>;
}

const FREE: RemoteCost = { cpuMs: 0, memoryMb: null };

abstract class Remote {
  readonly name: string;
  #cost: RemoteCost = FREE;
  readonly #book = (cost: RemoteCost): void => {
    this.#cost = cost;
  };

  constructor(protected readonly handle: HeavyHandle) {
    this.name = handle.name;
  }

  get budgetMs(): number {
    return this.handle.ownBudgetMs + this.handle.waitMs();
  }

  prepare(): void {
    this.handle.prepare();
  }

  remoteCpuMs(): number {
    return this.#cost.cpuMs;
  }

  remoteMemoryMb(): number | null {
    return this.#cost.memoryMb;
  }

  /** The process holds everything and is disposed of as a whole. */
  async dispose(): Promise<void> {}

  protected ask(window: Window, fresh: boolean, signal: AbortSignal): Promise<Answer> {
    this.#cost = FREE;
    return this.handle.ask(window, fresh, signal, this.#book);
  }

  protected askEnd(window: Window, label: string, signal: AbortSignal): Promise<number | null> {
    this.#cost = FREE;
    return this.handle.askEnd(window, label, signal, this.#book);
  }

  protected abstain(code: Abstention['code']): Abstention {
    return { kind: 'abstain', stage: this.name, code };
  }
}

/** A stage of a heavy process: past its budget the process is killed, for inference cannot be interrupted. */
export class RemoteStage extends Remote implements Stage {
  #fresh = true;

  async decide(window: Window, signal: AbortSignal): Promise<Decision> {
    const asked = this.ask(window, this.#fresh, signal);
    this.#fresh = false;
    const answer = await asked;
    return isDecision(answer) ? answer : this.abstain('STAGE_CRASHED');
  }

  /** Asked also of a stage that cannot tell: only the process knows. */
  endOf(window: Window, label: string, signal: AbortSignal): Promise<number | null> {
    return this.askEnd(window, label, signal);
  }

  /** Told with the next question: a process that sleeps has nothing to forget. */
  reset(): void {
    this.#fresh = true;
  }
}

/**
 * A streaming stage of a heavy process, asked hop by hop while others load there. It is no reason to kill the
 * process: past its budget it abstains, and goes on abstaining until the answer came after all.
 */
export class RemoteStream extends RemoteStage {
  readonly #patient = new AbortController().signal;
  #waiting = false;

  override get budgetMs(): number {
    return this.handle.ownBudgetMs;
  }

  override async decide(window: Window): Promise<Decision> {
    if (this.#waiting) return this.abstain('STAGE_TIMEOUT');
    this.#waiting = true;
    try {
      return await super.decide(window, this.#patient);
    } finally {
      this.#waiting = false;
    }
  }
}

/** A recogniser of a heavy process, killed past its budget as {@link RemoteStage}. */
export class RemoteRecogniser extends Remote implements Recogniser {
  async recognise(window: Window, signal: AbortSignal): Promise<Recognition> {
    const answer = await this.ask(window, true, signal);
    return isRecognition(answer) ? answer : this.abstain('STAGE_CRASHED');
  }
}

function isRecognition(answer: Answer): answer is Recognition {
  return answer.kind === 'transcript' || answer.kind === 'empty' || answer.kind === 'abstain';
}

function isDecision(answer: Answer): answer is Decision {
  return answer.kind !== 'transcript' && answer.kind !== 'empty';
}
