import type { Timer } from '../clock.js';
import { CatnapError, codeOf, type ErrorCode } from '../errors.js';
import type { Health, News } from '../events/health.js';
import type { Meter, StageMeter } from '../metering/meter.js';
import type { SignalTraits } from '../signal/frame.js';
import type { Abstention, Decision, Recogniser, Recognition, Stage, Window } from './stage.js';

/** Bad outputs in a row that take a stage down. */
const BAD_IN_A_ROW = 3;

/** Told when a stage goes down or comes back. */
export type HealthListener = (stage: string, health: Health) => void;

/**
 * Stands between the cascade and a stage, so that no stage can throw into it, hang it, or feed it NaN.
 * A bad output is an abstention and resets the stage; three in a row take it down until {@link retry}.
 */
export class StageGuard {
  readonly name: string;
  readonly meter: StageMeter;
  /** True while the stage is not asked. */
  down = false;
  readonly #never = new AbortController().signal;
  #bad = 0;
  #described = false;
  #refused: ErrorCode | null = null;
  #reportedDown = false;

  constructor(
    readonly stage: Stage,
    role: string,
    readonly clock: Meter,
    readonly timer: Timer,
    readonly health: HealthListener,
  ) {
    this.name = stage.name;
    this.meter = clock.stage(role);
  }

  /**
   * Tells the stage what the signal is. A stage that refuses its first signal is a mistake to be put right; one
   * that refuses a later one abstains until the signal is what it was.
   * @throws CatnapError what the stage throws at its first signal.
   */
  describe(format: SignalTraits): void {
    const first = !this.#described;
    this.#described = true;
    try {
      this.stage.describe?.(format);
      if (this.#refused !== null)
        this.health(this.name, { state: 'ok', code: 'OK', detail: 'knows the signal again' });
      this.#refused = null;
    } catch (error) {
      if (first || !(error instanceof CatnapError)) throw error;
      this.#refused = error.code;
      this.health(this.name, { state: 'down', code: error.code, detail: error.message });
    }
  }

  /** Asks a stage that answers at once, or nearly; allocates nothing of its own when it answers at once. */
  decide(window: Window): Decision | Promise<Decision> {
    if (this.#refused !== null) return abstain(this.name, this.#refused);
    const startMs = this.clock.nowMs();
    try {
      const decision = this.stage.decide(window, this.#never);
      const news = this.stage.news?.();
      if (news) this.#pass(news);
      if (decision instanceof Promise) return this.#later(decision, startMs);
      return this.#counted(this.#checked(decision), startMs);
    } catch (error) {
      return this.#counted(this.#failed(error), startMs);
    }
  }

  #pass({ condition, ...health }: News): void {
    this.health(condition === undefined ? this.name : `${this.name}-${condition}`, health);
  }

  /** Asks a stage that may take long: past its budget the decision is abandoned. */
  async decideWithin(window: Window): Promise<Decision> {
    const { stage, timer } = this;
    const startMs = this.clock.nowMs();
    const decision = this.#checked(
      await within(
        stage.budgetMs,
        timer,
        async (signal) => stage.decide(window, signal),
        (code, detail) => abstain(this.name, code, detail),
      ),
    );
    book(stage, decision.kind, startMs, this.meter, this.clock);
    return decision;
  }

  /** As {@link Stage.endOf}, within the stage's budget; null also where it fails, is late, or is never to be asked. */
  async endWithin(window: Window, label: string): Promise<number | null> {
    const { stage, timer } = this;
    if (stage.endOf === undefined) return null;
    const startMs = this.clock.nowMs();
    const endSample = await within(
      stage.budgetMs,
      timer,
      async (signal) => stage.endOf?.(window, label, signal) ?? null,
      () => null,
    );
    const cpuMs = stage.remoteCpuMs?.();
    this.meter.recordMore(cpuMs === undefined ? { startMs } : { cpuMs });
    return Number.isFinite(endSample) ? endSample : null;
  }

  /** Gives a stage that is down another chance; one more bad output takes it down again. */
  retry(): void {
    if (!this.down) return;
    this.down = false;
    this.#bad = BAD_IN_A_ROW - 1;
  }

  reset(): void {
    this.stage.reset();
  }

  /** As {@link Stage.confirmed}. */
  confirmed(label: string, samples: number): void {
    this.#tell(() => this.stage.confirmed?.(label, samples));
  }

  /** As {@link Stage.ended}. */
  ended(): void {
    this.#tell(() => this.stage.ended?.());
  }

  /** As {@link Stage.summarise}; null where the stage says nothing. */
  summarise(window: Window): unknown {
    return this.#tell(() => this.stage.summarise?.(window)) ?? null;
  }

  #tell<T>(call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  async #later(decision: Promise<Decision>, startMs: number): Promise<Decision> {
    try {
      return this.#counted(this.#checked(await decision), startMs);
    } catch (error) {
      return this.#counted(this.#failed(error), startMs);
    }
  }

  #counted(decision: Decision, startMs: number): Decision {
    this.meter.record(decision.kind, startMs);
    return decision;
  }

  #checked(decision: Decision): Decision {
    if (decision.kind === 'abstain') {
      if (decision.code === 'MODEL_OUTPUT') this.#count(decision.code);
      return decision;
    }
    if (Number.isFinite(decision.score) && Number.isFinite(decision.confidence)) {
      if (this.#reportedDown)
        this.health(this.name, { state: 'ok', code: 'OK', detail: 'gives numbers again' });
      this.#reportedDown = false;
      this.#bad = 0;
      return decision;
    }
    this.#count('MODEL_OUTPUT');
    return abstain(this.name, 'MODEL_OUTPUT');
  }

  #failed(error: unknown): Abstention {
    const code = codeOf(error, 'STAGE_CRASHED');
    this.#count(code);
    return abstain(this.name, code);
  }

  #count(code: ErrorCode): void {
    this.stage.reset();
    this.#bad += 1;
    if (this.#bad < BAD_IN_A_ROW || this.down) return;
    this.down = true;
    const detail = `${BAD_IN_A_ROW} bad outputs in a row`;
    if (!this.#reportedDown) this.health(this.name, { state: 'down', code, detail });
    this.#reportedDown = true;
  }
}

/** How a recognition counts among a stage's decisions. */
const RECOGNITION_KINDS = { transcript: 'accept', empty: 'reject', abstain: 'abstain' } as const;

/** Asks a recogniser within its budget; it abstains rather than fails. */
export async function recogniseWithin(
  recogniser: Recogniser,
  window: Window,
  meter: Meter,
  timer: Timer,
): Promise<Recognition> {
  const startMs = meter.nowMs();
  const recognition = numbered(
    await within(
      recogniser.budgetMs,
      timer,
      (signal) => recogniser.recognise(window, signal),
      (code, detail): Recognition => abstain(recogniser.name, code, detail),
    ),
  );
  book(recogniser, RECOGNITION_KINDS[recognition.kind], startMs, meter.stage('recogniser'), meter);
  return recognition;
}

/** Counts a decision with its cost: of this thread, or of the process that says what it took there. */
function book(
  asked: Pick<Stage, 'remoteCpuMs' | 'remoteMemoryMb'>,
  kind: Decision['kind'],
  startMs: number,
  stage: StageMeter,
  clock: Meter,
): void {
  const cpuMs = asked.remoteCpuMs?.();
  if (cpuMs === undefined) stage.record(kind, startMs);
  else stage.recordWork(kind, clock.nowMs() - startMs, cpuMs, asked.remoteMemoryMb?.() ?? null);
}

function abstain(stage: string, code: ErrorCode, detail?: string): Abstention {
  return { kind: 'abstain', stage, code, ...(detail === undefined ? {} : { detail }) };
}

/** Words whose confidence is no number are believed by no rule, and would not be read again from a disk. */
function numbered(recognition: Recognition): Recognition {
  if (recognition.kind !== 'transcript' || Number.isFinite(recognition.confidence)) return recognition;
  return abstain(recognition.stage, 'MODEL_OUTPUT');
}

/** Runs `work` for at most `budgetMs`; what fails or is late becomes `otherwise`. */
async function within<T>(
  budgetMs: number,
  timer: Timer,
  work: (signal: AbortSignal) => Promise<T>,
  otherwise: (code: ErrorCode, detail?: string) => T,
): Promise<T> {
  const controller = new AbortController();
  let cancel = () => {};
  const late = new Promise<T>((resolve) => {
    cancel = timer(budgetMs, () => {
      controller.abort();
      resolve(otherwise('STAGE_TIMEOUT'));
    });
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } catch (error) {
    return otherwise(codeOf(error, 'STAGE_CRASHED'), error instanceof Error ? error.message : undefined);
  } finally {
    cancel();
  }
}
